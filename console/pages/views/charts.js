// The options of the charts: answered and abandoned as columns with the answer rate as a line, and how long people waited.
import { t } from "../i18n.js";
import { hourMinute } from "../format.js";

const HALF_HOUR = 1800;
const INK = "#5b6877";
const GRID = "#eaeef3";

const busy = (row) => row.figures.offered > 0;

/** `rows` without those before the first and after the last in which someone called. */
export function trimmed(rows) {
  const first = rows.findIndex(busy);
  return first < 0 ? [] : rows.slice(first, rows.findLastIndex(busy) + 1);
}

/** The day's half hours from opening to closing, with those in which nobody called. */
function filled(today) {
  const known = new Map(today.buckets.filter(busy).map((bucket) => [bucket.start_at, bucket]));
  const starts = [...known.keys()].sort((a, b) => a - b);
  const rows = [];
  const first = Math.min(starts[0], today.day_start_at + 8 * 3600);
  const last = Math.max(starts.at(-1), today.day_start_at + 17.5 * 3600);
  for (let at = first; at <= last + 1; at += HALF_HOUR) rows.push(known.get(at) ?? { start_at: at, figures: {} });
  return rows;
}

export const dayChart = (today) => rateChart(filled(today), (row) => hourMinute(row.start_at));

/** `rows` with their figures; `label(row)` stands below. */
export function rateChart(rows, label) {
  const share = (value) => (value == null ? null : Number((value * 100).toFixed(1)));
  return {
    animation: false,
    color: ["#7fb2e5", "#e5a08a", "#1d6b52"],
    grid: { left: 36, right: 44, top: 28, bottom: 24 },
    legend: { top: 0, right: 8, itemHeight: 9, itemWidth: 14, textStyle: { color: INK } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: rows.map(label), axisTick: { show: false }, axisLabel: { color: INK } },
    yAxis: [
      { type: "value", minInterval: 1, splitNumber: 4, splitLine: { lineStyle: { color: GRID } }, axisLabel: { color: INK } },
      { type: "value", min: 0, max: 100, splitLine: { show: false }, axisLabel: { formatter: "{value}%", color: INK } },
    ],
    series: [
      { name: t("answered"), type: "bar", stack: "calls", barMaxWidth: 26, data: rows.map((row) => row.figures.answered ?? 0) },
      { name: t("abandoned"), type: "bar", stack: "calls", barMaxWidth: 26, data: rows.map((row) => row.figures.abandoned ?? 0) },
      {
        name: t("answer_rate"), type: "line", yAxisIndex: 1, symbolSize: 6, connectNulls: false,
        data: rows.map((row) => share(row.figures.answer_rate)),
        tooltip: { valueFormatter: (value) => (value == null ? "—" : `${value}%`) },
      },
    ],
  };
}

export function waitChart(bins) {
  return {
    animation: false,
    color: ["#7fb2e5", "#e5a08a"],
    grid: { left: 36, right: 12, top: 28, bottom: 24 },
    legend: { top: 0, right: 8, itemHeight: 9, itemWidth: 14, textStyle: { color: INK } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: bins.map((bin) => (bin.to_s == null ? `≥${bin.from_s}` : `${bin.from_s}–${bin.to_s}`)), axisTick: { show: false }, axisLabel: { color: INK } },
    yAxis: { type: "value", minInterval: 1, splitNumber: 4, splitLine: { lineStyle: { color: GRID } }, axisLabel: { color: INK } },
    series: [
      { name: t("answered"), type: "bar", stack: "calls", barMaxWidth: 30, data: bins.map((bin) => bin.answered) },
      { name: t("abandoned"), type: "bar", stack: "calls", barMaxWidth: 30, data: bins.map((bin) => bin.abandoned) },
    ],
  };
}
