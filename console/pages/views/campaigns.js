// Dial lists with their progress; one of them opens its results, else it is shown who is not to be called.
import { ElButton, ElProgress, html, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { get, session } from "../api.js";
import { rowButton } from "../act.js";
import { t, term } from "../i18n.js";
import { phone, shortMoment } from "../format.js";
import { onEvent } from "../live.js";
import { ListImport } from "./lists.js";
import { go, route } from "../route.js";
import { Calling } from "./calling.js";
import { Why } from "./why.js";

const PAGE = 100;

function counts(results) {
  return Object.entries(results).sort((a, b) => b[1] - a[1]).map(([name, count]) => html`<span class=${`tag result-${name}`} key=${name}>${term("result", name)} ${count}</span>`);
}

export const CampaignsView = {
  setup() {
    const state = reactive({ list: null, results: null, whole: false, fault: "", why: 0 });
    async function load() {
      try {
        state.list = await get("/campaigns");
        state.fault = "";
        if (route.id) await loadResults(Math.max(PAGE, state.results?.length ?? 0));
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    async function loadResults(limit) {
      const size = Math.min(500, limit);
      state.results = await get(`/campaigns/${encodeURIComponent(route.id)}/results?limit=${size}`);
      state.whole = state.results.length < size;
    }
    async function more() {
      const next = await get(`/campaigns/${encodeURIComponent(route.id)}/results?limit=${PAGE}&offset=${state.results.length}`);
      state.results = [...state.results, ...next];
      state.whole = next.length < PAGE;
    }
    let due = 0;
    const deaf = onEvent((event) => {
      const concerned = event.kind === "gap" || /^(attempt|campaign|survey)\./.test(event.name);
      if (concerned && !due) due = setTimeout(() => { due = 0; load(); }, 1000);
    });
    onMounted(load);
    onBeforeUnmount(() => { deaf(); clearTimeout(due); });
    watch(() => route.id, () => { Object.assign(state, { results: null, why: 0 }); load(); });

    const one = (campaign) => html`<li key=${campaign.id} class=${`campaign ${campaign.id === route.id ? "here" : ""}`}>
      <a href=${`#/campaigns/${encodeURIComponent(campaign.id)}`}><strong>${campaign.title}</strong> <span class=${`tag campaign-${campaign.state}`}>${t(`campaign.${campaign.state}`)}</span></a>
      <${ElProgress} percentage=${campaign.contacts ? Math.round((campaign.finished / campaign.contacts) * 100) : 0} strokeWidth=${10} />
      <p class="quiet">${t("contacts")} ${campaign.contacts} · ${t("tried")} ${campaign.tried} · ${t("finished")} ${campaign.finished}</p>
      <p class="tags">${counts(campaign.results)}</p>
    </li>`;
    const results = () => html`<section class="card grow">
      <h2>${t("results")} · ${state.list?.find((campaign) => campaign.id === route.id)?.title ?? route.id}
        <span class="push downloads">${["csv", "xlsx"].map((kind) => html`<a href=${`/api/v1/campaigns/${encodeURIComponent(route.id)}/results.${kind}`} download>${kind.toUpperCase()}</a>`)}</span></h2>
      ${state.results && !state.results.length && html`<p class="empty">${t("empty.results")}</p>`}
      <div class="scroll"><table class="grid full"><thead><tr><th>#</th><th>${t("name")}</th><th>${t("number")}</th><th>${t("result")}</th><th>${t("time")}</th><th>${t("answers")}</th><th></th></tr></thead>
        <tbody>${(state.results ?? []).map((row) => html`<tr key=${row.contact} class=${row.call_id ? "link" : ""} onClick=${() => row.call_id && go("call", row.call_id)}>
          <td class="num mono">${row.contact}</td><td>${row.name}</td>
          <td class="mono">${row.call_id ? html`<a href=${`#/call/${row.call_id}`}>${phone(row.number)}</a>` : phone(row.number)}</td>
          <td>${row.result ? html`<span class=${`tag result-${row.result}`}>${term("result", row.result)}</span>` : html`<span class="quiet">${t("not.called")}</span>`}</td>
          <td class="mono">${shortMoment(row.at)}</td>
          <td>${row.answers.map((answer) => html`<span class="answer" title=${answer.text}><span class="quiet">${answer.question}</span> ${answer.value}</span>`)}</td>
          <td>${rowButton("why", row.contact, t("why.title"), () => { state.why = row.contact; })}</td>
        </tr>`)}</tbody></table>
        ${state.results && !state.whole && html`<p class="more"><${ElButton} onClick=${more}>${t("more")}<//></p>`}</div>
      ${state.why > 0 && html`<${Why} key=${state.why} campaign=${route.id} contact=${state.why} onClose=${() => { state.why = 0; }} />`}
    </section>`;
    const seesCalling = () => session.who?.role !== "agent";
    return () => html`<div class=${`campaigns ${route.id || seesCalling() ? "two" : ""}`}>
      <section class="card grow"><h2>${t("campaigns")} <a class="push" href="#/tradein">${t("tradein")}</a></h2>
        ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
        ${state.list && !state.list.length && html`<p class="empty">${t("empty.campaigns")}</p>`}
        <${ListImport} onTaken=${load} />
        <ul class="list">${(state.list ?? []).map(one)}</ul>
      </section>
      ${route.id ? results() : seesCalling() && html`<${Calling} />`}
    </div>`;
  },
};
