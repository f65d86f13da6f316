// Every inbound call by dialled number, also those that never reached a queue; of those that an agent took, how many were
// passed on and how many callers called again. Each count opens its calls.
import { ElOption, ElRadioButton, ElRadioGroup, ElSelect, ElTooltip, html, model, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, query, queueTitle } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { figureTime, length, percent, phone, shortMoment } from "../format.js";
import { go } from "../route.js";
import { dayChoice, downloads, reportTabs, spanOf, today } from "./period.js";

const LINES = ["came", "talked", "reach_rate", "abandoned", "overflowed", "closed", "full", "refused", "voicemail", "called_back", "menu", "open", "asa_line_s"];
const CONTACTS = ["contacts", "transferred", "transfer_rate", "settled", "repeated", "repeat_rate", "resolved", "fcr", "talks", "aht_s"];
/** Talks are no calls: they open nothing. */
const CLOSED = new Set(["talks"]);
const WITHIN = [1, 3, 7, 14, 30];
const ALL = { figure: "came", line: "", queue: "", agent: "" };

export const InboundView = {
  setup() {
    const asked = reactive({ days: [today(), today()], within: 7, by: "queues", behind: ALL });
    const state = reactive({ report: null, fault: "" });
    const which = () => ({ ...spanOf(asked.days), days: asked.within, ...asked.behind });
    let count = 0;
    async function load() {
      const mine = (count += 1);
      try {
        const report = await get(`/reports/inbound${query(which())}`);
        if (mine === count) Object.assign(state, { report, fault: "" });
      } catch (problem) {
        if (mine === count) Object.assign(state, { report: null, fault: problem.message });
      }
    }
    onMounted(load);
    watch(() => [asked.days, asked.within, asked.behind], load);

    const heading = (name) => {
      const formula = state.report.formulas[name];
      return html`<th key=${name} class="num"><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></th>`;
    };
    const shown = (name, figure) => {
      const { unit } = state.report.formulas[name];
      if (unit === "share") return percent(figure);
      return unit === "s" ? figureTime(figure) : String(figure);
    };
    const cell = (name, figure, whose) => {
      const opens = whose && state.report.formulas[name].unit === "count" && figure > 0 && !CLOSED.has(name);
      const chosen = JSON.stringify(asked.behind) === JSON.stringify({ ...ALL, figure: name, ...whose });
      const open = () => { asked.behind = { ...ALL, figure: name, ...whose }; };
      return html`<td class=${`num mono ${chosen ? "inbound-chosen" : ""}`}>${opens ? html`<button class="figure" title=${t("figure.only")} onClick=${open}>${figure}</button>` : html`<span class="quiet">${shown(name, figure)}</span>`}</td>`;
    };
    /** The total opens all, a name its own; what has none (direct calls) opens nothing. */
    const whose = (row, place, whoseOf) => (place ? row.name && whoseOf(row.name) : {});
    const table = (id, title, names, rows, nameOf, whoseOf) => html`<div class="scroll few inbound-few"><table class="grid full inbound" id=${id}>
      <thead><tr><th>${title}</th>${names.map(heading)}</tr></thead>
      <tbody>${rows.map((row, place) => html`<tr key=${`${place} ${row.name}`} class=${place ? "" : "sum all"}><td>${place ? nameOf(row.name) : t("total")}</td>${names.map((name) => cell(name, row.figures[name], whose(row, place, whoseOf)))}</tr>`)}</tbody>
    </table></div>`;
    const lines = (report) => table("inbound-lines", t("line"), LINES, report.lines, (name) => phone(name), (line) => ({ line }));
    const contacts = (report) => asked.by === "queues"
      ? table("inbound-contacts", t("queue"), CONTACTS, report.queues, (name) => (name ? queueTitle(name) : t("report.inbound.direct")), (queue) => ({ queue }))
      : table("inbound-contacts", t("agent"), CONTACTS, report.agents, agentName, (agent) => ({ agent }));

    const became = (item) => titleOf(state.report.formulas[item.outcome]);
    const marks = (item) => [item.transferred && t("report.inbound.transferred"), item.again && t("report.inbound.again")].filter(Boolean).join(" · ");
    const number = (item) => (item.number ? phone(item.number) : t("number.hidden"));
    const isCall = (item) => item.outcome !== "full";
    const call = (item) => html`<tr key=${item.id} class=${isCall(item) ? "link" : ""} onClick=${() => isCall(item) && go("call", item.id)}>
      <td class="mono">${shortMoment(item.started_at)}</td>
      <td class="mono">${isCall(item) ? html`<a href=${`#/call/${item.id}`} onClick=${(event) => event.stopPropagation()}>${number(item)}</a>` : number(item)}</td>
      <td class="mono">${phone(item.line)}</td><td>${became(item)}${item.times > 1 ? ` × ${item.times}` : ""}</td>
      <td>${item.queue ? queueTitle(item.queue) : ""}</td><td>${item.agent ? agentName(item.agent) : ""}</td>
      <td class="mono num">${length(item.wait_s)}</td><td>${marks(item)}</td></tr>`;
    const behind = (report) => {
      const { figure, line, queue, agent } = asked.behind;
      const whose = line ? phone(line) : queue ? queueTitle(queue) : agent ? agentName(agent) : t("total");
      const first = report.matching > report.items.length ? ` · ${t("report.inbound.first", report.items.length)}` : "";
      return html`<p class="notice" id="inbound-behind">${t("report.inbound.behind", whose, titleOf(report.formulas[figure]), report.matching)}${first}
        ${JSON.stringify(asked.behind) !== JSON.stringify(ALL) && html`<button class="plain" id="inbound-all" onClick=${() => { asked.behind = ALL; }}>${t("report.inbound.all")}</button>`}</p>`;
    };
    const whole = (report) => html`${lines(report)}
      <div class="filters"><${ElRadioGroup} aria-label=${t("by")} ...${model(asked, "by")}>${["queues", "agents"].map((by) => html`<${ElRadioButton} key=${by} value=${by}>${t(`report.inbound.by.${by}`)}<//>`)}<//>
        <${ElSelect} class="w-choice" aria-label=${t("report.inbound.within")} ...${model(asked, "within")}>${WITHIN.map((days) => html`<${ElOption} key=${days} value=${days} label=${t("report.inbound.days", days)} />`)}<//></div>
      ${contacts(report)}${behind(report)}
      <div class="scroll inbound-list"><table class="grid full" id="inbound-calls">
        <thead><tr><th>${t("report.inbound.at")}</th><th>${t("number")}</th><th>${t("line")}</th><th>${t("report.inbound.became")}</th><th>${t("queue")}</th><th>${t("agent")}</th><th class="num">${t("report.inbound.waited")}</th><th>${t("report.inbound.marks")}</th></tr></thead>
        <tbody>${report.items.map(call)}</tbody></table></div>`;
    return () => html`<section class="card page">
      ${reportTabs("inbound")}
      <div class="filters">${dayChoice(asked)}${downloads("inbound", which())}</div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && (state.report.lines[0].figures.came ? whole(state.report) : html`<p class="empty">${t("report.inbound.empty")}</p>`)}
    </section>`;
  },
};
