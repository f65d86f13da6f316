// A campaign's script as the agent reads it: headings, points and paragraphs.
import { html } from "../lib.js";
import { language, t } from "../i18n.js";

const part = (one, place) => {
  if (one.kind === "heading") return html`<h3 key=${place}>${one.text}</h3>`;
  return html`<p key=${place} class=${`script-${one.kind}`}>${one.text}</p>`;
};

/** `shown` is a form or a preview; the English script is for those who read the page in English. */
export function scriptOf(shown) {
  const { script, script_en: english } = shown;
  const parts = language.value === "en" && english.length ? english : script.length ? script : english;
  return parts.length > 0 && html`<details class="script" open><summary>${t("script")}</summary>${parts.map(part)}</details>`;
}
