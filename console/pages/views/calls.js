// The list of calls with its filters. The filters stand in the address, so a list can be sent as a link.
import { ElButton, ElDatePicker, ElInput, ElOption, ElPagination, ElSelect, html, model, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, query, queueTitle, session } from "../api.js";
import { t, term } from "../i18n.js";
import { length, phone, shortMoment } from "../format.js";
import { onEvent } from "../live.js";
import { go, note, route } from "../route.js";
import { dialBack } from "./dial.js";
import { dispositionName } from "./disposition.js";
import { weekHourLabel, weekHourName } from "./heat.js";
import { probeTag } from "./probe_tag.js";
import { mosTag } from "./quality.js";

const PAGE = 50;
// As the API takes them (`console.api.call_query`).
const OUTCOMES = ["answered", "abandoned", "overflowed", "called_back", "left_by_key", "interrupted", "waiting"];
const FILTERS = ["number", "queue", "agent", "direction", "outcome", "disposition", "text", "from", "to", "behind", "worked", "line", "week_hour", "campaign", "attempted", "result", "nth", "hour", "round"];

const choice = (state, key, name, options, width) => html`<${ElSelect} clearable placeholder=${name} aria-label=${name} class=${width} ...${model(state, key)}>
  ${options.map(([value, label]) => html`<${ElOption} key=${value} value=${value} label=${label} />`)}
<//>`;

function resultOf(call) {
  if (call.ended_at == null) return html`<span class="stage talking">${t("up")}</span>`;
  return html`<span>${term("reason", call.reason)}</span> <span class="quiet">${term("by", call.ended_by)}</span>`;
}

function waited(call) {
  const plain = call.outcome === "answered" || !call.outcome;
  return html`<span class=${call.outcome === "abandoned" ? "bad" : ""}>${plain ? "" : `${term("outcome", call.outcome)} `}${length(call.wait_s)}</span>`;
}

/** A customer who wanted us and reached nobody. */
const isMissed = (call) => call.direction === "inbound" && call.ended_at != null && !call.talk_s && call.outcome !== "called_back" && !call.probe;

/** Which attempts of the campaign, in words. */
const ofCampaign = (filter) => [
  filter.attempted && t(`calls.attempted.${filter.attempted}`), filter.result && term("result", filter.result), filter.nth && t("calls.nth", filter.nth),
  filter.week_hour !== "" && weekHourName(weekHourLabel(Number(filter.week_hour))), filter.hour !== "" && `${filter.hour}:00–${Number(filter.hour) + 1}:00`, filter.round && t("campaigns.report.round.one", filter.round),
].filter(Boolean).join(" · ");

const COLUMNS = ["start", "direction", "number", "queue", "agent", "wait", "talk", "result", "mos", "transcript"];

const rowOf = (call) => html`<tr key=${call.id} class="link" onClick=${() => go("call", call.id)}>
  <td class="mono">${shortMoment(call.started_at)}</td>
  <td>${term("direction", call.direction)}</td>
  <td class="mono"><a href=${`#/call/${call.id}`} onClick=${(event) => event.stopPropagation()}>${phone(call.direction === "outbound" ? call.dnis : call.ani)}</a>${probeTag(call)}</td>
  <td class="name">${call.queue ? queueTitle(call.queue) : ""}</td>
  <td class="name">${call.agent ? agentName(call.agent) : ""}</td>
  <td class="mono num">${waited(call)}</td>
  <td class="mono num">${length(call.talk_s)}</td>
  <td>${resultOf(call)}${call.disposition != null && html` <span class=${`tag ${call.disposition ? "" : "missing"}`}>${dispositionName(call.disposition)}</span>`} ${isMissed(call) && dialBack(call.id)}</td>
  <td>${mosTag(call.mos)}</td>
  <td>${call.recordings ? html`<span class=${`dot ${call.transcript}`}></span>${term("transcript", call.transcript)}` : html`<span class="quiet">—</span>`}</td>
