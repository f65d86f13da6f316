// The chart of a day's staffing: columns of calls with their 90 % interval in the tooltip, steps of agents.
import { titleOf } from "../i18n.js";

const INK = "#5b6877";
const GRID = "#eaeef3";
const AGENTS = [["needed", "solid", "#b3541e"], ["there", "solid", "#1d6b52"], ["usual", "dotted", "#5f9c86"]];

const tenth = (value) => (value == null ? null : Number(value.toFixed(1)));

export function staffingChart(slots, formulas) {
  const name = (key) => titleOf(formulas[key]);
  const known = (key) => slots.some((slot) => slot[key] != null);
  const bars = ["calls", "came"].filter(known);
  const steps = AGENTS.filter(([key]) => known(key));
  return {
    animation: false,
    color: ["#7fb2e5", "#34699a"],
    grid: { left: 36, right: 40, top: 28, bottom: 24 },
    legend: { top: 0, right: 8, itemHeight: 9, itemWidth: 14, textStyle: { color: INK } },
    tooltip: { trigger: "axis", renderMode: "richText" },
    xAxis: { type: "category", data: slots.map((slot) => slot.label), axisTick: { show: false }, axisLabel: { color: INK } },
    yAxis: [
      { type: "value", splitNumber: 4, splitLine: { lineStyle: { color: GRID } }, axisLabel: { color: INK } },
      { type: "value", min: 0, minInterval: 1, splitLine: { show: false }, axisLabel: { color: INK } },
    ],
    series: [
      ...bars.map((key) => ({
        name: name(key), type: "bar", barMaxWidth: 16,
        data: slots.map((slot) => tenth(slot[key])),
        tooltip: key === "calls" ? { valueFormatter: (value, index) => interval(value, slots[index]) } : {},
      })),
      ...steps.map(([key, type, color]) => ({
        name: name(key), type: "line", step: "middle", yAxisIndex: 1, symbolSize: 4, connectNulls: false,
        lineStyle: { type, color }, itemStyle: { color },
        data: slots.map((slot) => tenth(slot[key])),
      })),
    ],
  };
}

const interval = (value, slot) => (slot ? `${value} (${slot.low.toFixed(0)}–${slot.high.toFixed(0)})` : String(value));
