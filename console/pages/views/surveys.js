// Surveys: what campaigns ask. A supervisor writes them here, question by question, tries them as an agent sees them, and keeps
// each change as a version of its own. Those of files are shown, and may be copied.
import { ElButton, ElDialog, html } from "../lib.js";
import { t } from "../i18n.js";
import { route } from "../route.js";
import { isSupervisor } from "./supervise.js";
import { surveyEditor } from "./survey_editor.js";
import { keeping } from "./survey_keeping.js";
import { surveyList } from "./survey_list.js";
import { openSurvey } from "./survey_open.js";
import { trialDialog } from "./survey_trial.js";

export const SurveysView = {
  setup() {
    const open = openSurvey();
    const keep = keeping(open);
    const editor = surveyEditor(open, keep);
    const { state } = open;
    const nothing = () => html`<section class="card grow">${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : html`<p class="empty">${t("surveys.hint")}</p>`}</section>`;
    const questions = () => html`<${ElDialog} modelValue=${state.asked} onClose=${() => { state.asked = false; }} title=${t("surveys.remove.ask", route.id)} width="460px">
        <div class="choices"><p>${t("surveys.remove.hint")}</p><${ElButton} id="survey-remove-confirm" type="danger" disabled=${state.busy} onClick=${keep.forget}>${t("surveys.remove")}<//></div><//>
      <${ElDialog} modelValue=${state.leaving !== null} onClose=${() => { state.leaving = null; }} title=${t("surveys.discard.ask")} width="460px">
        <div class="choices"><p>${t("surveys.discard.hint")}</p><${ElButton} id="survey-discard-confirm" type="danger" onClick=${keep.leave}>${t("surveys.discard")}<//></div><//>`;
    return () => {
      if (!isSupervisor()) return html`<p class="empty">${t("surveys.supervisors")}</p>`;
      return html`<div class="campaigns two surveys">${surveyList(state.list)} ${state.paper ? editor() : nothing()} ${questions()} ${trialDialog(open)}</div>`;
    };
  },
};
