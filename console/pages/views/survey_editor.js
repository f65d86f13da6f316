// The survey that is open, item by item: what may be done with it, what the service says of it, and what may be added.
import { ElButton, html } from "../lib.js";
import { said, t } from "../i18n.js";
import { route } from "../route.js";
import { surveyCard } from "./survey_card.js";
import { edits } from "./survey_edits.js";
import { ADDED } from "./survey_items.js";
import { versionChoice } from "./survey_keeping.js";
import { surveyName } from "./survey_name.js";
import { pathOf } from "./survey_open.js";
import { SurveyOvertaken } from "./survey_overtaken.js";
import { trialOf } from "./survey_trial.js";

/** Of the survey in `open` (survey_open.js), with the orders `keep` (survey_keeping.js). Returns what draws it. */
export function surveyEditor(open, keep) {
  const { state, isNew, may, newest, overtaken, right, changed } = open;
  const edit = edits(open);

  const title = () => (isNew() ? html`<input id="survey-name" aria-label=${t("name")} placeholder=${t("surveys.name")} maxlength="63" value=${state.name} onInput=${(event) => { state.name = event.target.value; changed(); }} />` : html`<span>${surveyName(state.paper.name)}</span>`);
  const untried = () => !state.told || state.told.faults.some((one) => one.node || one.key === "nodes");
  const orders = () => html`<span class="push survey-acts">
    <${ElButton} size="small" id="survey-try" disabled=${state.busy || untried()} onClick=${() => { state.trying = trialOf(open); }}>${t("surveys.try")}<//>
    ${may() && state.dirty && html`<${ElButton} size="small" id="survey-discard" disabled=${state.busy} onClick=${keep.discard}>${t("surveys.discard")}<//>`}
    ${!isNew() && html`<${ElButton} size="small" id="survey-copy" onClick=${keep.copy}>${t("surveys.copy")}<//>`}
    ${!isNew() && may() && html`<${ElButton} size="small" id="survey-remove" type="danger" plain disabled=${state.busy} onClick=${() => { state.asked = true; }}>${t("surveys.remove")}<//>`}
    ${may() && !overtaken() && html`<${ElButton} size="small" id="survey-save" type="primary" disabled=${state.busy || !right() || (!isNew() && !state.dirty)} onClick=${() => keep.save(state.after)}>${t(isNew() ? "save" : "surveys.save")}<//>`}</span>`;
  const notices = () => html`${!may() && html`<p class="notice" id="survey-file">${t(`surveys.file.${state.paper.source}`)}</p>`}
    ${overtaken() && html`<${SurveyOvertaken} path=${pathOf(route.id)} newest=${state.paper.versions[0]} nodes=${state.paper.nodes} after=${state.after} busy=${state.busy} right=${right()} onKeep=${() => keep.save(newest())} onCopy=${keep.copy} onDiscard=${keep.discard} />`}
    ${!isNew() && may() && !overtaken() && state.paper.number !== newest() && html`<p class="notice">${t("surveys.older", state.paper.number)}</p>`}
    ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}`;
  function summary() {
    if (!state.told) return html`<p class="quiet" id="survey-told">…</p>`;
    const faults = state.told.faults.filter((one) => may() || one.node); // a file's name is taken: by itself
    const first = faults.find((one) => one.node);
    if (faults.length) {
      return html`<p class="campaign-wrong" id="survey-told" role="status">${t("surveys.faults", faults.length)} ${faults.filter((one) => !one.node).map(said).join("；")}
        ${first && html`<button type="button" class="plain blue" onClick=${() => edit.lookAt(first.node)}>${t("surveys.to_fault")}</button>`}</p>`;
    }
    const silent = state.told.unspoken.length;
    return html`<p id="survey-told" class=${silent ? "campaign-doubt" : "good"} role="status">${silent ? t("surveys.unspoken", silent) : t("surveys.right")}</p>`;
  }
  const adding = () => html`<p class="survey-adds"><span class="quiet">${t("surveys.add")}</span> ${ADDED.map((kind) => html`<button type="button" class="choice" key=${kind} id=${`survey-add-${kind}`} onClick=${() => edit.append(kind)}>${t(`surveys.kind.${kind}`)}</button>`)}</p>`;
  return () => html`<section class="card grow survey-editor">
    <h2>${title()}
      ${versionChoice(state.paper, keep.choose)}
      ${orders()}</h2>
    ${notices()}
    ${summary()}
    <ol class="survey-items">${state.paper.nodes.map((node, place) => surveyCard(open, edit, node, place))}</ol>
    ${may() && adding()}
  </section>`;
}
