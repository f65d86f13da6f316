// The survey that is open as agents have it: the same page, whose answers go nowhere.
import { ElDialog, html } from "../lib.js";
import { post } from "../api.js";
import { t } from "../i18n.js";
import { CallForm } from "./call_form.js";

/** For `CallForm`: what is asked of the survey as it stands now, by the answers so far. */
export function trialOf({ whole }) {
  const answers = {};
  const view = () => post("/survey-preview", { ...whole(), answers });
  return {
    load: view,
    answer: (question, answer) => { answers[question] = answer; return view(); },
    takeBack: (question) => { delete answers[question]; return view(); },
  };
}

export const trialDialog = ({ state }) => html`<${ElDialog} modelValue=${state.trying !== null} onClose=${() => { state.trying = null; }} title=${t("surveys.try.title")} width="720px" top="4vh">
  ${state.trying && html`<p class="quiet">${t("surveys.try.hint")}</p><${CallForm} call="" trial=${state.trying} />`}<//>`;
