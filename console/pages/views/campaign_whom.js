// Whom a new campaign calls: a file of contacts, a selection that is kept, or whoever is told later.
import { html } from "../lib.js";
import { post } from "../api.js";
import { t } from "../i18n.js";

export const nobodyYet = () => ({ how: "file", file: null, selection: "", living: false, hold: 0 });

/** The lines of the form for `whom`; `selections` are the names of those that are kept. */
export function whomLines(whom, selections) {
  const pick = (how, words, inside) => html`<div class="campaign-source" key=${how}>
    <label><input type="radio" name="campaign-whom" id=${`campaign-whom-${how}`} value=${how} checked=${whom.how === how} onChange=${() => { whom.how = how; }} /> ${words}</label>
    ${whom.how === how && inside && html`<div class="campaign-inside">${inside}</div>`}</div>`;
  const file = html`<label class="plain file-choice">${whom.file?.name ?? t("lists.file")}<input id="campaign-file" type="file" accept=".csv,.txt,.xlsx" aria-label=${t("lists.file")} onChange=${(event) => { whom.file = event.target.files[0] ?? null; }} /></label>
    <span class="quiet">${t("campaigns.whom.file.hint")}</span>`;
  const selection = selections.length
    ? html`<select id="campaign-selection" aria-label=${t("campaigns.whom.selection")} onChange=${(event) => { whom.selection = event.target.value; }}>${selections.map((name) => html`<option key=${name} value=${name} selected=${name === whom.selection}>${name}</option>`)}</select>
      <label><input type="checkbox" id="campaign-living" checked=${whom.living} onChange=${(event) => { whom.living = event.target.checked; }} /> ${t("selections.living")}</label>
      <label>${t("selections.hold")} <input id="campaign-hold" class="number" type="number" min="0" max="50" value=${whom.hold} onInput=${(event) => { whom.hold = event.target.value; }} /></label>
      <p class="campaign-hint">${t("campaigns.whom.hold.hint")}</p>`
    : html`<p class="campaign-none">${t("campaigns.whom.none")} <a href="#/selections" target="_blank">${t("selections")}</a></p>`;
  return html`<div class="campaign-line"><span class="campaign-label" id="campaign-whom-title">${t("campaigns.whom")}</span>
    <div role="radiogroup" aria-labelledby="campaign-whom-title">
      ${pick("file", t("campaigns.whom.file"), file)}${pick("selection", t("campaigns.whom.selection"), selection)}${pick("later", t("campaigns.whom.later"), null)}</div></div>`;
}

/** Lead them into the campaign `name`, which is kept already. */
export async function leadInto(name, whom) {
  if (whom.how === "file" && whom.file) {
    await post(`/lists?${new URLSearchParams({ campaign: name, name: whom.file.name })}`, whom.file);
  } else if (whom.how === "selection" && whom.selection) {
    await post(`/selections/${encodeURIComponent(whom.selection)}/take`, { campaign: name, living: whom.living, again_days: 0, hold_out: Number(whom.hold) });
  }
}
