// The queue report: every figure with its formula; a click on a count opens the calls behind it.
import { ElDatePicker, ElOption, ElRadioButton, ElRadioGroup, ElSelect, ElTooltip, html, model, onMounted, reactive, watch } from "../lib.js";
import { get, query, queueTitle, session } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { dayOf, hourMinute, length, percent, wall } from "../format.js";
import { serverNow } from "../live.js";
import { go } from "../route.js";
import { Chart } from "./chart.js";
import { rateChart, trimmed, waitChart } from "./charts.js";

const COUNTS = ["offered", "answered", "abandoned", "overflowed", "left_by_key", "waiting"];
const RATES = ["answer_rate", "service_level_a", "service_level_b", "service_level_c", "service_level_d"];
const WAITS = ["asa_s", "answered_p50_s", "answered_p80_s", "answered_p90_s", "answered_p95_s", "answered_max_s"];
// Short headings, so that the whole table fits; the full title stands in the tooltip with the formula.
const SHORT = new Set([...RATES.slice(1), ...WAITS, "left_by_key"]);
const DAY = 86400;

export const ReportsView = {
  setup() {
    const today = () => dayOf(serverNow());
    const asked = reactive({ days: [today(), today()], bucket: "half_hour", queue: "" });
    const state = reactive({ report: null, fault: "" });
    let count = 0;

    const period = () => {
      const [first, last] = asked.days;
      const after = new Date(new Date(`${last}T00:00:00Z`).getTime() + DAY * 1000);
      return { from: first, to: after.toISOString().slice(0, 10), bucket: asked.bucket, queue: asked.queue };
    };
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

    const days = (back, until = 0) => {
      const now = serverNow();
      asked.days = [dayOf(now - back * DAY), dayOf(now - until * DAY)];
    };
    const shortcuts = () => [["quick_today", 0, 0], ["quick_yesterday", 1, 1], ["quick_week", 6, 0]].map(
      ([name, back, until]) => html`<button class="plain" key=${name} onClick=${() => days(back, until)}>${t(name)}</button>`,
    );
    const heading = (name) => {
      const formula = state.report.formulas[name];
      const words = `${titleOf(formula)}: ${formulaOf(formula)}`;
      return html`<th key=${name} class="num"><${ElTooltip} content=${words} placement="top"><span class="has-formula" tabindex="0">${SHORT.has(name) ? t(`short.${name}`) : titleOf(formula)}</span><//></th>`;
    };
    const when = (row) => {
      if (asked.bucket === "total") return t("total");
      if (asked.bucket === "day") return dayOf(row.start_at);
      const several = asked.days[0] !== asked.days[1];
      return `${several ? `${dayOf(row.start_at).slice(5)} ` : ""}${hourMinute(row.start_at)}–${hourMinute(row.end_at)}`;
    };
    const open = (row, name) => go("calls", "", { behind: name, from: wall(row.start_at), to: wall(row.end_at), queue: row.queue });
    const line = (row, kind = "") => html`<tr key=${`${kind}${row.start_at}${row.queue}`} class=${kind}>
      <td class="mono">${kind ? t("total") : when(row)}</td>
      <td title=${row.threshold_s == null ? "" : t("report.threshold", row.threshold_s)}>${row.queue ? queueTitle(row.queue) : t("all.queues")}</td>
      ${COUNTS.map((name) => html`<td class="num mono">${row.figures[name] ? html`<button class="figure" title=${t("figure.open")} onClick=${() => open(row, name)}>${row.figures[name]}</button>` : html`<span class="quiet">0</span>`}</td>`)}
      ${RATES.map((name) => html`<td class=${`num mono ${name === "answer_rate" && row.figures[name] != null && row.figures[name] < session.directory.answer_rate_target ? "bad" : ""}`}>${percent(row.figures[name])}</td>`)}
      ${WAITS.map((name) => html`<td class="num mono">${length(row.figures[name]) || "—"}</td>`)}
    </tr>`;
    const table = (report) => html`<div class="scroll"><table class="grid full report">
      <thead><tr><th>${t("time")}</th><th>${t("queue")}</th>${COUNTS.map((name) => heading(name))}${RATES.map((name) => heading(name))}${WAITS.map((name) => heading(name))}</tr></thead>
      <tbody>${line(report.total, "sum all")}${report.totals.filter((row) => row.figures.offered).map((row) => line(row, "sum"))}${asked.bucket === "total" ? "" : report.rows.filter((row) => row.figures.offered).map((row) => line(row))}</tbody>
    </table></div>`;

    const charts = (report) => html`<div class="charts">
      ${asked.bucket !== "total" && html`<div><h3>${t("chart.rate")}</h3><${Chart} option=${rateChart(trimmed(report.all_queues), when)} label=${t("chart.rate")} /></div>`}
      <div><h3>${t("chart.waits")}</h3><${Chart} option=${waitChart(report.histogram)} label=${t("chart.waits")} /></div>
    </div>`;

    return () => html`<section class="card page">
      <div class="filters">
        <${ElDatePicker} class="w-range" type="daterange" valueFormat="YYYY-MM-DD" clearable=${false} startPlaceholder=${t("from")} endPlaceholder=${t("to")} ...${model(asked, "days")} />
        ${shortcuts()}
        <${ElRadioGroup} aria-label=${t("bucket")} ...${model(asked, "bucket")}>${["half_hour", "hour", "day", "total"].map((name) => html`<${ElRadioButton} key=${name} value=${name}>${t(`bucket.${name}`)}<//>`)}<//>
        <${ElSelect} clearable class="w-choice" placeholder=${t("all.queues")} aria-label=${t("queue")} modelValue=${asked.queue} onUpdate:modelValue=${(value) => { asked.queue = value ?? ""; }}>
          ${(session.directory?.queues ?? []).map((queue) => html`<${ElOption} key=${queue.id} value=${queue.id} label=${queue.title} />`)}<//>
        ${state.report && html`<span class="quiet">${state.report.threshold_s == null ? t("report.thresholds") : t("report.threshold", state.report.threshold_s)}</span>`}
        <span class="push downloads"><a href=${`/api/v1/reports/queues.csv${query(period())}`} download>CSV</a><a href=${`/api/v1/reports/queues.xlsx${query(period())}`} download>XLSX</a></span>
      </div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && (state.report.total.figures.offered ? [charts(state.report), table(state.report)] : html`<p class="empty">${t("empty.report")}</p>`)}
    </section>`;
  },
};
