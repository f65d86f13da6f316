// The queue report: every figure with its formula; a click on a count opens the calls behind it.
import { ElCheckbox, ElOption, ElRadioButton, ElRadioGroup, ElSelect, ElTooltip, html, model, onMounted, reactive, watch } from "../lib.js";
import { get, query, queueTitle, session } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { dayOf, figureTime, percent, phone, wall } from "../format.js";
import { go } from "../route.js";
import { Chart } from "./chart.js";
import { Dispositions } from "./dispositions.js";
import { Probes } from "./probes.js";
import { Ratings } from "./ratings.js";
import { rateChart, trimmed, waitChart } from "./charts.js";
import { bucketTime, dayChoice, downloads, reportTabs, spanOf, today } from "./period.js";
import { HEAT_FIGURES, heatChart, weekHour, weekHourName } from "./heat.js";
import { Told } from "./told.js";

const COUNTS = ["offered", "answered", "abandoned", "overflowed", "called_back", "left_by_key", "waiting"];
const RATES = ["answer_rate", "service_level_a", "service_level_b", "service_level_c", "service_level_d"];
const WAITS = ["asa_s", "answered_p50_s", "answered_p80_s", "answered_p90_s", "answered_p95_s", "answered_max_s"];
// Short headings, so that the whole table fits; the full title stands in the tooltip with the formula.
const SHORT = new Set([...RATES.slice(1), ...WAITS, "called_back", "left_by_key"]);
const BUCKETS = ["half_hour", "hour", "day", "week", "month", "week_hour", "total"];
/** Where a difference is shown in points of percent, the others in percent of what was. */
const SHARES = new Set(RATES);

