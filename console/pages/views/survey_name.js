// What people call a survey, with the name that it has elsewhere in small where that is another.
import { html } from "../lib.js";
import { surveyTitle } from "../api.js";

export function surveyName(id) {
  const title = surveyTitle(id);
  return title === id ? html`<strong>${id}</strong>` : html`<strong>${title}</strong> <span class="quiet mono">${id}</span>`;
}