</tr>`;

export const CallsView = {
  setup() {
    const filter = reactive(Object.fromEntries(FILTERS.map((key) => [key, route.query[key] ?? ""])));
    const list = reactive({ items: null, total: 0, entries: null, page: 1, fault: "" });
    let asked = 0;
    let timer = 0;

    async function load() {
      const mine = (asked += 1);
      try {
        const page = await get(`/calls${query({ ...filter, limit: PAGE, offset: (list.page - 1) * PAGE })}`);
        if (mine === asked) Object.assign(list, { items: page.items, total: page.total, entries: page.entries, fault: "" });
      } catch (problem) {
        if (mine === asked) list.fault = problem.message;
      }
    }
    function again() {
      list.page = 1;
      note(filter);
      clearTimeout(timer);
      timer = setTimeout(load, 250);
    }
    function clear() {
      for (const key of FILTERS) filter[key] = "";
    }
    // A call that came or ended changes the first page, and who rings or talks one that was answered; not more than every two seconds.
    let due = 0;
    const deaf = onEvent((event) => {
      if (list.page === 1 && !due && (event.name === "call.started" || event.name === "call.ended" || (event.name === "call.answered" && filter.attempted) || event.kind === "gap")) {
        due = setTimeout(() => { due = 0; load(); }, 2000);
      }
    });
    onMounted(load);
    onBeforeUnmount(() => { deaf(); clearTimeout(timer); clearTimeout(due); });
    watch(filter, again);
    watch(() => route.query, (wanted) => { for (const key of FILTERS) filter[key] = wanted[key] ?? ""; });

    const bar = () => {
      const names = session.directory ?? { queues: [], agents: [] };
      return html`<div class="filters">
        <${ElInput} id="filter-number" class="w-number" clearable placeholder=${t("number")} title=${t("number.part")} aria-label=${t("number")} ...${model(filter, "number")} />
        <${ElDatePicker} class="w-date" type="datetime" valueFormat="YYYY-MM-DDTHH:mm:ss" format="MM-DD HH:mm" placeholder=${t("from")} aria-label=${t("from")} modelValue=${filter.from} onUpdate:modelValue=${(value) => { filter.from = value ?? ""; }} />
        <${ElDatePicker} class="w-date" type="datetime" valueFormat="YYYY-MM-DDTHH:mm:ss" format="MM-DD HH:mm" placeholder=${t("to")} aria-label=${t("to")} modelValue=${filter.to} onUpdate:modelValue=${(value) => { filter.to = value ?? ""; }} />
        ${choice(filter, "queue", t("queue"), names.queues.map((queue) => [queue.id, queue.title]), "w-choice")}
        ${choice(filter, "agent", t("agent"), names.agents.map((agent) => [agent.id, agentName(agent.id)]), "w-choice")}
        ${choice(filter, "direction", t("direction"), ["inbound", "outbound", "internal"].map((value) => [value, term("direction", value)]), "w-small")}
        ${choice(filter, "outcome", t("outcome"), OUTCOMES.map((value) => [value, term("outcome", value)]), "w-small")}
        ${names.dispositions?.length > 0 && choice(filter, "disposition", t("disposition"), ["missing", ...names.dispositions.map((one) => one.code)].map((code) => [code, dispositionName(code === "missing" ? "" : code)]), "w-small")}
        <${ElInput} class="w-number" clearable placeholder=${t("said")} aria-label=${t("said")} ...${model(filter, "text")} />
        <span class="push downloads"><a href=${`/api/v1/calls.csv${query(filter)}`} download>CSV</a><a href=${`/api/v1/calls.xlsx${query(filter)}`} download>XLSX</a></span>
      </div>`;
    };
    return () => html`<section class="card page">
      ${bar()}
      ${(filter.behind || filter.worked) && html`<p class="notice">${t("calls.behind", t(filter.behind || filter.worked))}${list.entries != null && html` ${t("calls.behind.entries", list.entries, list.total)}`} <button class="plain" onClick=${clear}>${t("clear")}</button></p>`}
      ${filter.campaign && html`<p class="notice" id="calls-campaign">${t("calls.campaign", filter.campaign)} ${ofCampaign(filter)} <button class="plain" onClick=${clear}>${t("clear")}</button></p>`}
      ${list.fault && html`<p class="fault" role="alert">${list.fault}</p>`}
      <div class="scroll"><table class="grid full">
        <thead><tr>${COLUMNS.map((name) => html`<th class=${name === "wait" || name === "talk" ? "num" : ""}>${t(name)}</th>`)}</tr></thead>
        <tbody>${(list.items ?? []).map(rowOf)}</tbody>
      </table>
      ${list.items && !list.items.length && html`<p class="empty">${t("empty.calls")} <${ElButton} link type="primary" onClick=${clear}>${t("clear")}<//></p>`}</div>
      ${list.total > PAGE && html`<${ElPagination} layout="total, prev, pager, next" total=${list.total} pageSize=${PAGE} currentPage=${list.page} onCurrentChange=${(page) => { list.page = page; load(); }} />`}
    </section>`;
  },
};
