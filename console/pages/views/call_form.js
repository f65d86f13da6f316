// A campaign's script and survey beside the call: the agent reads and puts down each answer, which is kept at once.
// Digits choose in a scale or list, arrows move (left and right among the answers, up and down among the questions).
import { html, nextTick, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { del, get, post, session } from "../api.js";
import { inWords, language, t, term } from "../i18n.js";
import { onEvent, serverNow } from "../live.js";
import { tellPromised } from "./promised_call.js";
import { scriptOf } from "./script.js";

const SECOND_DIGIT_MS = 800;
const TYPING_MS = 1500;
const EVENTS = ["survey.answered", "survey.taken_back", "talk.started", "call.ended"];
const SCORES = ["scale", "nps"];
const PICKED = [...SCORES, "choice", "yes_no"];

/** In the language of the page, else in the other. */
const label = (words, otherwise) => (language.value === "en" ? words.en || words.zh : words.zh || words.en) || otherwise;
const titleOf = (question) => label(question, question.name);

/** The answers to pick from: value and label, and which of them are asked about first. */
function picks(question) {
  if (!SCORES.includes(question.kind)) return question.options.map((one) => ({ value: one.value, label: label(one, one.value), asks: one.bars ? "bars" : one.promises ? "promises" : "" }));
  return Array.from({ length: question.high - question.low + 1 }, (_, step) => ({ value: String(question.low + step), label: String(question.low + step), asks: "" }));
}

/** What the digits typed so far can mean: a score, or the place of an option. */
function meant(question, digits) {
  const names = picks(question).map(({ value }, place) => [SCORES.includes(question.kind) ? value : String(place + 1), value]);
  const exact = names.find(([name]) => name === digits);
  return { value: exact?.[1], more: names.some(([name]) => name.length > digits.length && name.startsWith(digits)) };
}

export const CallForm = {
  props: { call: String, trial: Object, tried: Boolean }, // `tried`: he has tried to finish without all answers
  emits: ["changed"],
  setup(props, { emit, slots }) {
    const state = reactive({ view: null, drafts: {}, faults: {}, asking: null, digits: "" });
    const typing = {};
    let typed = 0;
    let root = null;
    const path = () => `/calls/${encodeURIComponent(props.call)}`;
    /** What becomes of answers: they are put down, or (`trial`) only show what follows. */
    const door = props.trial ?? {
      load: () => get(`${path()}/form`),
      answer: (question, answer) => post(`${path()}/answers`, { question, answer }),
      takeBack: (question) => del(`${path()}/answers/${encodeURIComponent(question)}`),
    };
    const mine = () => Boolean(props.trial && state.view) || state.view?.agents.includes(session.who?.agent) && (state.view.until == null || state.view.until > serverNow());

    function take(view) {
      state.view = view;
      emit("changed", view && mine() ? view : null);
    }
    /** Changes so far: a view that was asked for before one of them is not shown after it, or a question would go while he types. */
    let begun = 0;
    let over = 0;
    async function load() {
      const call = props.call;
      try {
        let before;
        let view;
        do {
          before = begun + over;
          view = await door.load();
          if (call !== props.call) return;
        } while (before !== begun + over);
        take(view);
      } catch (problem) {
        if (problem.status !== 404) throw problem; // the call has just begun: the next event brings it
      }
    }

    /** An answer is put down or taken back: the view that its `work` gives is shown, unless another change was begun meanwhile. */
    async function change(work) {
      const call = props.call;
      const mine = begun += 1;
      let view;
      try {
        view = await work();
      } finally {
        over += 1;
      }
      if (call !== props.call) return view;
      if (mine === begun) take(view);
      else await load();
      return view;
    }
    /** Keeps the answer; where that fails the page goes on showing it as not kept. */
    async function keep(question, answer) {
      const { name } = question;
      clearTimeout(typing[name]);
      try {
        const view = await change(() => door.answer(name, answer));
        tellPromised(view?.promised);
        delete state.faults[name];
        if (state.drafts[name] === answer) delete state.drafts[name];
        return true;
      } catch (problem) {
        state.drafts[name] = answer;
        state.faults[name] = inWords(problem.message);
        return false;
      }
    }
    async function takeBack(question) {
      try {
        await change(() => door.takeBack(question.name));
        delete state.drafts[question.name];
        delete state.faults[question.name];
      } catch (problem) {
        state.faults[question.name] = inWords(problem.message);
      }
    }
    function pick(question, choice) {
      state.digits = "";
      if (!choice.asks) return keep(question, choice.value);
      state.asking = { question, choice }; // nobody is barred, or promised a call, by a slip of the hand
      return Promise.resolve(false);
    }
    function write(question, text) {
      state.drafts[question.name] = text;
      clearTimeout(typing[question.name]);
      if (question.kind === "speech") typing[question.name] = setTimeout(() => keep(question, text), TYPING_MS);
    }
    const written = (question) => state.drafts[question.name] ?? (question.kind === "speech" ? question.text : question.value);
    function settle(question) {
      const text = state.drafts[question.name];
      if (text === undefined) return null;
      if (text.trim()) return keep(question, text);
      delete state.drafts[question.name];
      return question.answered ? takeBack(question) : null;
    }

    const controls = () => [...root.querySelectorAll("[data-question] [tabindex='0'], [data-question] input, [data-question] textarea")];
    function step(from, by) {
      const all = controls();
      all[all.findIndex((one) => from.contains(one)) + by]?.focus();
    }
    /** To the first question that needs an answer, else to the first. */
    async function begin() {
      await nextTick();
      const name = state.view?.missing[0] ?? state.view?.questions[0]?.name;
      const at = name && root.querySelector(`[data-question="${CSS.escape(name)}"]`);
      (at?.querySelector("[tabindex='0'], input, textarea"))?.focus();
    }
    async function onwards(question, kept) {
      if (!(await kept)) return;
      await nextTick();
      const { questions } = state.view;
      const next = questions.slice(questions.findIndex((one) => one.name === question.name) + 1).find((one) => !one.answered);
      if (!next) return;
      root.querySelector(`[data-question="${CSS.escape(next.name)}"]`)?.querySelector("[tabindex='0'], input, textarea")?.focus();
    }
    function digit(question, key) {
      clearTimeout(typed);
      const digits = state.digits + key;
      const { value, more } = meant(question, digits);
      const done = () => {
        state.digits = "";
        const choice = picks(question).find((one) => one.value === value);
        if (choice) onwards(question, pick(question, choice));
      };
      state.digits = value !== undefined || more ? digits : "";
      if (more) typed = setTimeout(done, SECOND_DIGIT_MS);
      else done();
    }
    function onPickKey(question, event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const group = event.currentTarget;
      const buttons = [...group.querySelectorAll("button")];
      const at = buttons.indexOf(document.activeElement);
      const to = (place) => buttons[(place + buttons.length) % buttons.length].focus();
      const work = {
        ArrowLeft: () => to(at - 1), ArrowRight: () => to(at + 1), Home: () => to(0), End: () => to(-1),
        ArrowUp: () => step(group, -1), ArrowDown: () => step(group, 1),
      }[event.key] ?? (/^\d$/.test(event.key) ? () => digit(question, event.key) : null);
      if (!work || !mine()) return;
      event.preventDefault();
      event.stopPropagation();
      work();
    }

    function onKey(event) {
      if (event.key.toLowerCase() !== "w" || event.ctrlKey || event.metaKey || event.altKey || !mine()) return;
      if (event.target.closest?.("input, textarea, select, .el-overlay")) return;
      event.preventDefault();
      begin();
    }
    const deaf = onEvent((event) => {
      if (event.kind === "gap" || (event.call_id === props.call && EVENTS.includes(event.name))) load();
    });
    onMounted(() => { load(); document.addEventListener("keydown", onKey); });
    onBeforeUnmount(() => {
      deaf();
      document.removeEventListener("keydown", onKey);
      clearTimeout(typed);
      for (const [name, timer] of Object.entries(typing)) {
        clearTimeout(timer);
        const question = state.view?.questions.find((one) => one.name === name);
        if (question && state.drafts[name]?.trim()) keep(question, state.drafts[name]); // he leaves the page in mid word
      }
      emit("changed", null);
    });
    watch(() => props.call, () => { Object.assign(state, { view: null, drafts: {}, faults: {}, asking: null }); load(); });

    function buttons(question, may) {
      const chosen = state.drafts[question.name] ?? (question.answered ? question.value : "");
      const all = picks(question);
      const stop = all.some((one) => one.value === chosen) ? chosen : all[0]?.value;
      return html`<div class=${`form-picks of-${question.kind}`} role="radiogroup" aria-label=${titleOf(question)} onKeydown=${(event) => onPickKey(question, event)}>
        ${all.map((one, place) => html`<button key=${one.value} type="button" role="radio" aria-checked=${one.value === chosen} tabindex=${one.value === stop ? 0 : -1} disabled=${!may}
          class=${`form-pick ${one.value === chosen ? "here" : ""} ${state.faults[question.name] && one.value === chosen ? "unkept" : ""}`} data-value=${one.value} onClick=${(event) => { const kept = pick(question, one); if (event.detail === 0) onwards(question, kept); }}>
          ${!SCORES.includes(question.kind) && html`<kbd>${place + 1}</kbd>`} ${one.label}</button>`)}</div>`;
    }
    function field(question, may) {
      const common = {
        id: `form-${question.name}`, value: written(question), disabled: !may, "aria-label": titleOf(question),
        "aria-invalid": Boolean(state.faults[question.name]), onInput: (event) => write(question, event.target.value), onBlur: () => settle(question),
      };
      if (question.kind === "speech") return html`<textarea rows="2" maxlength="2000" ...${common}></textarea>`;
      return html`<p class="form-number"><input inputmode="numeric" autocomplete="off" placeholder=${`${question.low}–${question.high}`} ...${common}
        onKeydown=${(event) => { if (event.key === "Enter") { event.preventDefault(); onwards(question, Promise.resolve(settle(question))); } }} /> ${label(question.unit, "")}</p>`;
    }
    const say = (words, place) => html`<p key=${place} class="form-say">${words.zh || words.en}${language.value === "en" && words.zh && words.en ? html` <span class="quiet">${words.en}</span>` : ""}</p>`;
    const unasked = (question) => state.asking?.question.name === question.name && html`<p class="form-ask" role="alert">${t(`form.${state.asking.choice.asks}`)}
      <button type="button" class="choice" id="form-bars" onClick=${() => { const { choice } = state.asking; state.asking = null; keep(question, choice.value); }}>${t("confirm")}</button>
      <button type="button" class="plain" onClick=${() => { state.asking = null; }}>${t("cancel")}</button></p>`;
    const row = (may) => (question, place) => html`<li key=${question.name} data-question=${question.name} class=${question.answered ? "answered" : question.needed ? "open" : ""}>
      ${question.said.map(say)}
      <div class="form-title"><b>${place + 1}.</b> <div class="form-words">${say({ zh: question.zh || question.en || question.name, en: question.zh ? question.en : "" }, 0)}</div>
        ${!question.needed && html`<span class="tag">${t("form.optional")}</span>`}
        ${may && question.answered && html`<button type="button" class="plain" title=${t("form.take_back")} aria-label=${t("form.take_back")} onClick=${() => takeBack(question)}>↺</button>`}</div>
      ${PICKED.includes(question.kind) ? buttons(question, may) : field(question, may)}
      ${unasked(question)}
      ${state.faults[question.name] && html`<p class="fault" role="alert">${t("form.unkept", state.faults[question.name])}
        <button type="button" class="plain" onClick=${() => keep(question, state.drafts[question.name] ?? "")}>${t("form.again")}</button></p>`}
    </li>`;
    const progress = (view) => {
      const needed = view.questions.filter((one) => one.needed);
      const missing = view.questions.filter((one) => view.missing.includes(one.name));
      return html`<p class="form-progress" id="form-progress" role="status">${t("form.progress", needed.length - missing.length, needed.length)}
        ${view.result && html`<span class=${`tag result-${view.result}`} id="form-result">${term("result", view.result)}</span>`}
        ${state.digits && html`<kbd>${state.digits}_</kbd>`}
        ${missing.length > 0 && html`<span class=${props.tried ? "bad" : "quiet"} id="form-missing">${t("form.missing", missing.map(titleOf).join("；"))}</span>`}</p>`;
    };
    const questions = (view) => view.questions.length > 0 && html`<ol class="form-questions">${view.questions.map(row(mine()))}</ol>${view.said.map(say)}${progress(view)}`;
    const body = (view) => html`<section class="card call-form" id="call-form" ref=${(element) => { root = element; }}>
      <h2>${t("form.title", view.campaign)} <span class="quiet">${view.name}</span> ${view.by_hand && html`<span class="tag">${t("form.by_hand")}</span>`}
        ${view.questions.length > 0 && mine() && html`<button type="button" class="plain push" id="form-begin" aria-keyshortcuts="W" onClick=${begin}><kbd>W</kbd> ${t("form.begin")}</button>`}</h2>
      ${mine() ? [scriptOf(view), questions(view)] : html`<details><summary>${t("form.look")}</summary>${questions(view)}</details>`}
      ${slots.default?.()}
    </section>`;
    return () => (state.view ? body(state.view) : html`<div>${slots.default?.()}</div>`);
  },
};
