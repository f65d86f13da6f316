// Surveys: what campaigns ask. A supervisor writes them here, question by question, tries them as an agent sees them, and keeps
// each change as a version of its own. Those of files are shown, and may be copied.
import { ElButton, ElDialog, html, nextTick, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { del, get, post, put } from "../api.js";
import { act } from "../act.js";
import { language, t } from "../i18n.js";
import { moment } from "../format.js";
import { go, route } from "../route.js";
import { Unkept } from "../unkept.js";
import { CallForm } from "./call_form.js";
import { isSupervisor } from "./supervise.js";
import { SurveyItem } from "./survey_item.js";
import { surveyName } from "./survey_name.js";
import { SurveyOvertaken } from "./survey_overtaken.js";
import { ADDED, add, blankSurvey, labelOf, move, remove, wordsOf } from "./survey_items.js";

const READ_MS = 6000;
const NEW = "+";
const words = (told) => (language.value === "en" ? told.en : told.zh);
const pathOf = (name) => `/surveys/${encodeURIComponent(name)}`;
/** Changes that are not kept yet, by survey, and the version after which they were made: whoever looks at another one meanwhile finds them again. */
const drafts = new Unkept();
const copied = (value) => JSON.parse(JSON.stringify(value));

export const SurveysView = {
  setup() {
    const state = reactive({ list: null, paper: null, name: "", open: "", told: null, fault: "", busy: false, dirty: false, asked: false, trying: null, after: 0, leaving: null });
    let due = 0;
    let asked = 0;
    const isNew = () => route.id === NEW;
    const may = () => isNew() || state.paper?.source === "page";

    async function load() {
      try {
        state.list = await get("/surveys");
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    function take(paper, name = paper.name, after = paper.versions[0]?.number ?? 0) {
      Object.assign(state, { paper: copied(paper), name, after, told: null, fault: "", dirty: false });
      if (!state.paper.nodes.some((node) => node.name === state.open)) state.open = "";
      return check();
    }
    async function show() {
      clearTimeout(due);
      const draft = drafts.get(route.id);
      if (draft && !state.fresh) {
        await take(draft.paper, draft.name, draft.after);
        state.dirty = true;
        await renew();
      } else if (!route.id) Object.assign(state, { paper: null, told: null });
      else if (isNew()) await take(state.fresh ?? { nodes: blankSurvey(), source: "page", number: 0, versions: [] }, "");
      else {
        try {
          await take(await get(pathOf(route.id)));
        } catch (problem) {
          Object.assign(state, { paper: null, fault: problem.message });
        }
      }
      state.fresh = null;
    }
    onMounted(() => { if (isSupervisor()) { load(); show(); } });
    onBeforeUnmount(() => clearTimeout(due));
    watch(() => route.id, show);

    /** What others have kept meanwhile is listed; what stands here stays. */
    async function renew() {
      const name = route.id;
      if (isNew()) return;
      try {
        const { versions } = await get(pathOf(name));
        if (name === route.id) state.paper.versions = versions;
      } catch (problem) {
        if (name === route.id) state.fault = problem.status === 404 ? t("surveys.gone") : problem.message;
      }
    }
    const overtaken = () => !isNew() && may() && newest() > state.after;

    const whole = () => ({ name: state.name.trim() || "?", nodes: state.paper.nodes });
    /** What is said of it as it stands now; of one that was changed meanwhile nothing is shown. */
    async function check() {
      const mine = ++asked;
      const told = await post(`/survey-check${isNew() ? "?new=true" : ""}`, whole());
      if (mine === asked) state.told = told;
      return told.faults;
    }
    function changed() {
      state.dirty = true;
      drafts.set(route.id, { paper: copied(state.paper), name: state.name, after: state.after });
      asked += 1;
      clearTimeout(due);
      due = setTimeout(() => check().catch((problem) => { state.fault = problem.message; }), 300);
    }
    /** As the version behind version `after`. */
    async function save(after) {
      clearTimeout(due);
      await act(state, async () => {
        const [first] = await check();
        if (first) throw new Error(words(first));
        const name = route.id;
        const kept = isNew() ? await post("/surveys", whole()) : await put(pathOf(name), { ...whole(), after }).catch(faster);
        drafts.delete(name);
        await load();
        if (isNew()) go("surveys", kept.name);
        else await take(kept);
      }, READ_MS);
    }
    async function faster(problem) {
      if (problem.code === "changed_since") await Promise.all([renew(), load()]);
      throw problem;
    }
    const newest = () => state.paper.versions[0]?.number ?? 0;
    const older = (number) => act(state, async () => { await take(await get(`${pathOf(route.id)}?number=${number}`)); state.dirty = Number(number) !== newest(); });
    function choose(event) {
      const number = Number(event.target.value);
      if (!drafts.has(route.id)) return older(number);
      event.target.value = state.paper.number;
      state.leaving = { number };
    }
    /** What is not kept goes, once that was confirmed; version `number` comes in its place. */
    const discard = () => {
      if (drafts.has(route.id)) state.leaving = { number: 0 };
      else show();
    };
    function leave() {
      const { number } = state.leaving;
      state.leaving = null;
      drafts.delete(route.id);
      return number ? older(number) : show();
    }
    function copy() {
      state.fresh = { ...copied(state.paper), source: "page", number: 0, versions: [] };
      go("surveys", NEW);
    }
    const forget = () => act(state, async () => {
      await del(pathOf(route.id));
      drafts.delete(route.id);
      state.asked = false;
      go("surveys");
      await load();
    }, READ_MS);

    const focus = (selector) => nextTick(() => document.querySelector(selector)?.focus());
    const selectorOf = (name, what) => `[data-item="${CSS.escape(name)}"] ${what}`;
    function append(kind) {
      state.open = add(state.paper.nodes, kind, state.open);
      changed();
      focus(selectorOf(state.open, "textarea"));
    }
    function shift(name, by) {
      move(state.paper.nodes, name, by);
      changed();
      focus(selectorOf(name, by < 0 ? ".survey-up:enabled, .survey-down" : ".survey-down:enabled, .survey-up"));
    }
    function drop(name) {
      const at = state.paper.nodes.findIndex((node) => node.name === name);
      remove(state.paper.nodes, name);
      changed();
      const next = state.paper.nodes[Math.min(at, state.paper.nodes.length - 1)];
      if (next) focus(selectorOf(next.name, ".survey-title"));
    }
    /** Alt with an arrow moves the item in which the focus is. */
    function onKey(event, name) {
      if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || !may()) return;
      event.preventDefault();
      shift(name, event.key === "ArrowUp" ? -1 : 1);
    }

    /** As agents have it: the same page, whose answers go nowhere. */
    function attempt() {
      const answers = {};
      const view = () => post("/survey-preview", { ...whole(), answers });
      return {
        load: view,
        answer: (question, answer) => { answers[question] = answer; return view(); },
        takeBack: (question) => { delete answers[question]; return view(); },
      };
    }

    const kinds = (one) => html`${one.notice ? html`<span class="tag">${t("surveys.notice")}</span>` : html`<span class="tag survey-agents">${t("surveys.by.agents")}</span>`} ${one.spoken && html`<span class="tag survey-voice">${t("surveys.by.voice")}</span>`}`;
    const row = (one) => html`<li key=${one.name} class=${`campaign ${one.name === route.id ? "here" : ""}`} data-survey=${one.name}>
      <a href=${`#/surveys/${encodeURIComponent(one.name)}`}>${surveyName(one.name)}</a>
      <p class="tags">${kinds(one)}</p>
      <p class="quiet">${one.source === "page" ? t("surveys.version", one.number) : t(`surveys.of.${one.source}`)} · ${t("surveys.questions", one.questions)}${one.at ? ` · ${one.by} ${moment(one.at)}` : ""}</p>
      ${one.used.length > 0 && html`<p class="tags"><span class="quiet">${t("surveys.used")}</span> ${one.used.map((use) => html`<a class="tag" key=${use.campaign} href=${`#/campaigns/${encodeURIComponent(use.campaign)}`}>${use.campaign}</a>`)}</p>`}
      ${one.faults.length > 0 && html`<p class="campaign-wrong">${words(one.faults[0])}</p>`}
    </li>`;
    const list = () => html`<section class="card grow"><h2><a href="#/campaigns">${t("campaigns")}</a> › ${t("surveys")} <a class="push" id="survey-new" href=${`#/surveys/${NEW}`}>${t("surveys.new")}</a></h2>
      <ul class="list" id="surveys">${(state.list ?? []).map(row)}</ul></section>`;

    const right = () => state.told !== null && state.told.faults.length === 0;
    const of = (told, name) => (state.told?.[told] ?? []).filter((one) => one.node === name);
    const item = (node, place) => {
      const wrong = of("faults", node.name).length;
      const here = state.open === node.name;
      return html`<li key=${node.name} class=${`survey-card ${here ? "here" : ""} ${wrong ? "wrong" : ""}`} data-item=${node.name} onKeydown=${(event) => onKey(event, node.name)}>
        <div class="survey-head"><button type="button" class="survey-title" aria-expanded=${here} onClick=${() => { state.open = here ? "" : node.name; }}>
            <b class="mono">${place + 1}</b> <span class="tag">${t(`surveys.kind.${node.kind}`)}</span> ${node.kind === "hangup" && html`<span class=${`tag result-${node.result || "completed"}`}>${t(`surveys.result.${node.result || "completed"}`)}</span>`} <span class="survey-words">${wordsOf(node) || html`<span class="quiet">${t(node.kind === "hangup" ? "surveys.hangs_up" : "surveys.no_words")}</span>`}</span></button>
          ${wrong > 0 && html`<span class="bad" role="status">${t("surveys.wrong", wrong)}</span>`}
          ${may() && html`<button type="button" class="plain survey-up" title=${t("surveys.up")} aria-label=${t("surveys.up")} disabled=${place === 0} onClick=${() => shift(node.name, -1)}>↑</button>
            <button type="button" class="plain survey-down" title=${t("surveys.down")} aria-label=${t("surveys.down")} disabled=${place === state.paper.nodes.length - 1} onClick=${() => shift(node.name, 1)}>↓</button>
            <button type="button" class="plain survey-remove" title=${t("surveys.remove")} aria-label=${t("surveys.remove")} onClick=${() => drop(node.name)}>✕</button>`}</div>
        ${!here && node.branches?.length > 0 && html`<p class="quiet survey-ways">${node.branches.map(({ from, to, goto }) => `${from}–${to} → ${labelOf(state.paper.nodes, state.paper.nodes.find((one) => one.name === goto) ?? node)}`).join("；")}</p>`}
        ${of("warnings", node.name).map((one) => html`<p class="campaign-doubt" key=${one.en}>${words(one)}</p>`)}
        ${here && html`<${SurveyItem} node=${node} nodes=${state.paper.nodes} may=${may()} faults=${of("faults", node.name)} unspoken=${of("unspoken", node.name)} onChanged=${changed} />`}
      </li>`;
    };
    const summary = () => {
      if (!state.told) return html`<p class="quiet" id="survey-told">…</p>`;
      const faults = state.told.faults.filter((one) => may() || one.node); // a file's name is taken: by itself
      if (faults.length) {
        return html`<p class="campaign-wrong" id="survey-told" role="status">${t("surveys.faults", faults.length)} ${faults.filter((one) => !one.node).map(words).join("；")}
          ${faults.some((one) => one.node) && html`<button type="button" class="plain blue" onClick=${() => { state.open = faults.find((one) => one.node).node; focus(selectorOf(state.open, ".survey-title")); }}>${t("surveys.to_fault")}</button>`}</p>`;
      }
      const silent = state.told.unspoken.length;
      return html`<p id="survey-told" class=${silent ? "campaign-doubt" : "good"} role="status">${silent ? t("surveys.unspoken", silent) : t("surveys.right")}</p>`;
    };
    const versions = () => state.paper.versions.length > 1 && html`<select id="survey-versions" aria-label=${t("surveys.versions")} onChange=${choose}>
      ${state.paper.versions.map((one) => html`<option key=${one.number} value=${one.number} selected=${one.number === state.paper.number}>${t("surveys.version", one.number)} · ${one.by} ${moment(one.at)}</option>`)}</select>`;
    const editor = () => html`<section class="card grow survey-editor">
      <h2>${isNew() ? html`<input id="survey-name" aria-label=${t("name")} placeholder=${t("surveys.name")} maxlength="63" value=${state.name} onInput=${(event) => { state.name = event.target.value; changed(); }} />` : html`<span>${surveyName(state.paper.name)}</span>`}
        ${versions()}
        <span class="push survey-acts">
          <${ElButton} size="small" id="survey-try" disabled=${state.busy || !state.told || state.told.faults.some((one) => one.node || one.key === "nodes")} onClick=${() => { state.trying = attempt(); }}>${t("surveys.try")}<//>
          ${may() && state.dirty && html`<${ElButton} size="small" id="survey-discard" disabled=${state.busy} onClick=${discard}>${t("surveys.discard")}<//>`}
          ${!isNew() && html`<${ElButton} size="small" id="survey-copy" onClick=${copy}>${t("surveys.copy")}<//>`}
          ${!isNew() && may() && html`<${ElButton} size="small" id="survey-remove" type="danger" plain disabled=${state.busy} onClick=${() => { state.asked = true; }}>${t("surveys.remove")}<//>`}
          ${may() && !overtaken() && html`<${ElButton} size="small" id="survey-save" type="primary" disabled=${state.busy || !right() || (!isNew() && !state.dirty)} onClick=${() => save(state.after)}>${t(isNew() ? "save" : "surveys.save")}<//>`}</span></h2>
      ${!may() && html`<p class="notice" id="survey-file">${t(`surveys.file.${state.paper.source}`)}</p>`}
      ${overtaken() && html`<${SurveyOvertaken} path=${pathOf(route.id)} newest=${state.paper.versions[0]} nodes=${state.paper.nodes} after=${state.after} busy=${state.busy} right=${right()} onKeep=${() => save(newest())} onCopy=${copy} onDiscard=${discard} />`}
      ${!isNew() && may() && !overtaken() && state.paper.number !== newest() && html`<p class="notice">${t("surveys.older", state.paper.number)}</p>`}
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${summary()}
      <ol class="survey-items">${state.paper.nodes.map(item)}</ol>
      ${may() && html`<p class="survey-adds"><span class="quiet">${t("surveys.add")}</span> ${ADDED.map((kind) => html`<button type="button" class="choice" key=${kind} id=${`survey-add-${kind}`} onClick=${() => append(kind)}>${t(`surveys.kind.${kind}`)}</button>`)}</p>`}
    </section>`;
    const dialogs = () => html`<${ElDialog} modelValue=${state.asked} onClose=${() => { state.asked = false; }} title=${t("surveys.remove.ask", route.id)} width="460px">
        <div class="choices"><p>${t("surveys.remove.hint")}</p><${ElButton} id="survey-remove-confirm" type="danger" disabled=${state.busy} onClick=${forget}>${t("surveys.remove")}<//></div><//>
      <${ElDialog} modelValue=${state.leaving !== null} onClose=${() => { state.leaving = null; }} title=${t("surveys.discard.ask")} width="460px">
        <div class="choices"><p>${t("surveys.discard.hint")}</p><${ElButton} id="survey-discard-confirm" type="danger" onClick=${leave}>${t("surveys.discard")}<//></div><//>
      <${ElDialog} modelValue=${state.trying !== null} onClose=${() => { state.trying = null; }} title=${t("surveys.try.title")} width="720px" top="4vh">
        ${state.trying && html`<p class="quiet">${t("surveys.try.hint")}</p><${CallForm} call="" trial=${state.trying} />`}<//>`;
    return () => {
      if (!isSupervisor()) return html`<p class="empty">${t("surveys.supervisors")}</p>`;
      return html`<div class="campaigns two surveys">${list()} ${state.paper ? editor() : html`<section class="card grow">${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : html`<p class="empty">${t("surveys.hint")}</p>`}</section>`} ${dialogs()}</div>`;
    };
  },
};
