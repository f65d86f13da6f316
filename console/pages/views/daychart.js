// Today by half hour: answered and abandoned as columns, the answer rate as a line.
import { t } from "../i18n.js";
import { hourMinute } from "../format.js";

const HALF_HOUR = 1800;

/** The day's half hours from the first call to the last, with those in between in which nobody called. */
function filled(today) {
  const known = new Map(today.buckets.map((bucket) => [bucket.start_at, bucket]));
  const starts = [...known.keys()].sort((a, b) => a - b);
  const rows = [];
  const first = Math.min(starts[0], today.day_start_at + 8 * 3600);
  const last = Math.max(starts.at(-1), today.day_start_at + 17.5 * 3600);
  for (let at = first; at <= last + 1; at += HALF_HOUR) rows.push(known.get(at) ?? { start_at: at, offered: 0, answered: 0, abandoned: 0, answer_rate: null });
  return rows;
}

export function dayChart(today) {
  const rows = filled(today);
  return {
    animation: false,
    color: ["#7fb2e5", "#e5a08a", "#1d6b52"],
    grid: { left: 36, right: 44, top: 30, bottom: 24 },
    legend: { top: 0, right: 8, itemHeight: 9, itemWidth: 14, textStyle: { color: "#4b5a6b" } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: rows.map((row) => hourMinute(row.start_at)), axisTick: { show: false }, axisLabel: { color: "#5b6877" } },
    yAxis: [
      { type: "value", minInterval: 1, splitLine: { lineStyle: { color: "#eaeef3" } }, axisLabel: { color: "#5b6877" } },
      { type: "value", min: 0, max: 100, splitLine: { show: false }, axisLabel: { formatter: "{value}%", color: "#5b6877" } },
    ],
    series: [
      { name: t("answered"), type: "bar", stack: "calls", barMaxWidth: 26, data: rows.map((row) => row.answered) },
      { name: t("abandoned"), type: "bar", stack: "calls", barMaxWidth: 26, data: rows.map((row) => row.abandoned) },
      {
        name: t("answer_rate"), type: "line", yAxisIndex: 1, symbolSize: 6, connectNulls: false,
        data: rows.map((row) => (row.answer_rate == null ? null : Number((row.answer_rate * 100).toFixed(1)))),
        tooltip: { valueFormatter: (value) => (value == null ? "—" : `${value}%`) },
      },
    ],
  };
}
