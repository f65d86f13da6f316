// What callers thought of their talks in the period of the report, by queue and by agent.
import { ElTooltip, html, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, query, queueTitle } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { percent } from "../format.js";

const SHARES = new Set(["response_rate", "csat", "csat_low", "csat_high", "nps", "nps_low", "nps_high"]);

function shown(key, value) {
  if (value == null) return "—";
  if (SHARES.has(key)) return percent(value);
  return key === "mean" ? value.toFixed(2) : value;
}

export const Ratings = {
  props: ["from", "to"],
  setup(props) {
    const state = reactive({ view: null, fault: "" });
    async function load() {
      try {
        state.view = await get(`/reports/ratings${query({ from: props.from, to: props.to })}`);
        state.fault = "";
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(load);
    watch(() => [props.from, props.to], load);
    const row = (kind, name, figures) => html`<tr key=${`${kind} ${name}`}><td>${kind && t(kind)}</td><td><strong>${name}</strong></td>
      ${Object.keys(state.view.formulas).map((key) => html`<td key=${key} class="mono num">${shown(key, figures[key])}</td>`)}</tr>`;
    return () => html`<section class="card ratings"><h2>${t("ratings")}
        <span class="push downloads">${["csv", "xlsx"].map((kind) => html`<a href=${`/api/v1/reports/ratings.${kind}${query({ from: props.from, to: props.to })}`} download>${kind.toUpperCase()}</a>`)}</span></h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.view && (state.view.total.asked ? html`<div class="scroll"><table class="grid full" id="ratings">
        <thead><tr><th></th><th></th>${Object.values(state.view.formulas).map((formula) => html`<th key=${formula.title_en} class="num"><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></th>`)}</tr></thead>
        <tbody>${row("", t("total"), state.view.total)}
          ${state.view.queues.map((one) => row("queue", queueTitle(one.name), one))}
          ${state.view.agents.map((one) => row("agent", agentName(one.name), one))}</tbody></table></div>` : html`<p class="empty">${t("empty.ratings")}</p>`)}
    </section>`;
  },
};
