// Trade-in: how long owners keep each model, as a table and, for the one chosen, as a curve with its interval; for supervisors also who is
// likeliest to replace, offers, and what owners said.
import { ElOption, ElSelect, html, onMounted, reactive } from "../lib.js";
import { get } from "../api.js";
import { t } from "../i18n.js";
import { Chart } from "./chart.js";
import { isSupervisor } from "./supervise.js";
import { tradeinChart } from "./tradein_chart.js";
import { OffersCard } from "./tradein_offers.js";
import { InterestsCard, RankingCard } from "./tradein_owners.js";

const span = (one) => {
  if (one?.years == null) return "—";
  const end = (value) => (value == null ? "…" : value.toFixed(1));
  return `${one.years.toFixed(1)} (${end(one.low)}–${end(one.high)})`;
};

export const TradeinView = {
  setup() {
    const state = reactive({ stock: [], cycle: null, read: false, model: "", changes: 0, fault: "" });
    onMounted(async () => {
      try {
        const [cycle, stock] = await Promise.all([get("/tradein/cycle"), get("/stock")]);
        state.stock = stock;
        const most = Object.entries(cycle?.curves ?? {}).sort((a, b) => b[1].owners - a[1].owners);
        Object.assign(state, { cycle, read: true, model: most[0]?.[0] ?? "" });
      } catch (problem) {
        state.fault = problem.message;
      }
    });
    const choose = (model) => { state.model = model; };
    const line = ([model, median]) => {
      const curve = state.cycle.curves[model];
      return html`<tr key=${model} class=${`${curve ? "link" : ""} ${model === state.model ? "here" : ""}`} onClick=${() => curve && choose(model)}>
        <td>${model}</td><td class="num mono">${curve?.owners ?? "—"}</td><td class="num mono">${curve?.replaced ?? 0}</td>
        <td class="num mono">${span(median)}</td><td class="num mono">${span(curve?.median)}</td></tr>`;
    };
    const page = (cycle) => [
      html`<h3>${t("tradein.cycles")}</h3><p class="quiet">${t("tradein.fitted", cycle.owners, cycle.replaced)}</p>`,
      cycle.curves[state.model] && html`<div class="filters"><${ElSelect} class="w-choice" aria-label=${t("tradein.model")} modelValue=${state.model} onUpdate:modelValue=${choose}>
        ${Object.keys(cycle.curves).map((model) => html`<${ElOption} key=${model} value=${model} label=${model} />`)}<//></div>
        <${Chart} option=${tradeinChart(cycle.curves[state.model])} label=${t("tradein.curve", state.model)} />`,
      html`<div class="scroll"><table class="grid full" id="tradein"><thead><tr><th>${t("tradein.model")}</th><th class="num">${t("tradein.owners")}</th><th class="num">${t("tradein.replaced")}</th><th class="num">${t("tradein.median")}</th><th class="num">${t("tradein.km")}</th></tr></thead>
        <tbody>${Object.entries(cycle.medians).sort((a, b) => (cycle.curves[b[0]]?.owners ?? 0) - (cycle.curves[a[0]]?.owners ?? 0)).map(line)}</tbody></table></div>`,
    ];
    const stock = () => html`<h3>${t("tradein.stock")}</h3><table class="grid" id="tradein-stock"><thead><tr><th>${t("tradein.model")}</th><th class="num">${t("tradein.here")}</th><th class="num">${t("tradein.coming")}</th><th class="num">${t("tradein.reserved")}</th></tr></thead>
      <tbody>${state.stock.map((one) => html`<tr key=${one.model}><td>${one.model}</td><td class="num mono">${one.in_stock}</td><td class="num mono">${one.coming}</td><td class="num mono">${one.reserved}</td></tr>`)}</tbody></table>`;
    const PARTS = [["ranking", "ranking"], ["offers", "offers"], ["interests", "interest.list"]];
    const show = (part) => document.querySelector(`#part-${part}`)?.scrollIntoView();
    const parts = () => html`<p class="quiet tradein-parts">${t("tradein.parts")} ${PARTS.map(([part, title]) => html`<button key=${part} class="plain" data-part=${part} onClick=${() => show(part)}>${t(title)}</button>`)}</p>`;
    return () => html`<section class="card page tradein"><h2>${t("tradein")}</h2>
      ${isSupervisor() && state.read && parts()}
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.cycle ? page(state.cycle) : state.read && html`<p class="empty">${t("tradein.none")}</p>`}
      ${isSupervisor() && state.read && [html`<${RankingCard} key=${state.changes} />`, html`<${OffersCard} stock=${state.stock} onChanged=${() => { state.changes += 1; }} />`, html`<${InterestsCard} />`]}
      ${state.stock.length > 0 && stock()}</section>`;
  },
};
