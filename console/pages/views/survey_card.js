// One item of the survey that is open: its kind and words, what is wrong with it, and the keys that move it; the whole of it below, where it is looked at.
import { html } from "../lib.js";
import { said, t } from "../i18n.js";
import { SurveyItem } from "./survey_item.js";
import { labelOf, wordsOf } from "./survey_items.js";

const kind = (node) => html`<span class="tag">${t(`surveys.kind.${node.kind}`)}</span> ${node.kind === "hangup" && html`<span class=${`tag result-${node.result || "completed"}`}>${t(`surveys.result.${node.result || "completed"}`)}</span>`}`;
const text = (node) => html`<span class="survey-words">${wordsOf(node) || html`<span class="quiet">${t(node.kind === "hangup" ? "surveys.hangs_up" : "surveys.no_words")}</span>`}</span>`;
const key = (what, sign, work, disabled = false) => html`<button type="button" class=${`plain survey-${what}`} title=${t(`surveys.${what}`)} aria-label=${t(`surveys.${what}`)} disabled=${disabled} onClick=${work}>${sign}</button>`;
const ways = (node, nodes) => html`<p class="quiet survey-ways">${node.branches.map(({ from, to, goto }) => `${from}–${to} → ${labelOf(nodes, nodes.find((one) => one.name === goto) ?? node)}`).join("；")}</p>`;

/** Of the survey in `open` (survey_open.js), which `edit` (survey_edits.js) changes. */
export function surveyCard({ state, may, changed }, edit, node, place) {
  const { name } = node;
  const { nodes } = state.paper;
  const of = (told) => (state.told?.[told] ?? []).filter((one) => one.node === name);
  const faults = of("faults");
  const here = state.open === name;
  return html`<li key=${name} class=${`survey-card ${here ? "here" : ""} ${faults.length ? "wrong" : ""}`} data-item=${name} onKeydown=${(event) => edit.onKey(event, name)}>
    <div class="survey-head"><button type="button" class="survey-title" aria-expanded=${here} onClick=${() => edit.toggle(name)}>
        <b class="mono">${place + 1}</b> ${kind(node)} ${text(node)}</button>
      ${faults.length > 0 && html`<span class="bad" role="status">${t("surveys.wrong", faults.length)}</span>`}
      ${may() && html`${key("up", "↑", () => edit.shift(name, -1), place === 0)}
        ${key("down", "↓", () => edit.shift(name, 1), place === nodes.length - 1)}
        ${key("remove", "✕", () => edit.drop(name))}`}</div>
    ${!here && node.branches?.length > 0 && ways(node, nodes)}
    ${of("warnings").map((one) => html`<p class="campaign-doubt" key=${one.en}>${said(one)}</p>`)}
    ${here && html`<${SurveyItem} node=${node} nodes=${nodes} may=${may()} faults=${faults} unspoken=${of("unspoken")} onChanged=${changed} />`}
  </li>`;
}
