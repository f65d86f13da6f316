// How a campaign calls, to be read.
import { html } from "../lib.js";
import { language, t } from "../i18n.js";
import { moment } from "../format.js";
import { hoursWords } from "./campaign_hours.js";

const words = (told) => (language.value === "en" ? told.en : told.zh);
const unit = (field) => (language.value === "en" ? field.unit_en : field.unit_zh);

/** A value of a field, as people say it. */
export function shown(field, value) {
  if (field.kind === "bool") return t(value ? "campaigns.yes" : "campaigns.no");
  if (field.kind === "lines") return value.map(hoursWords).join(t("campaigns.form.and"));
  if (field.kind === "prose") return value ? html`<span class="prose">${value}</span>` : "—";
  const choice = field.choices.find((one) => one.value === value);
  return choice ? words(choice) : [String(value), unit(field)].filter(Boolean).join(" ");
}

export function planFacts(plan, fields) {
  const facts = (part) => {
    const told = fields.filter((field) => field.part === part && field.key !== "name" && plan.values[field.key] !== undefined);
    return told.length > 0 && html`<div key=${part}>${part && html`<h3>${t(`campaigns.form.${part}`)}</h3>`}
      <dl class="campaign-facts">${told.map((field) => html`<div key=${field.key}><dt>${words(field)}</dt><dd>${shown(field, plan.values[field.key])}</dd></div>`)}</dl></div>`;
  };
  return html`<div class="campaign-plan">
    ${plan.source === "config" && html`<p class="quiet" id="campaign-config">${t("campaigns.config")}</p>`}
    ${plan.warnings.map((one) => html`<p class="campaign-wrong" key=${one.en}>${words(one)}</p>`)}
    ${[...new Set(fields.map((field) => field.part))].sort((a, b) => (a !== "") - (b !== "")).map(facts)}
    ${plan.source === "page" && html`<p class="quiet">${t("campaigns.made", plan.made_by, moment(plan.made_at))}${plan.changed_at !== plan.made_at ? ` · ${t("campaigns.changed", plan.changed_by, moment(plan.changed_at))}` : ""}</p>`}
  </div>`;
}
