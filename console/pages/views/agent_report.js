// What agents did, in all or by half hour, day, week, month: figures with their formulas, and of a single day each agent's states over time.
import { ElRadioButton, ElRadioGroup, ElTooltip, html, model, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, query } from "../api.js";
import { formulaOf, t, term, titleOf } from "../i18n.js";
import { clock, hourMinute, length, percent, wall } from "../format.js";
import { go } from "../route.js";
import { bucketTime, dayChoice, downloads, reportTabs, spanOf, today } from "./period.js";

const FIGURES = ["calls", "talk_s", "hold_s", "wrap_up_s", "available_s", "paused_s", "rung", "answered", "withdrawn", "answer_rate", "aht_s", "occupancy"];
/** Counts whose calls can be opened. */
const OPEN = new Set(["calls", "rung", "answered", "withdrawn"]);
const STATES = ["available", "ringing", "talking", "wrap_up", "paused"];
const BUCKETS = ["total", "half_hour", "hour", "day", "week", "month"];
const HOUR = 3600;

/** From the first to the last hour in which anyone was there. */
function hoursOf(report) {
  const spans = report.agents.flatMap((agent) => agent.states);
  if (!spans.length) return null;
  const first = Math.floor(Math.min(...spans.map((span) => span.since)) / HOUR) * HOUR;
  const last = Math.ceil(Math.max(...spans.map((span) => span.until)) / HOUR) * HOUR;
  return { first, last, marks: Array.from({ length: Math.round((last - first) / HOUR) + 1 }, (_, place) => first + place * HOUR) };
}

const share = (from, to, hours) => `${((100 * (to - from)) / (hours.last - hours.first)).toFixed(3)}%`;
const stateName = (span) => `${term("state", span.state)}${span.reason ? ` · ${term("reason", span.reason)}` : ""}`;

export const AgentReportView = {
  setup() {
    const asked = reactive({ days: [today(), today()], bucket: "total" });
    const state = reactive({ report: null, fault: "" });
    let count = 0;
    const period = () => ({ ...spanOf(asked.days), bucket: asked.bucket });
    async function load() {
      const mine = (count += 1);
      try {
        const report = await get(`/reports/agents${query(period())}`);
        if (mine === count) Object.assign(state, { report, fault: "" });
      } catch (problem) {
        if (mine === count) Object.assign(state, { report: null, fault: problem.message });
      }
    }
    onMounted(load);
    watch(asked, load);

    const heading = (name) => {
      const formula = state.report.formulas[name];
      return html`<th key=${name} class="num"><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></th>`;
    };
    const shown = (value, unit) => {
      if (value == null) return "—";
      if (unit === "share") return percent(value);
      return unit === "s" ? length(value) : String(value);
    };
    const line = (report, row, from, to, time) => html`<tr key=${`${row.agent} ${row.start_at ?? ""}`} class=${report.bucket !== "total" && !row.start_at ? "sum" : ""}>
      ${time && html`<td class="mono">${time}</td>`}<td>${agentName(row.agent)}</td>
      ${FIGURES.map((name) => html`<td class="num mono">${OPEN.has(name) && row.figures[name]
        ? html`<button class="figure" title=${t("figure.open")} onClick=${() => go("calls", "", { worked: name, agent: row.agent, from: wall(from), to: wall(to) })}>${row.figures[name]}</button>`
        : shown(row.figures[name], report.formulas[name].unit)}</td>`)}</tr>`;
    const table = (report) => {
      const cut = report.bucket !== "total", several = report.to_at - report.from_at > 26 * HOUR;
      return html`<div class="scroll"><table class="grid full report">
        <thead><tr>${cut && html`<th>${t("time")}</th>`}<th>${t("agent")}</th>${FIGURES.map(heading)}</tr></thead>
        <tbody>${report.agents.map((row) => line(report, row, report.from_at, report.to_at, cut && t("total")))}
          ${report.rows.map((row) => line(report, row, row.start_at, row.end_at, bucketTime(report.bucket, row, several)))}</tbody>
      </table></div>`;
    };
    const bar = (agent, hours) => html`<div class="day-row" key=${agent.agent}>
      <span class="day-name">${agentName(agent.agent)}</span>
      <div class="day-bar" role="img" aria-label=${agent.states.map((span) => `${hourMinute(span.since)} ${stateName(span)}`).join(", ")}>
        ${agent.states.map((span) => html`<span key=${span.since} class=${`span ${span.state}`} style=${{ left: share(hours.first, span.since, hours), width: share(span.since, span.until, hours) }}
          title=${`${stateName(span)} ${clock(span.since)} – ${clock(span.until)} (${length(span.until - span.since)})`}></span>`)}
      </div>
    </div>`;
    const days = (report) => {
      const hours = hoursOf(report);
      return hours && html`<div class="day">
        <h3>${t("chart.states")} <span class="legend">${STATES.map((name) => html`<span key=${name}><i class=${`span ${name}`}></i>${term("state", name)}</span>`)}</span></h3>
        ${report.agents.filter((agent) => agent.states.length).map((agent) => bar(agent, hours))}
        <div class="day-row"><span class="day-name"></span><div class="day-hours">${hours.marks.map((at) => html`<span key=${at} style=${{ left: share(hours.first, at, hours) }}>${hourMinute(at)}</span>`)}</div></div>
      </div>`;
    };
    return () => html`<section class="card page">
      ${reportTabs("agents")}
      <div class="filters">${dayChoice(asked)}
        <${ElRadioGroup} aria-label=${t("bucket")} ...${model(asked, "bucket")}>${BUCKETS.map((name) => html`<${ElRadioButton} key=${name} value=${name}>${t(`bucket.${name}`)}<//>`)}<//>
        ${downloads("agents", period())}</div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && (state.report.agents.length ? [days(state.report), table(state.report)] : html`<p class="empty">${t("empty.agent_report")}</p>`)}
    </section>`;
  },
};
