// What callers were told of their wait, against what happened; the calls outside of the interval open from here.
import { ElTooltip, html, reactive, watch } from "../lib.js";
import { get, query, queueTitle } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { figureTime, percent } from "../format.js";

// As the API takes at most: each telling is read from the log.
const MOST_DAYS = 93;

export const Told = {
  props: ["from", "to", "queue"],
  setup(props) {
    const state = reactive({ report: null, fault: "", long: false });
    let count = 0;
    watch(() => [props.from, props.to, props.queue], async ([from, to, queue]) => {
      const mine = (count += 1);
      state.long = new Date(to) - new Date(from) > MOST_DAYS * 86400_000;
      if (state.long) return;
      try {
        const report = await get(`/reports/told${query({ from, to, queue })}`);
        if (mine === count) Object.assign(state, { report, fault: "" });
      } catch (problem) {
        if (mine === count) Object.assign(state, { report: null, fault: problem.message });
      }
    }, { immediate: true });
    const shown = (figure, unit) => (figure == null ? "—" : unit === "share" ? percent(figure) : unit === "s" ? figureTime(figure) : figure);
    const line = (row, formulas) => html`<tr key=${row.queue} class=${row.queue ? "" : "sum all"}>
      <td>${row.queue ? queueTitle(row.queue) : t("all.queues")}</td>
      ${formulas.map(([name, formula]) => html`<td key=${name} class="num mono">${shown(row.figures[name], formula.unit)}</td>`)}
      <td class="detail">${row.misses.slice(0, 5).map((call, place) => html`<a key=${call} href=${`#/call/${call}`}>${place + 1}</a> `)}</td></tr>`;
    return () => {
      const { report, fault, long } = state;
      if (long) return html`<section class="told"><h3>${t("told.title")}</h3><p class="quiet">${t("told.long", MOST_DAYS)}</p></section>`;
      const formulas = Object.entries(report?.formulas ?? {});
      return html`<section class="told"><h3>${t("told.title")}</h3>
        ${fault && html`<p class="fault" role="alert">${fault}</p>`}
        ${report && (report.total.figures.told ? html`<div class="scroll"><table class="grid full" id="told">
          <thead><tr><th>${t("queue")}</th>${formulas.map(([name, formula]) => html`<th key=${name} class="num"><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></th>`)}<th>${t("told.misses")}</th></tr></thead>
          <tbody>${[report.total, ...report.rows].map((row) => line(row, formulas))}</tbody></table></div>` : html`<p class="quiet">${t("told.none")}</p>`)}
      </section>`;
    };
  },
};
