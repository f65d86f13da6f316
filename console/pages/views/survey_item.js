// One item of a survey, open to be changed: its words, its kind's bounds or choices, where each answer leads, its recordings.
import { html, reactive } from "../lib.js";
import { post } from "../api.js";
import { act } from "../act.js";
import { language, t } from "../i18n.js";
import { addChoice, isEnd, labelOf, usualLow } from "./survey_items.js";

const RESULTS = ["completed", "refused", "do_not_call", "no_reply"];
const SCORED = ["scale", "nps"];
const BRANCHED = [...SCORED, "number"];
const READ_MS = 6000;
const MOST_BYTES = 12_000_000; // console/body_limit.py, which cuts off a larger file before its answer can be read
/** As a number where it is one, full-width digits too: what is none the service refuses, with its words. */
function whole(text) {
  const plain = text.normalize("NFKC").trim();
  return /^\d+$/.test(plain) ? Number(plain) : text;
}

export const SurveyItem = {
  props: { node: Object, nodes: Array, may: Boolean, faults: Array, unspoken: Array },
  emits: ["changed"],
  setup(props, { emit }) {
    const state = reactive({ busy: false, reworded: false });
    const changed = () => emit("changed");
    const id = (key) => `survey-${props.node.name}-${key}`;
    /** What is empty is left out, as in a file. */
    function put(of, key, value) {
      if (value === "" || value === undefined) delete of[key];
      else of[key] = value;
      changed();
    }
    const said = (key) => props.faults.filter((one) => one.key === key || one.key.startsWith(`${key}.`)).map((one) => html`<p class="campaign-wrong" key=${one.en}>${language.value === "en" ? one.en : one.zh}</p>`);
    const field = (of, key, more = {}) => html`<input id=${id(more.as ?? key)} value=${of[key] ?? ""} aria-label=${t(`surveys.${more.label ?? key}`)} placeholder=${more.hint ?? ""} maxlength="1000" class=${more.class ?? ""} inputmode=${more.whole ? "numeric" : "text"}
      onInput=${(event) => put(of, key, more.whole ? whole(event.target.value) : event.target.value)} />`;
    function prose(key) {
      const write = (event) => { if (props.node.prompts?.length) state.reworded = true; put(props.node, key, event.target.value); };
      return html`<textarea id=${id(key)} rows="2" maxlength="1000" placeholder=${t(`surveys.${key}.hint`)} value=${props.node[key] ?? ""} onInput=${write}></textarea>`;
    }
    /** Where it leads: the next item, or another one. */
    function target(of, key, as, next = t("surveys.next")) {
      return html`<select id=${id(as)} aria-label=${t("surveys.then")} onChange=${(event) => put(of, key, event.target.value)}>
        ${next && html`<option value="" selected=${!of[key]}>${next}</option>`}
        ${props.nodes.filter((node) => node !== props.node).map((node) => html`<option key=${node.name} value=${node.name} selected=${node.name === of[key]}>${labelOf(props.nodes, node)}</option>`)}</select>`;
    }
    const line = (key, inside, faults = key) => html`<label for=${id(key)}>${t(`surveys.${key}`)}</label><div>${inside}${said(faults)}</div>`;

    const bounds = (node) => line("low", html`<span class="survey-row">${field(node, "low", { whole: true, class: "short" })} – ${field(node, "high", { whole: true, class: "short", label: "high" })}
      ${node.kind === "number" && [t("surveys.unit"), field(node, "unit", { class: "short", hint: "公里" }), field(node, "unit_en", { class: "short", hint: "km", label: "unit" })]}</span>${said("high")}`);
    function lowScore(node) {
      const low = node.kind === "nps" ? 0 : Number(node.low);
      const high = node.kind === "nps" ? 10 : Number(node.high);
      if (!(high > low && high - low <= 100)) return false;
      const to = (score) => (score < low ? t("surveys.low_score.none") : score === low ? t("surveys.low_score.one", score) : t("surveys.low_score.to", low, score));
      const chosen = node.low_score ?? "";
      return line("low_score", html`<select id=${id("low_score")} onChange=${(event) => put(node, "low_score", event.target.value === "" ? undefined : Number(event.target.value))}>
        <option value="" selected=${chosen === ""}>${t("surveys.low_score.usual", to(usualLow({ ...node, low, high })))}</option>
        ${Array.from({ length: high - low + 1 }, (_, step) => low - 1 + step).map((score) => html`<option key=${score} value=${score} selected=${chosen === score}>${to(score)}</option>`)}</select>`);
    }
    const choices = (node) => line("choices", html`<div>${node.choices.map((choice, at) => html`<div class="survey-row" key=${choice.name}>
        ${field(choice, "text", { as: `choice-${at}`, hint: t("surveys.choice") })} ${field(choice, "text_en", { as: `choice-en-${at}`, hint: t("surveys.choice.en") })}
        ${field(choice, "key", { as: `key-${at}`, class: "key", hint: t("surveys.key") })} ${target(choice, "goto", `choice-to-${at}`, node.kind === "menu" ? t("surveys.next") : t("surveys.as_below"))}
        <button type="button" class="plain" id=${id(`choice-remove-${at}`)} disabled=${node.choices.length < 2} aria-label=${t("surveys.remove")} onClick=${() => { node.choices.splice(at, 1); changed(); }}>✕</button></div>`)}
      <button type="button" class="plain blue" id=${id("choice-add")} disabled=${node.choices.length >= 20} onClick=${() => { addChoice(node); changed(); }}>＋ ${t("surveys.choice")}</button></div>`);
    const yesNo = (node) => line("choices", html`<div>${["yes", "no"].map((answer) => html`<div class="survey-row" key=${answer}>
        ${field(node, `${answer}_text`, { hint: answer === "yes" ? "是" : "否", label: answer })} ${field(node, `${answer}_text_en`, { hint: answer, label: answer })} ${target(node, answer, `${answer}-to`, t("surveys.as_below"))}</div>`)}</div>${said("yes")}${said("no")}`);
    function branches(node) {
      const rows = node.branches ?? [];
      const more = () => {
        const end = props.nodes.find((one) => one !== node && isEnd(one)) ?? props.nodes.find((one) => one !== node);
        const low = node.kind === "nps" ? 0 : node.low;
        node.branches = [...rows, { from: low, to: low, goto: end?.name ?? "" }];
        changed();
      };
      const drop = (at) => { rows.splice(at, 1); if (!rows.length) delete node.branches; changed(); };
      return line("branches", html`<div>${rows.map((branch, at) => html`<div class="survey-row" key=${at}>
          ${t("surveys.if")} ${field(branch, "from", { as: `from-${at}`, whole: true, class: "short" })} – ${field(branch, "to", { as: `to-${at}`, whole: true, class: "short" })} ${t("surveys.go")} ${target(branch, "goto", `branch-to-${at}`, "")}
          <button type="button" class="plain" aria-label=${t("surveys.remove")} onClick=${() => drop(at)}>✕</button></div>`)}
        <button type="button" class="plain blue" id=${id("branch-add")} onClick=${more}>＋ ${t("surveys.branch")}</button></div>`);
    }

    async function handOver(event) {
      const [file] = event.target.files;
      event.target.value = "";
      if (!file) return;
      await act(state, async () => {
        if (file.size > MOST_BYTES) throw new Error(t("surveys.prompts.large", MOST_BYTES / 1e6));
        const { name } = await post("/survey-prompts", file);
        renew([name]);
      }, READ_MS);
    }
    function renew(names) {
      if (names.length) props.node.prompts = names;
      else delete props.node.prompts;
      delete props.node.again; // it would go on saying what was said before
      state.reworded = false;
      changed();
    }
    const sound = (node) => line("prompts", html`<div class="survey-row survey-sound">
        ${(node.prompts ?? []).map((name) => html`<audio key=${name} controls preload="none" title=${name} src=${`/api/v1/survey-prompts/${encodeURIComponent(name)}.wav`}></audio>`)}
        ${props.may && html`<label class="plain blue">${t(node.prompts?.length ? "surveys.prompts.other" : "surveys.prompts.add")}<input type="file" class="out-of-sight" id=${id("sound")} accept="audio/*,.wav,.flac,.ogg,.mp3" disabled=${state.busy} onChange=${handOver} /></label>`}
        ${props.may && node.prompts?.length > 0 && html`<button type="button" class="plain" onClick=${() => renew([])}>${t("surveys.remove")}</button>`}</div>
      ${state.reworded && html`<p class="campaign-doubt">${t("surveys.prompts.old")}</p>`}
      ${props.unspoken.map((one) => html`<p class="campaign-doubt" key=${one.en}>${language.value === "en" ? one.en : one.zh}</p>`)}`);

    const KINDS = {
      scale: (node) => [bounds(node), lowScore(node), branches(node)], nps: (node) => [lowScore(node), branches(node)], number: (node) => [bounds(node), branches(node)],
      choice: (node) => choices(node), menu: (node) => choices(node), yes_no: (node) => yesNo(node),
      hangup: (node) => line("result", html`<select id=${id("result")} onChange=${(event) => put(node, "result", event.target.value)}>${RESULTS.map((result) => html`<option key=${result} value=${result} selected=${result === (node.result || "completed")}>${t(`surveys.result.${result}`)}</option>`)}</select>`),
    };
    const required = (node) => ["menu", "play"].includes(node.kind) || isEnd(node) ? false : line("required", html`<input type="checkbox" id=${id("required")} checked=${node.required ?? node.kind !== "speech"}
      onChange=${(event) => put(node, "required", event.target.checked === (node.kind !== "speech") ? undefined : event.target.checked)} />`);
    return () => {
      const { node } = props;
      const onwards = !isEnd(node) && node.kind !== "menu";
      return html`<fieldset class="survey-item" disabled=${!props.may}>
        ${line("text", prose("text"))} ${line("text_en", prose("text_en"))}
        ${KINDS[node.kind]?.(node)} ${required(node)}
        ${onwards && line("then", target(node, "goto", "then"), "goto")}
        ${sound(node)}
        <span></span><div>${props.faults.filter((one) => ["", "name", "kind", "start", "fallback"].includes(one.key)).map((one) => html`<p class="campaign-wrong" key=${one.en}>${language.value === "en" ? one.en : one.zh}</p>`)}</div>
      </fieldset>`;
    };
  },
};
