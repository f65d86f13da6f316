// A dry run of a campaign: whom it would call now, and by which rules the others would wait.
import { html, onMounted, reactive, watch } from "../lib.js";
import { get } from "../api.js";
import { inWords, language, t } from "../i18n.js";
import { moment, phone } from "../format.js";
import { decisionWords } from "./why.js";

const words = (told) => (language.value === "en" ? told.en : told.zh);
/** By rule how many, behind a title. */
export const ruleCounts = (title, found) => found.length > 0 && html`<p class="tags"><span class="quiet">${title}</span> ${found.map((one) => html`<span class="tag" key=${one.rule}>${words(one)} ${one.contacts}</span>`)}</p>`;

const verdict = (decision) => (decision.allowed ? "why.call" : decision.for_good ? "why.not" : "campaigns.dry.wait");
const VERDICTS = { "why.call": "result-completed", "why.not": "result-refused", "campaigns.dry.wait": "result-partial" };

export const DryRun = {
  props: { campaign: String, changed: Number },
  setup(props) {
    const state = reactive({ view: null, fault: "", busy: false });
    async function load() {
      try {
        Object.assign(state, { view: await get(`/campaigns/${encodeURIComponent(props.campaign)}/dry-run`), fault: "" });
      } catch (problem) {
        state.fault = inWords(problem.message);
      }
    }
    onMounted(load);
    watch(() => [props.campaign, props.changed], load);
    const body = (view) => html`
      <p id="dryrun-sum"><strong>${t("campaigns.dry.sum", view.allowed, view.looked_at, view.pending)}</strong> <span class="quiet">${moment(view.at)}</span></p>
      ${view.forbidden && html`<p class="fault" role="alert">${t("campaigns.dry.forbidden", words(view.forbidden))}</p>`}
      ${ruleCounts(t("campaigns.dry.waiting"), view.waiting)}
      ${ruleCounts(t("campaigns.dry.never"), view.never)}
      ${ruleCounts(t("campaigns.dry.barred"), view.barred)}
      ${view.contacts.length ? html`<table class="grid full" id="dryrun"><thead><tr><th>#</th><th>${t("name")}</th><th>${t("number")}</th><th></th><th>${t("why.rule")}</th></tr></thead>
        <tbody>${view.contacts.map((one) => html`<tr key=${one.contact}><td class="num mono">${one.contact}</td><td>${one.name}</td><td class="mono">${phone(one.number)}</td>
          <td><span class=${`tag ${VERDICTS[verdict(one.decision)]}`}>${t(verdict(one.decision))}</span></td><td>${decisionWords(one.decision)}</td></tr>`)}</tbody></table>`
        : html`<p class="empty">${t("campaigns.dry.empty")}</p>`}`;
    return () => html`<div class="campaign-dry">
      <p class="quiet">${t("campaigns.dry.hint")} <button class="plain" id="dryrun-again" onClick=${load}>${t("campaigns.dry.again")}</button></p>
      ${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : state.view ? body(state.view) : html`<p class="boot">…</p>`}</div>`;
  },
};

