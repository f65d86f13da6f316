// Campaigns with their progress; one of them opens its live board, results, report, its dry run and how it calls, else it is shown who is
// not to be called. Supervisors make campaigns here, start, pause and stop them.
import { ElButton, ElProgress, ElRadioButton, ElRadioGroup, html, model, onBeforeUnmount, onMounted, reactive, ref, watch } from "../lib.js";
import { get, query, session } from "../api.js";
import { rowButton } from "../act.js";
import { said, t, term } from "../i18n.js";
import { phone, shortMoment } from "../format.js";
import { onEvent } from "../live.js";
import { WORDS } from "../words.js";
import { ListImport } from "./lists.js";
import { go, route } from "../route.js";
import { Calling } from "./calling.js";
import { CampaignBoard } from "./campaign_board.js";
import { DryRun } from "./campaign_dry.js";
import { CampaignForm } from "./campaign_form.js";
import { CampaignNext } from "./campaign_next.js";
import { CampaignOrders } from "./campaign_orders.js";
import { planFacts } from "./campaign_plan.js";
import { CampaignReport } from "./campaign_report.js";
import { isSupervisor } from "./supervise.js";
import { Why } from "./why.js";

const PAGE = 100;
const MOST_ROWS = 500; // that the server gives at once
const WANTED = ["state", "result", "tried", "listed", "text"];
const STATES = [["pending", "campaigns.live.pending"], ["dialling", "called.now"], ["done", "finished"]];
const RESULTS = Object.keys(WORDS).filter((key) => key.startsWith("result.")).map((key) => key.slice("result.".length));
const NOTHING_ASKED = { days: 30, round: 0 };

function counts(results) {
  return Object.entries(results).sort((a, b) => b[1] - a[1]).map(([name, count]) => html`<span class=${`tag result-${name}`} key=${name}>${term("result", name)} ${count}</span>`);
}

/** What came of a contact, or how he stands: his last result while he waits, or is being called again. */
function stands(row) {
  const result = row.result || row.last;
  return html`${row.state === "dialling" && html`<span class="stage ringing">${t("called.now")}</span> `}${result ? html`<span class=${`tag result-${result}`}>${term("result", result)}</span>` : row.state !== "dialling" && html`<span class="quiet">${t("not.called")}</span>`}`;
}

