// Which contacts of a campaign are listed: what the address asks for, and the line in which it is chosen.
import { html } from "../lib.js";
import { t, term } from "../i18n.js";
import { WORDS } from "../words.js";
import { go, route } from "../route.js";

const WANTED = ["state", "result", "tried", "listed", "text", "round", "stage", "days"];
const STATES = [["pending", "campaigns.live.pending"], ["dialling", "called.now"], ["done", "finished"]];
const RESULTS = Object.keys(WORDS).filter((key) => key.startsWith("result.")).map((key) => key.slice("result.".length));

/** As the address has it; see `console.api.contact_query`. */
export const wanted = () => Object.fromEntries(WANTED.map((key) => [key, route.query[key] ?? ""]));
export const isAnyWanted = () => Object.values(wanted()).some(Boolean);

/** What a figure asked for that has no field of its own, in words. */
const NARROWS = {
  round: (round) => t("campaigns.find.round", round),
  stage: (stage) => t(`campaigns.stage.${stage}`, route.query.days || 30),
  tried: () => t("tried"),
  listed: () => t("campaigns.find.listed"),
};

const choice = (key, title, none, options) => html`<select id=${`campaign-find-${key}`} aria-label=${title} onChange=${(event) => find({ [key]: event.target.value })}><option value="">${none}</option>
  ${options.map(([name, words]) => html`<option key=${name} value=${name} selected=${name === route.query[key]}>${words}</option>`)}</select>`;
const find = (changed) => go("campaigns", route.id, { ...wanted(), ...changed });

/** `found`: how many there are, as it is shown. */
export const finder = (found) => html`<p class="filters" id="campaign-find">
  <input id="campaign-find-text" type="search" placeholder=${t("campaigns.find")} aria-label=${t("campaigns.find")} value=${route.query.text ?? ""} onChange=${(event) => find({ text: event.target.value.trim() })} />
  ${choice("result", t("result"), t("campaigns.find.result"), RESULTS.map((name) => [name, term("result", name)]))}
  ${choice("state", t("progress"), t("progress"), STATES.map(([name, word]) => [name, t(word)]))}
  ${Object.entries(NARROWS).map(([key, words]) => route.query[key] && html`<span class="tag" key=${key} id=${`campaign-find-${key}`}>${words(route.query[key])}</span>`)}
  ${found}
  ${isAnyWanted() && html` <button class="plain" id="campaign-find-clear" onClick=${() => go("campaigns", route.id)}>${t("clear")}</button>`}</p>`;
