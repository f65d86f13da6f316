// The option of the heat map: the hours of the week, each with one figure over all weeks of the period.
import { t, titleOf } from "../i18n.js";
import { figureTime, percent } from "../format.js";

const INK = "#5b6877";
const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, "0"));
/** From few to many: the darkest is where to look. */
const COLOURS = ["#f3f7fb", "#bcd7ef", "#7fb2e5", "#3a7cbf", "#164f86"];
export const HEAT_FIGURES = ["offered", "abandoned", "answer_rate", "service_level_b", "asa_s"];

/** "1T09" → 9: the hour of the week, 0 for Mondays from 0 to 1. */
export function weekHour(label) {
  const found = /^([1-7])T(\d\d)$/.exec(label ?? "");
  return found ? (Number(found[1]) - 1) * 24 + Number(found[2]) : null;
}

/** 9 → "1T09". */
export const weekHourLabel = (number) => `${Math.floor(number / 24) + 1}T${HOURS[number % 24]}`;

export const weekHourName = (label) => `${t(`weekday.${label[0]}`)} ${label.slice(2)}:00`;

export function heatChart(report, figure) {
  const formula = report.formulas[figure];
  const shown = (value) => (formula.unit === "share" ? percent(value) : formula.unit === "s" ? figureTime(value) : String(value));
  const cells = report.all_queues
    .filter((row) => row.figures.offered > 0 && row.figures[figure] != null)
    .map((row) => [Number(row.label.slice(2)), Number(row.label[0]) - 1, row.figures[figure]]);
  const most = Math.max(0, ...cells.map((cell) => cell[2]));
  return weekHeat({
    name: titleOf(formula), cells, most: formula.unit === "share" ? 1 : most || 1,
    said: (value) => `${titleOf(formula)} ${shown(value[2])}`, tick: (value) => (formula.unit === "count" ? String(Math.round(value)) : shown(value)),
  });
}

/** The hours of the week as a map: `cells` of [hour, day from 0, value, …] on a scale up to `most`; `said` of a cell, `tick` of the scale. */
export function weekHeat({ name, cells, most, said, tick }) {
  return {
    animation: false,
    grid: { left: 48, right: 84, top: 8, bottom: 24 },
    tooltip: {
      renderMode: "richText",
      formatter: ({ value }) => `${t(`weekday.${value[1] + 1}`)} ${HOURS[value[0]]}:00 · ${said(value)}`,
    },
    xAxis: { type: "category", data: HOURS, axisTick: { show: false }, axisLabel: { color: INK }, splitArea: { show: true } },
    yAxis: { type: "category", inverse: true, data: [1, 2, 3, 4, 5, 6, 7].map((day) => t(`weekday.${day}`)), axisTick: { show: false }, axisLabel: { color: INK } },
    visualMap: {
      min: 0, max: most, calculable: true, orient: "vertical", right: 0, top: "middle", itemHeight: 110,
      inRange: { color: COLOURS }, textStyle: { color: INK }, formatter: tick,
    },
    series: [{ name, type: "heatmap", data: cells, itemStyle: { borderColor: "#fff", borderWidth: 1 } }],
  };
}