export const CampaignsView = {
  setup() {
    const state = reactive({ list: null, plans: [], fields: [], results: null, whole: false, fault: "", why: 0, shown: "results", form: "", changes: 0, asked: NOTHING_ASKED });
    const orders = ref(null);
    const seesCalling = () => session.who?.role !== "agent";
    const planOf = (name) => state.plans.find((plan) => plan.name === name) ?? null;
    const untouched = (plan) => ({ id: plan.name, title: plan.name, state: "", contacts: 0, tried: 0, finished: 0, results: {}, bare: true });
    /** `heard`: because an event said that something is new; what is costly to ask is asked by hand then. */
    async function load(heard) {
      try {
        const [list, plans] = await Promise.all([get("/campaigns"), get("/campaign-plans")]);
        if (isSupervisor() && !state.fields.length) state.fields = await get("/campaign-form");
        const known = new Set(list.map((campaign) => campaign.id));
        state.plans = plans;
        state.list = [...list, ...plans.filter((plan) => !known.has(plan.name)).map(untouched)];
        state.fault = "";
        if (heard !== true) state.changes += 1;
        if (route.id && list.some((campaign) => campaign.id === route.id)) await loadResults(Math.max(PAGE, state.results?.length ?? 0));
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    /** Which contacts are listed, as the address has it; see `console.api.contact_query`. */
    const wanted = () => Object.fromEntries(WANTED.map((key) => [key, route.query[key] ?? ""]));
    const contacts = (page) => get(`/campaigns/${encodeURIComponent(route.id)}/results${query({ ...wanted(), ...page })}`);
    /** As many rows as were shown, however many these are: nobody loses his place because somebody was called. */
    async function loadResults(limit) {
      const asked = JSON.stringify([route.id, wanted()]);
      const rows = [];
      let size = 0;
      let got = 0;
      do {
        size = Math.min(MOST_ROWS, limit - rows.length);
        const found = await contacts({ limit: size, offset: rows.length });
        if (asked !== JSON.stringify([route.id, wanted()])) return;
        rows.push(...found);
        got = found.length;
      } while (got === size && rows.length < limit);
      if (got === size && rows.length < (state.results?.length ?? 0)) return; // more were asked for meanwhile
      Object.assign(state, { results: rows, whole: got < size });
    }
    async function more() {
      const next = await contacts({ limit: PAGE, offset: state.results.length });
      state.results = [...state.results, ...next];
      state.whole = next.length < PAGE;
    }
    let due = 0;
    const deaf = onEvent((event) => {
      const concerned = event.kind === "gap" || /^(attempt|campaign|preview|survey)\./.test(event.name);
      if (concerned && !due) due = setTimeout(() => { due = 0; load(true); }, 1000);
    });
    onMounted(load);
    onBeforeUnmount(() => { deaf(); clearTimeout(due); });
    watch(() => route.query, () => { if (Object.values(wanted()).some(Boolean)) state.shown = "results"; });
    watch(() => JSON.stringify(wanted()), () => { state.results = null; load(); });
    watch(() => route.id, () => { Object.assign(state, { results: null, why: 0, asked: NOTHING_ASKED }); load(); });

    const one = (campaign) => html`<li key=${campaign.id} class=${`campaign ${campaign.id === route.id ? "here" : ""}`}>
      <a href=${`#/campaigns/${encodeURIComponent(campaign.id)}`}><strong>${campaign.title}</strong> <span class=${`tag campaign-${campaign.state}`}>${t(`campaign.${campaign.state}`)}</span></a>
      <${ElProgress} percentage=${campaign.contacts ? Math.round((campaign.finished / campaign.contacts) * 100) : 0} strokeWidth=${10} />
      <p class="quiet">${t("contacts")} ${campaign.contacts} · ${t("tried")} ${campaign.tried} · ${t("finished")} ${campaign.finished}</p>
      <p class="tags">${counts(campaign.results)}</p>
    </li>`;
    function kept(name) {
      state.form = "";
      load();
      go("campaigns", name);
    }
    const find = (changed) => go("campaigns", route.id, { ...wanted(), ...changed });
    const finder = () => html`<p class="filters" id="campaign-find">
      <input id="campaign-find-text" type="search" placeholder=${t("campaigns.find")} aria-label=${t("campaigns.find")} value=${route.query.text ?? ""} onChange=${(event) => find({ text: event.target.value.trim() })} />
      <select id="campaign-find-result" aria-label=${t("result")} onChange=${(event) => find({ result: event.target.value })}><option value="">${t("campaigns.find.result")}</option>
        ${RESULTS.map((name) => html`<option key=${name} value=${name} selected=${name === route.query.result}>${term("result", name)}</option>`)}</select>
      <select id="campaign-find-state" aria-label=${t("progress")} onChange=${(event) => find({ state: event.target.value })}><option value="">${t("progress")}</option>
        ${STATES.map(([name, word]) => html`<option key=${name} value=${name} selected=${name === route.query.state}>${t(word)}</option>`)}</select>
      ${state.results && html`<span class="quiet" id="campaign-found">${t("campaigns.find.shown", `${state.results.length}${state.whole ? "" : "+"}`)}</span>`}
      ${Object.values(wanted()).some(Boolean) && html` <button class="plain" id="campaign-find-clear" onClick=${() => go("campaigns", route.id)}>${t("clear")}</button>`}</p>`;
    const results = () => html`${finder()}
      ${state.results && !state.results.length && html`<p class="empty">${t("empty.results")}</p>`}
      <div class="scroll"><table class="grid full"><thead><tr><th>#</th><th>${t("name")}</th><th>${t("number")}</th><th>${t("result")}</th><th>${t("time")}</th><th>${t("answers")}</th><th></th></tr></thead>
        <tbody>${(state.results ?? []).map((row) => html`<tr key=${row.contact} class=${row.call_id ? "link" : ""} onClick=${() => row.call_id && go("call", row.call_id)}>
          <td class="num mono">${row.contact}</td><td>${row.name}</td>
          <td class="mono">${row.call_id ? html`<a href=${`#/call/${row.call_id}`}>${phone(row.number)}</a>` : phone(row.number)}</td>
          <td>${stands(row)}
            ${(row.called > 1 || row.again_at) && html`<p class="quiet">${row.called} ${t("why.tries")}${row.again_at ? ` · ${t("why.until", shortMoment(row.again_at))}` : ""}${row.promised_at ? ` · ${t("why.promised")} ${row.wanted_agent}` : ""}</p>`}</td>
          <td class="mono">${shortMoment(row.at)}</td>
          <td>${row.answers.map((answer) => html`<p key=${answer.question} class="answer" data-question=${answer.question} title=${answer.text}><span class="quiet">${said(answer.words.asked) || answer.question}</span> ${said(answer.words.said) || answer.value}</p>`)}</td>
          <td>${rowButton("why", row.contact, t("why.title"), () => { state.why = row.contact; })}</td>
        </tr>`)}</tbody></table>
        ${state.results && !state.whole && html`<p class="more"><${ElButton} onClick=${more}>${t("more")}<//></p>`}</div>
      ${state.why > 0 && html`<${Why} key=${state.why} campaign=${route.id} contact=${state.why} onClose=${() => { state.why = 0; }} />`}`;
    /** What is shown of one campaign; agents see its results only. */
    const PARTS = {
      results,
      board: () => html`<${CampaignBoard} key=${route.id} campaign=${route.id} />`,
      report: () => html`<${CampaignReport} key=${route.id} campaign=${route.id} changed=${state.changes} onAsked=${(asked) => { state.asked = asked; }} />`,
      dry: () => html`<${DryRun} key=${route.id} campaign=${route.id} changed=${state.changes} />`,
      plan: () => planFacts(planOf(route.id), state.fields),
    };
    const parts = (campaign) => ["results", ...(campaign?.bare ? [] : ["board", "report"]), ...(seesCalling() && planOf(route.id) ? ["dry"] : []), ...(isSupervisor() && planOf(route.id) ? ["plan"] : [])];
    const oneOf = () => {
      const campaign = state.list?.find((each) => each.id === route.id);
      const shown = parts(campaign).includes(state.shown) ? state.shown : "results";
      return html`<section class="card grow">
        <h2>${campaign?.title ?? route.id} ${campaign && html`<${CampaignOrders} key=${route.id} ref=${orders} campaign=${campaign} plan=${planOf(route.id)} onDone=${load} onEdit=${() => { state.form = route.id; }} />`}
          <span class="push downloads">${["results", "report"].includes(shown) && !campaign?.bare && ["csv", "xlsx"].map((kind) => html`<a key=${kind} href=${`/api/v1/campaigns/${encodeURIComponent(route.id)}/${shown}.${kind}${shown === "report" ? `?days=${state.asked.days}&round=${state.asked.round}` : query(wanted())}`} download>${kind.toUpperCase()}</a>`)}</span></h2>
        ${campaign?.state === "" && isSupervisor() && planOf(route.id) && html`<${CampaignNext} key=${`next-${route.id}`} campaign=${campaign} changed=${state.changes} onDry=${() => { state.shown = "dry"; }} onStart=${() => orders.value?.ask("start")} />`}
        ${parts(campaign).length > 1 && html`<p class="campaign-parts"><${ElRadioGroup} size="small" ...${model(state, "shown")}>${parts(campaign).map((part) => html`<${ElRadioButton} key=${part} value=${part}>${t(`campaigns.part.${part}`)}<//>`)}<//></p>`}
        ${PARTS[shown]()}
      </section>`;
    };
    return () => html`<div class=${`campaigns ${route.id || seesCalling() ? "two" : ""}`}>
      <section class="card grow"><h2>${t("campaigns")} ${isSupervisor() && state.fields.length > 0 && html`<button class="plain" id="campaign-new" onClick=${() => { state.form = "+"; }}>${t("campaigns.new")}</button>`} ${isSupervisor() && html`<a class="push" id="to-surveys" href="#/surveys">${t("surveys")}</a> <a id="to-selections" href="#/selections">${t("selections")}</a>`} <a class=${isSupervisor() ? "" : "push"} href="#/tradein">${t("tradein")}</a></h2>
        ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
        ${state.list && !state.list.length && html`<p class="empty">${t("empty.campaigns")}</p>`}
        <${ListImport} known=${state.plans.map((plan) => plan.name).join(" ")} shown=${route.id} onTaken=${load} />
        <ul class="list">${(state.list ?? []).map(one)}</ul>
      </section>
      ${route.id ? oneOf() : seesCalling() && html`<${Calling} />`}
      ${state.form && html`<${CampaignForm} key=${state.form} plan=${planOf(state.form)} state=${state.list?.find((each) => each.id === state.form)?.state ?? ""} onDone=${kept} onClose=${() => { state.form = ""; }} />`}
    </div>`;
  },
};