export const ReportsView = {
  setup() {
    const asked = reactive({ days: [today(), today()], bucket: "half_hour", queue: "", by: "queue", compare: false });
    const state = reactive({ report: null, fault: "", heat: "offered" });
    let count = 0;

    const period = () => ({ ...spanOf(asked.days), bucket: asked.bucket, queue: asked.queue, by: asked.by, compare: asked.compare || "" });
    async function load() {
      const mine = (count += 1);
      try {
        const report = await get(`/reports/queues${query(period())}`);
        if (mine === count) Object.assign(state, { report, fault: "" });
      } catch (problem) {
        if (mine === count) Object.assign(state, { report: null, fault: problem.message });
      }
    }
    onMounted(load);
    watch(asked, load);

    const heading = (name) => {
      const formula = state.report.formulas[name];
      const words = `${titleOf(formula)}: ${formulaOf(formula)}`;
      return html`<th key=${name} class="num"><${ElTooltip} content=${words} placement="top"><span class="has-formula" tabindex="0">${SHORT.has(name) ? t(`short.${name}`) : titleOf(formula)}</span><//></th>`;
    };
    const when = (row) => {
      if (asked.bucket === "total") return t("total");
      if (weekHour(row.label) != null) return weekHourName(row.label);
      return bucketTime(asked.bucket, row, asked.days[0] !== asked.days[1]);
    };
    const open = (row, name) => go("calls", "", {
      behind: name, from: wall(row.start_at), to: wall(row.end_at), queue: row.queue, line: row.line, week_hour: weekHour(row.label) ?? "",
    });
    const byLine = () => state.report.by === "line";
    const nameOf = (row) => {
      if (byLine()) return row.line ? phone(row.line) : t("all.lines");
      return row.queue ? queueTitle(row.queue) : t("all.queues");
    };
    /** What has changed since the period before: +3.1 points, −12 %. */
    const change = (now, then, name) => {
      if (now == null || then == null || (!SHARES.has(name) && !then)) return "";
      const by = SHARES.has(name) ? (now - then) * 100 : (now / then - 1) * 100;
      return `${by < 0 ? "−" : "+"}${Math.abs(by).toFixed(SHARES.has(name) ? 1 : 0)}${SHARES.has(name) ? "" : "%"}`;
    };
    const figureOf = (row, name) => {
      if (COUNTS.includes(name)) return String(row.figures[name] ?? 0);
      return SHARES.has(name) ? percent(row.figures[name]) : figureTime(row.figures[name]);
    };
    const earlier = (report, row) => {
      const then = report.before.find((it) => it.queue === row.queue && it.line === row.line);
      if (!then) return "";
      const title = t("before.title", dayOf(then.start_at), dayOf(then.end_at - 1));
      return html`<tr key=${`before${row.queue}${row.line}`} class="before quiet">
        <td class="mono" title=${title}>${t("before")}</td><td>${nameOf(row)}</td>
        ${[...COUNTS, ...RATES, ...WAITS].map((name) => html`<td class="num mono" title=${title}>${figureOf(then, name)} <small>${change(row.figures[name], then.figures[name], name)}</small></td>`)}
      </tr>`;
    };
    const line = (row, kind = "") => html`<tr key=${`${kind}${row.label}${row.queue}${row.line}`} class=${kind}>
      <td class="mono">${kind ? t("total") : when(row)}</td>
      <td title=${row.threshold_s == null ? "" : t("report.threshold", row.threshold_s)}>${nameOf(row)}</td>
      ${COUNTS.map((name) => html`<td class="num mono">${row.figures[name] ? html`<button class="figure" title=${t("figure.open")} onClick=${() => open(row, name)}>${row.figures[name]}</button>` : html`<span class="quiet">0</span>`}</td>`)}
      ${RATES.map((name) => html`<td class=${`num mono ${name === "answer_rate" && row.figures[name] != null && row.figures[name] < session.directory.answer_rate_target ? "bad" : ""}`}>${percent(row.figures[name])}</td>`)}
      ${WAITS.map((name) => html`<td class="num mono">${figureTime(row.figures[name])}</td>`)}
    </tr>`;
    const table = (report) => html`<div class="scroll report-main"><table class="grid full report">
      <thead><tr><th>${t("time")}</th><th>${t(byLine() ? "line" : "queue")}</th>${COUNTS.map((name) => heading(name))}${RATES.map((name) => heading(name))}${WAITS.map((name) => heading(name))}</tr></thead>
      <tbody>${line(report.total, "sum all")}${earlier(report, report.total)}${report.totals.filter((row) => row.figures.offered).map((row) => [line(row, "sum"), earlier(report, row)])}${asked.bucket === "total" ? "" : report.rows.filter((row) => row.figures.offered).map((row) => line(row))}</tbody>
    </table></div>`;

    const rowOf = (spot, report) => report.all_queues.find((row) => weekHour(row.label) === spot.value[1] * 24 + spot.value[0]);
    const heat = (report) => html`<div class="heat">
      <h3>${t("chart.heat")} <${ElSelect} size="small" class="w-small" aria-label=${t("heat.figure")} ...${model(state, "heat")}>${HEAT_FIGURES.map((name) => html`<${ElOption} key=${name} value=${name} label=${titleOf(report.formulas[name])} />`)}<//></h3>
      <${Chart} key="heat" option=${heatChart(report, state.heat)} label=${t("chart.heat")} pick=${(spot) => open(rowOf(spot, report), state.heat)} />
    </div>`;
    const charts = (report) => html`<div class="charts">
      ${report.bucket === "week_hour" && heat(report)}
      ${report.bucket !== "total" && report.bucket !== "week_hour" && html`<div><h3>${t("chart.rate")}</h3><${Chart} option=${rateChart(trimmed(report.all_queues), when)} label=${t("chart.rate")} /></div>`}
      <div><h3>${t("chart.waits")}</h3><${Chart} option=${waitChart(report.histogram)} label=${t("chart.waits")} /></div>
    </div>`;

    return () => html`<div class="pages"><section class="card page">
      ${reportTabs("")}
      <div class="filters">
        ${dayChoice(asked)}
        <${ElRadioGroup} aria-label=${t("bucket")} ...${model(asked, "bucket")}>${BUCKETS.map((name) => html`<${ElRadioButton} key=${name} value=${name}>${t(`bucket.${name}`)}<//>`)}<//>
        <${ElRadioGroup} aria-label=${t("by")} ...${model(asked, "by")}>${["queue", "line"].map((name) => html`<${ElRadioButton} key=${name} value=${name}>${t(`by.${name}`)}<//>`)}<//>
        <${ElCheckbox} id="compare" ...${model(asked, "compare")}>${t("compare")}<//>
        <${ElSelect} clearable class="w-choice" placeholder=${t("all.queues")} aria-label=${t("queue")} modelValue=${asked.queue} onUpdate:modelValue=${(value) => { asked.queue = value ?? ""; }}>
          ${(session.directory?.queues ?? []).map((queue) => html`<${ElOption} key=${queue.id} value=${queue.id} label=${queue.title} />`)}<//>
        ${state.report && html`<span class="quiet">${state.report.threshold_s == null ? t("report.thresholds") : t("report.threshold", state.report.threshold_s)}</span>`}
        ${downloads("queues", period())}
      </div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && (state.report.total.figures.offered ? [charts(state.report), table(state.report), html`<${Told} from=${period().from} to=${period().to} queue=${asked.queue} />`] : html`<p class="empty">${t("empty.report")}</p>`)}
    </section>
    <${Dispositions} from=${period().from} to=${period().to} /><${Ratings} from=${period().from} to=${period().to} /><${Probes} /></div>`;
  },
};
