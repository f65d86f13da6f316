// The curve of a model: the share of owners who still have it after so many years, in its 95 % interval.
import { t } from "../i18n.js";

const INK = "#5b6877";
const GRID = "#eaeef3";

const shown = (share) => `${(share * 100).toFixed(0)}%`;

export function tradeinChart(curve) {
  const { points } = curve;
  const band = (data, style) => ({ type: "line", step: "end", symbol: "none", silent: true, stack: "band", lineStyle: { opacity: 0 }, areaStyle: style, data, tooltip: { show: false } });
  return {
    animation: false,
    grid: { left: 48, right: 24, top: 20, bottom: 36 },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      formatter: ([first]) => {
        const point = points[first.dataIndex];
        return t("tradein.point", point.years, shown(point.still), shown(point.low), shown(point.high));
      },
    },
    xAxis: { type: "category", data: points.map((point) => point.years), axisTick: { show: false }, axisLabel: { color: INK, interval: 3 }, name: t("tradein.years"), nameLocation: "middle", nameGap: 24 },
    yAxis: { type: "value", min: 0, max: 1, axisLabel: { color: INK, formatter: shown }, splitLine: { lineStyle: { color: GRID } } },
    series: [
      band(points.map((point) => point.low), { opacity: 0 }),
      band(points.map((point) => point.high - point.low), { color: "#34699a", opacity: 0.18 }),
      { name: t("tradein.still"), type: "line", step: "end", symbol: "none", data: points.map((point) => point.still), lineStyle: { color: "#34699a" }, itemStyle: { color: "#34699a" } },
    ],
  };
}
