// One field of a campaign's form: its label, its control, what it does, and what is wrong with it.
import { html } from "../lib.js";
import { language, t } from "../i18n.js";
import { hoursRows } from "./campaign_hours.js";
import { shown } from "./campaign_plan.js";

export const words = (told) => (language.value === "en" ? told.en : told.zh);
const hint = (one) => (language.value === "en" ? one.hint_en : one.hint_zh);
const unit = (field) => (language.value === "en" ? field.unit_en : field.unit_zh);
const none = (field) => (language.value === "en" ? field.none_en : field.none_zh);
const group = (choice) => (language.value === "en" ? choice.group_en : choice.group_zh);
const NUMBERS = ["int", "number"];
export const idOf = (key) => `campaign-field-${key}`;

/** What may be chosen of a field in `mode`. */
export const choicesIn = (field, mode) => field.choices.filter((choice) => !choice.modes.length || choice.modes.includes(mode));
export const countsIn = (field, mode) => !field.modes.length || field.modes.includes(mode);

/** The fault in the words of its field, whose title stands beside it already; of an empty one that it is. */
function bare(field, fault, value) {
  if (value === "") return t(field.choices.length ? "campaigns.form.pick" : "campaigns.form.fill", words(field));
  return words(fault).replace(new RegExp(`^${words(field)}[：:] ?`), "");
}

function options(field, choices, value) {
  const known = choices.some((choice) => choice.value === value);
  const stray = known ? [] : [html`<option key="" value=${value} selected>${value === "" ? t("campaigns.form.choose") : String(value)}</option>`];
  const one = (choice) => html`<option key=${choice.value} value=${choice.value} selected=${choice.value === value}>${words(choice)}${field.part === "retry" && choice.value === field.default ? t("campaigns.form.usual.mark") : ""}</option>`;
  const groups = [...new Set(choices.map(group))];
  return [...stray, ...groups.map((name) => {
    const of = choices.filter((choice) => group(choice) === name).map(one);
    return name ? html`<optgroup key=${name} label=${name}>${of}</optgroup>` : of;
  })];
}

/** Modes as cards, one of them chosen: arrow keys move among them. */
const cards = (field, id, value, taken, disabled) => html`<div class="campaign-cards" role="radiogroup" id=${id} tabindex="-1" aria-labelledby=${`${id}-title`}>
  ${field.choices.filter((choice) => !disabled || choice.value === value).map((choice) => html`<label key=${choice.value} class=${`campaign-card ${choice.value === value ? "here" : ""}`}>
    <input type="radio" name=${id} value=${choice.value} checked=${choice.value === value} disabled=${disabled} onChange=${() => taken(choice.value)} />
    <span><strong>${words(choice)}</strong><span class="quiet">${hint(choice)}</span></span></label>`)}</div>`;

/** There is nothing to choose from, which is said in the place of the control. */
const nothing = (field, form) => field.kind === "choice" && !choicesIn(field, form.mode).length;

function control(field, form, more) {
  const { value, mode, disabled, taken } = form;
  const id = idOf(field.key);
  const typed = (event) => taken(event.target.value);
  if (field.key === "mode") return cards(field, id, value, taken, disabled);
  if (field.kind === "lines") return hoursRows(id, value, taken, disabled);
  if (field.kind === "bool") return html`<label class="campaign-check"><input id=${id} type="checkbox" checked=${value} disabled=${disabled} ...${more} onChange=${(event) => taken(event.target.checked)} /> ${hint(field)}</label>`;
  if (field.kind === "prose") return html`<textarea id=${id} rows="5" value=${value} disabled=${disabled} ...${more} onInput=${typed}></textarea>`;
  const choices = choicesIn(field, mode);
  if (nothing(field, form)) return html`<p class="campaign-none" id=${id} tabindex="-1">${none(field)}</p>`;
  if (choices.length) return html`<select id=${id} disabled=${disabled} ...${more} onChange=${typed}>${options(field, choices, value)}</select>`;
  const number = NUMBERS.includes(field.kind);
  return html`<span class="campaign-input"><input id=${id} value=${value} disabled=${disabled} class=${number ? "number" : ""} inputmode=${number ? "decimal" : "text"} autocomplete="off" ...${more} onInput=${typed} />${unit(field) && html`<span class="quiet">${unit(field)}</span>`}</span>`;
}

/** What is said below a field: what was chosen, what the field does, what is usual. */
function said(field, { value, mode }) {
  const chosen = choicesIn(field, mode).find((choice) => choice.value === value);
  const usual = NUMBERS.includes(field.kind) && field.default > 0 && t("campaigns.form.usual", shown(field, field.default));
  const lines = [
    field.key !== "mode" && chosen && hint(chosen),
    field.kind !== "bool" && [hint(field), usual].filter(Boolean).join(" "),
    field.kind === "suggested" && !field.choices.length && none(field),
  ].filter(Boolean);
  return lines.map((line, at) => html`<span class=${at === 0 && chosen && hint(chosen) ? "campaign-chosen" : ""} key=${at}>${line}</span>`);
}

/** The line of a field. `form`: its `value`, the `mode`, `disabled`, `held` ("", "live" or "paused first"), its `faults`
 * and `warnings`, and `taken`, which is told a new value. */
export function fieldLine(field, form) {
  const id = idOf(field.key);
  const more = { "aria-invalid": form.faults.length > 0 ? "true" : null, "aria-describedby": `${id}-said` };
  const grouped = field.key === "mode" || field.kind === "lines";
  const title = html`${words(field)} ${form.held && html`<span class=${`tag ${form.held === "live" ? "result-completed" : "closed"}`}>${t(`campaigns.form.${form.held}`)}</span>`}`;
  const told = (items, mark) => [...new Set(items.map((item) => bare(field, item, mark === "campaign-wrong" ? form.value : null)))].map((text) => html`<p class=${mark} key=${text}>${text}</p>`);
  return html`<div class="campaign-line" key=${field.key}>
    ${grouped ? html`<span class="campaign-label" id=${`${id}-title`}>${title}</span>` : html`<label class="campaign-label" for=${id}>${title}</label>`}
    <div>${control(field, form, more)}
      <div id=${`${id}-said`}>${told(nothing(field, form) ? [] : form.faults, "campaign-wrong")}${told(form.warnings, "campaign-doubt")}
        <p class="campaign-hint">${said(field, form)}${field.key === "survey" && html`<a href="#/surveys" target="_blank" id="campaign-to-surveys">${t("campaigns.form.surveys")}</a>`}</p></div></div></div>`;
}
