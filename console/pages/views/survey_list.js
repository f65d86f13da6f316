// All surveys: who asks each, in which campaigns, and what is wrong with it.
import { html } from "../lib.js";
import { said, t } from "../i18n.js";
import { moment } from "../format.js";
import { route } from "../route.js";
import { surveyName } from "./survey_name.js";
import { NEW } from "./survey_open.js";

const kinds = (one) => html`${one.notice ? html`<span class="tag">${t("surveys.notice")}</span>` : html`<span class="tag survey-agents">${t("surveys.by.agents")}</span>`} ${one.spoken && html`<span class="tag survey-voice">${t("surveys.by.voice")}</span>`}`;
const row = (one) => html`<li key=${one.name} class=${`campaign ${one.name === route.id ? "here" : ""}`} data-survey=${one.name}>
  <a href=${`#/surveys/${encodeURIComponent(one.name)}`}>${surveyName(one.name)}</a>
  <p class="tags">${kinds(one)}</p>
  <p class="quiet">${one.source === "page" ? t("surveys.version", one.number) : t(`surveys.of.${one.source}`)} · ${t("surveys.questions", one.questions)}${one.at ? ` · ${one.by} ${moment(one.at)}` : ""}</p>
  ${one.used.length > 0 && html`<p class="tags"><span class="quiet">${t("surveys.used")}</span> ${one.used.map((use) => html`<a class="tag" key=${use.campaign} href=${`#/campaigns/${encodeURIComponent(use.campaign)}`}>${use.campaign}</a>`)}</p>`}
  ${one.faults.length > 0 && html`<p class="campaign-wrong">${said(one.faults[0])}</p>`}
</li>`;

/** `list` is null until it is known. */
export const surveyList = (list) => html`<section class="card grow"><h2><a href="#/campaigns">${t("campaigns")}</a> › ${t("surveys")} <a class="push" id="survey-new" href=${`#/surveys/${NEW}`}>${t("surveys.new")}</a></h2>
  <ul class="list" id="surveys">${(list ?? []).map(row)}</ul></section>`;
