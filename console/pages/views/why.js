// Why a contact of a campaign is called or not: what would be decided now, and every decision that was made.
import { ElDialog, html, onMounted, reactive } from "../lib.js";
import { get } from "../api.js";
import { language, t, term } from "../i18n.js";
import { moment, phone } from "../format.js";
import { personRecords } from "./desk_records.js";

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
    const state = reactive({ view: null, records: null, fault: "" });
    onMounted(async () => {
      try {
        const path = `/campaigns/${encodeURIComponent(props.campaign)}/contacts/${props.contact}`;
        [state.view, state.records] = await Promise.all([get(`${path}/why`), get(`${path}/records`)]);
      } catch (problem) {
        state.fault = problem.message;
      }
    });
    const mark = (decision) => html`<span class=${`tag ${decision.allowed ? "result-completed" : "result-refused"}`}>${t(decision.allowed ? "why.call" : "why.not")}</span>`;
    const facts = (view) => html`<dl class="facts why-facts">
      <div><dt>${t("why.purpose")}</dt><dd>${term("purpose", view.purpose) || "—"}</dd></div>
      <div><dt>${t("why.bars")}</dt><dd>${view.bars.map((kind) => term("bar", kind)).join("，") || t("why.none")}</dd></div>
      <div><dt>${t("why.consents")}</dt><dd>${view.consents.map((purpose) => term("purpose", purpose)).join("，") || t("why.none")}</dd></div>
      <div><dt>${t("why.attempts")}</dt><dd>${view.attempts.map(moment).join("，") || t("why.none")}</dd></div>
      ${view.results.length > 0 && html`<div><dt>${t("why.results")}</dt><dd>${view.results.map((result) => term("result", result)).join("，")}</dd></div>`}
      ${view.left !== null && html`<div id="why-left"><dt>${t("why.left")}</dt><dd>${view.left} · <span class="mono">${phone(view.next_number)}</span>${view.not_before ? ` · ${t("why.until", moment(view.not_before))}` : ""}</dd></div>`}
      ${view.promised_at && html`<div id="why-promised"><dt>${t("why.promised")}</dt><dd>${moment(view.promised_at)} ${view.wanted_agent}</dd></div>`}
      ${view.complained_at && html`<div><dt>${t("why.complained")}</dt><dd>${moment(view.complained_at)}</dd></div>`}
    </dl>`;
    const body = (view) => html`<div class="why-body">
      <p><strong>${view.name}</strong> <span class="mono">${phone(view.number)}</span></p>
      ${view.now && html`<p id="why-now">${t("why.now")}：${mark(view.now)} ${decisionWords(view.now)}</p>`}
      ${facts(view)}
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
