// Why a contact of a campaign is called or not: what would be decided now, and every decision that was made.
import { ElButton, ElDialog, ElInput, html, model, onMounted, reactive } from "../lib.js";
import { act } from "../act.js";
import { get, post, session } from "../api.js";
import { language, t, term } from "../i18n.js";
import { moment, phone, typed } from "../format.js";
import { serverNow } from "../live.js";
import { personRecords } from "./desk_records.js";
import { tellPromised } from "./promised_call.js";
import { isSupervisor } from "./supervise.js";

/** The rule that decided, in words, and until when. */
export function decisionWords(decision) {
  const words = language.value === "en" ? decision.en : decision.zh;
  if (decision.allowed) return words;
  return [words, decision.not_before ? t("why.until", moment(decision.not_before)) : t("why.for_good")].join(" · ");
}

export const Why = {
  props: { campaign: String, contact: Number },
  emits: ["close"],
  setup(props, { emit }) {
    const state = reactive({ view: null, records: null, fault: "", busy: false, at: "", agent: "", note: "" });
    const path = `/campaigns/${encodeURIComponent(props.campaign)}/contacts/${props.contact}`;
    async function load() {
      try {
        [state.view, state.records] = await Promise.all([get(`${path}/why`), get(`${path}/records`)]);
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(load);
    const promise = () => act(state, async () => {
      const wanted = { call_at: typed(state.at), agent: state.agent.trim(), note: state.note.trim() };
      tellPromised(await post(`${path}/promise`, wanted));
      Object.assign(state, { at: "", agent: "", note: "" });
      await load();
    });
    const promising = () => html`<p class="why-promise">
      <label>${t("why.promise.at")} <input id="promise-at" type="datetime-local" value=${state.at} onInput=${(event) => { state.at = event.target.value; }} /></label>
      ${isSupervisor() && html`<${ElInput} id="promise-agent" class="w-number" maxlength=${64} placeholder=${t("why.promise.agent")} aria-label=${t("why.promise.agent")} ...${model(state, "agent")} />`}
      <${ElInput} id="promise-note" class="w-number" maxlength=${500} placeholder=${t("why.promise.note")} aria-label=${t("why.promise.note")} ...${model(state, "note")} />
      <${ElButton} id="promise" disabled=${state.busy || !state.at} onClick=${promise}>${t("why.promise")}<//>
    </p>`;
    /** A promise that is to come and is kept later; what keeps one from being kept now is said above it. */
    const later = ({ now, promised_at: at }) => (at > serverNow() && now?.not_before > at ? t("why.promised.later", moment(now.not_before)) : "");
    const mark = (decision) => html`<span class=${`tag ${decision.allowed ? "result-completed" : "result-refused"}`}>${t(decision.allowed ? "why.call" : "why.not")}</span>`;
    const facts = (view) => html`<dl class="facts why-facts">
      <div><dt>${t("why.purpose")}</dt><dd>${term("purpose", view.purpose) || "—"}</dd></div>
      <div><dt>${t("why.bars")}</dt><dd>${view.bars.map((kind) => term("bar", kind)).join("，") || t("why.none")}</dd></div>
      <div><dt>${t("why.consents")}</dt><dd>${view.consents.map((purpose) => term("purpose", purpose)).join("，") || t("why.none")}</dd></div>
      ${view.withdrawn.length > 0 && html`<div id="why-withdrawn"><dt>${t("why.withdrawn")}</dt><dd>${view.withdrawn.map((one) => html`<div key=${`${one.purpose}${one.at}`}>${term("purpose", one.purpose)} · ${moment(one.at)} ${one.why}</div>`)}</dd></div>`}
      <div><dt>${t("why.attempts")}</dt><dd>${view.attempts.map(moment).join("，") || t("why.none")}</dd></div>
      ${view.results.length > 0 && html`<div><dt>${t("why.results")}</dt><dd>${view.results.map((result) => term("result", result)).join("，")}</dd></div>`}
      ${(view.place || view.region) && html`<div id="why-place"><dt>${t("why.place")}</dt><dd>${view.place || t("why.place.unknown")}${view.region ? ` · ${t("why.region", view.region)}` : ""}</dd></div>`}
      ${view.left !== null && html`<div id="why-left"><dt>${t("why.left")}</dt><dd>${view.left} · <span class="mono">${phone(view.next_number)}</span>${view.not_before ? ` · ${t("why.until", moment(view.not_before))}` : ""}</dd></div>`}
      ${view.promised_at && html`<div id="why-promised"><dt>${t("why.promised")}</dt><dd>${moment(view.promised_at)} ${view.wanted_agent} ${later(view)}</dd></div>`}
      ${view.complained_at && html`<div><dt>${t("why.complained")}</dt><dd>${moment(view.complained_at)}</dd></div>`}
    </dl>`;
    const body = (view) => html`<div class="why-body">
      <p><strong>${view.name}</strong> <span class="mono">${phone(view.number)}</span></p>
      ${view.now && html`<p id="why-now">${t("why.now")}：${mark(view.now)} ${decisionWords(view.now)}</p>`}
      ${facts(view)}
      ${session.who?.role !== "viewer" && promising()}
      ${view.decided.length ? html`<table class="grid full" id="why-decided"><thead><tr><th>${t("time")}</th><th></th><th>${t("why.rule")}</th></tr></thead>
        <tbody>${view.decided.map((one, index) => html`<tr key=${index}><td class="mono">${moment(one.at)}</td><td>${mark(one.decision)}</td><td>${decisionWords(one.decision)}</td></tr>`)}</tbody></table>`
        : html`<p class="quiet">${t("why.undecided")}</p>`}
      ${personRecords(state.records)}
    </div>`;
    return () => html`<${ElDialog} modelValue=${true} onClose=${() => emit("close")} title=${t("why.title")} width="720px">
      ${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : state.view ? body(state.view) : html`<p class="boot">…</p>`}
    <//>`;
  },
};
