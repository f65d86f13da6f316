// How often each disposition was given in the period of the report: in all, by queue and by agent.
import { ElTooltip, html, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, query, queueTitle } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { percent } from "../format.js";
import { go } from "../route.js";
import { dispositionName } from "./disposition.js";

export const Dispositions = {
  props: ["from", "to"],
  setup(props) {
    const state = reactive({ view: null, fault: "" });
    async function load() {
      try {
        state.view = await get(`/reports/dispositions${query({ from: props.from, to: props.to })}`);
        state.fault = "";
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(load);
    watch(() => [props.from, props.to], load);
    const codes = () => state.view.total.codes.map((one) => one.code);
    const heading = (name) => {
      const formula = state.view.formulas[name];
      return html`<${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//>`;
    };
    const cell = (counts, code) => {
      const one = counts.codes.find((each) => each.code === code);
      return html`<td key=${code} class="mono num">${one ? html`${one.times} <small class="quiet">${percent(one.share, 0)}</small>` : html`<span class="quiet">0</span>`}</td>`;
    };
    const missing = (counts, open) => html`<td class=${`mono num ${counts.missing ? "bad" : ""}`}>${counts.missing && open
      ? html`<button class="figure" title=${t("figure.open")} onClick=${() => go("calls", "", { disposition: "missing", from: props.from, to: props.to })}>${counts.missing}</button>` : counts.missing}</td>`;
    const row = (kind, name, counts, open = false) => html`<tr key=${`${kind} ${name}`}><td>${kind && t(kind)}</td><td><strong>${name}</strong></td>
      ${codes().map((code) => cell(counts, code))}<td class="mono num">${counts.given}</td>${missing(counts, open)}</tr>`;
    const asked = () => query({ from: props.from, to: props.to });
    return () => html`<section class="card ratings"><h2>${t("dispositions")} ${state.view && html`<span class="quiet">${heading("times")} · ${heading("share")}</span>`}
        <span class="push downloads">${["csv", "xlsx"].map((kind) => html`<a href=${`/api/v1/reports/dispositions.${kind}${asked()}`} download>${kind.toUpperCase()}</a>`)}</span></h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.view && (state.view.total.given || state.view.total.missing ? html`<div class="scroll"><table class="grid full" id="dispositions">
        <thead><tr><th></th><th></th>${codes().map((code) => html`<th key=${code} class="num">${dispositionName(code)}</th>`)}<th class="num">${t("total")}</th><th class="num">${heading("missing")}</th></tr></thead>
        <tbody>${row("", t("total"), state.view.total, true)}
          ${state.view.queues.map((one) => row("queue", queueTitle(one.name), one))}
          ${state.view.agents.map((one) => row("agent", agentName(one.name), one))}</tbody></table></div>` : html`<p class="empty">${t("empty.dispositions")}</p>`)}
    </section>`;
  },
};
