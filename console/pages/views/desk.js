// An agent's own page: his state by large buttons and single keys, the call that he has, his wrap-up, his day.
import { html, onBeforeUnmount, onMounted, reactive } from "../lib.js";
import { act } from "../act.js";
import { get, post, put, query, session } from "../api.js";
import { formulaOf, t, term, titleOf } from "../i18n.js";
import { length, percent, phone, shortMoment } from "../format.js";
import { board, onEvent, serverNow } from "../live.js";
import { consultDialog, openConsult } from "./consult.js";
import { deskCall } from "./desk_call.js";
import { CallForm } from "./call_form.js";
import { DialForm, dialBack, mayDial } from "./dial.js";
import { DispositionForm, codesOf } from "./disposition.js";
import { InterestForm } from "./desk_interest.js";
import { pauseDialog, pauseName } from "./desk_pause.js";
import { parkNow } from "./park.js";
import { PreviewCard } from "./preview.js";
import { probeTag } from "./probe_tag.js";
import { spanOf, today } from "./period.js";
import { actsIn } from "./supervise.js";

const FIGURES = ["calls", "answer_rate", "talk_s", "aht_s", "available_s", "wrap_up_s", "paused_s", "occupancy"];
const FIGURES_MS = 120000;
const LAST = 8;
const BUSY = ["ringing", "talking", "wrap_up"];

const own = () => session.who?.agent ?? "";
const base = () => `/agents/${encodeURIComponent(own())}`;
const mine = () => board.value?.agents.find((agent) => agent.id === own());

export const DeskView = {
  setup() {
    const state = reactive({ work: null, detail: null, earlier: [], records: null, contact: null, figures: null, formulas: {}, last: [], pausing: false, unfinished: false, tried: "", form: null, busy: false, fault: "" });

    async function loadCall() {
      const id = state.work?.call_id;
      if (!id) return Object.assign(state, { detail: null, earlier: [], records: null, contact: null });
      const known = state.detail?.call.id === id;
      const address = `/calls/${encodeURIComponent(id)}`;
      try {
        const once = (kept, path) => (known ? kept : get(`${address}/${path}`));
        const [detail, earlier, records, contact] = await Promise.all([
          get(address), once(state.earlier, "earlier?limit=5"), once(state.records, "records"), once(state.contact, "contact"),
        ]);
        if (state.work?.call_id === id) Object.assign(state, { detail, earlier, records, contact });
      } catch (problem) {
        if (problem.status !== 404) throw problem; // it has just begun: the next event brings it
      }
      return null;
    }
    async function load() {
      try {
        state.work = (await get(`${base()}/desk`)).work;
        await loadCall();
        state.fault = "";
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    async function loadDay() {
      try {
        const [report, page] = await Promise.all([
          get(`/reports/agents${query(spanOf([today(), today()]))}`),
          get(`/calls${query({ agent: own(), limit: LAST })}`),
        ]);
        state.formulas = report.formulas;
        state.figures = report.agents.find((row) => row.agent === own())?.figures ?? {};
        state.last = page.items;
      } catch (problem) {
        state.fault = problem.message;
      }
    }

    async function change(work) {
      if (state.busy) return;
      if (await act(state, work)) state.pausing = false;
      load();
    }
    const become = (wanted, reason = "", minutes = undefined) => change(() => put(`${base()}/state`, { state: wanted, reason, minutes }));
    const extend = () => change(() => post(`${base()}/wrap-up/extend`));
    async function finish(sure = false) {
      state.unfinished = !sure && state.form?.missing.length > 0;
      if (state.unfinished) state.tried = state.work?.call_id;
      if (!state.unfinished) await change(() => post(`${base()}/wrap-up/finish`));
    }
    const talk = () => board.value?.calls.find((call) => call.id === state.work?.call_id);
    const openPause = () => { state.pausing = true; };
    const mayExtend = (wrap) => wrap && wrap.extends_left > 0 && wrap.until < wrap.latest;
    const keys = {
      a: () => become("available"),
      p: openPause,
      o: () => become("offline"),
      e: () => mayExtend(state.work?.wrap_up) && extend(),
      c: () => document.querySelector("#desk-number")?.focus(),
      d: () => document.querySelector("#desk-disposition input")?.focus(),
      i: () => document.querySelector("#desk-interest input")?.focus(),
      f: () => mine()?.state === "wrap_up" && finish(),
      q: () => openConsult(talk()),
      k: () => parkNow(talk()),
    };
    function onKey(event) {
      if (event.target.closest?.("input, textarea, select, .el-overlay") || event.ctrlKey || event.metaKey || event.altKey) return;
      const work = keys[event.key.toLowerCase()];
      if (work && !state.pausing) {
        event.preventDefault();
        work();
      }
    }

    let due = 0;
    let dayDue = 0;
    const deaf = onEvent((event) => {
      const concerns = event.kind === "gap" || event.data?.agent === own() || (event.call_id && event.call_id === state.work?.call_id);
      if (!concerns) return;
      if (!due) due = setTimeout(() => { due = 0; load(); }, 150);
      if (!dayDue && (event.kind === "gap" || event.name === "agent.state")) dayDue = setTimeout(() => { dayDue = 0; loadDay(); }, 2000);
    });
    const timer = setInterval(loadDay, FIGURES_MS);
    onMounted(() => { load(); loadDay(); document.addEventListener("keydown", onKey); });
    onBeforeUnmount(() => {
      deaf();
      clearTimeout(due);
      clearTimeout(dayDue);
      clearInterval(timer);
      document.removeEventListener("keydown", onKey);
    });

    const button = (id, key, words, work, options = {}) => html`<button class=${`desk-button ${options.here ? "here" : ""}`} id=${id} disabled=${options.disabled} aria-pressed=${options.here} aria-keyshortcuts=${key} onClick=${work}>
      <kbd>${key}</kbd> ${words}</button>`;
    const planned = (agent) => {
      if (agent.state !== "paused" || !agent.until) return "";
      const left = agent.until - serverNow();
      return left >= 0 ? t("desk.pause.left", length(left)) : html`<b class="bad" id="desk-over">${t("desk.pause.over", length(-left))}</b>`;
    };
    const now = (agent) => html`<section class="card desk-state"><h2>${t("desk.state")} <span class="quiet">${agent.name} ${agent.extension}</span></h2>
      <p class="desk-now"><span class=${`state ${agent.state}`} id="desk-state">${agent.held && agent.state === "talking" ? t("stage.held") : term("state", agent.state)}</span> <span class="mono">${agent.since == null ? "" : length(serverNow() - agent.since)}</span></p>
      <p class="quiet">${agent.reason ? term("why", pauseName(agent.reason)) : ""} ${planned(agent)} ${BUSY.includes(agent.state) && state.work && state.work.then !== "available" ? t("desk.then", term("state", state.work.then)) : ""}</p>
      <div class="desk-buttons">
        ${button("desk-available", "A", t("desk.available"), () => become("available"), { here: agent.state === "available" })}
        ${button("desk-pause", "P", t("desk.pause"), openPause, { here: agent.state === "paused" })}
        ${button("desk-offline", "O", t("do.offline"), () => become("offline"), { here: agent.state === "offline" })}
      </div></section>`;
    const talkActs = () => actsIn(talk()) && html`<div class="desk-buttons">
      ${button("desk-consult", "Q", t("desk.consult"), () => openConsult(talk()))}
      ${button("desk-park", "K", t("desk.park"), () => parkNow(talk()))}</div>`;
    const outside = () => mayDial() && html`<section class="card"><h2><kbd>C</kbd> ${t("desk.dial")}</h2><${DialForm} /></section>`;
    const unfinished = () => html`<div class="choices" id="desk-unfinished" role="alert"><p>${t("form.unfinished", state.form?.missing.length ?? 0)}</p>
      <button class="choice" id="desk-fill" onClick=${() => { state.unfinished = false; document.querySelector("#form-begin")?.click(); }}>${t("form.fill")}</button>
      <button class="choice" id="desk-leave" onClick=${() => finish(true)}>${t("form.leave")}</button></div>`;
    const wrapUp = (agent) => {
      const wrap = state.work?.wrap_up;
      if (!wrap || agent.state !== "wrap_up") return null;
      const until = agent.until ?? wrap.until;
      const left = Math.max(0, until - serverNow());
      return html`<section class="card desk-wrap"><h2>${t("desk.wrap")} <span class="quiet">${t("desk.wrap.left", wrap.extends_left)}</span></h2>
        <p class="desk-count mono" id="desk-left" role="timer">${length(left)}</p>
        <div class="desk-bar" aria-hidden="true"><span style=${{ width: `${Math.min(100, (100 * left) / Math.max(1, until - wrap.began_at))}%` }}></span></div>
        <div class="desk-buttons">
          ${button("desk-extend", "E", t("desk.extend", wrap.extend_s), extend, { disabled: !mayExtend(wrap) })}
          ${button("desk-finish", "F", t("desk.finish"), () => finish())}
        </div>
        ${state.unfinished && unfinished()}</section>`;
    };
    const shown = (name) => {
      const value = state.figures[name];
      const unit = state.formulas[name]?.unit;
      if (value == null) return "—";
      if (unit === "share") return percent(value);
      return unit === "s" ? length(value) : value;
    };
    const day = () => html`<section class="card"><h2>${t("desk.today")}</h2>
      ${state.figures && html`<dl class="figures desk-figures" id="desk-figures">${FIGURES.map((name) => html`<div key=${name} title=${formulaOf(state.formulas[name])}><dt>${titleOf(state.formulas[name])}</dt><dd>${shown(name)}</dd></div>`)}</dl>`}</section>`;
    const cameOf = (agent) => {
      const { detail, work } = state;
      const queue = work?.wrap_up?.queue ?? work?.queue ?? "";
      if (!detail || !["talking", "wrap_up"].includes(agent.state)) return null;
      const disposition = codesOf(queue).length > 0 && html`<section class=${`card ${work.wrap_up?.owed ? "owed" : ""}`} id="desk-disposition"><h2>${t("disposition")} ${work.wrap_up?.owed && html`<span class="bad">${t("disposition.owed")}</span>`}</h2>
        <${DispositionForm} call=${detail.call.id} queue=${queue} agent=${own()} said=${detail.dispositions} onSaid=${load} /></section>`;
      return html`<${CallForm} call=${detail.call.id} tried=${state.tried === detail.call.id} onChanged=${(form) => { state.form = form; state.unfinished &&= form?.missing.length > 0; }}>${disposition}<//>`;
    };
    const reread = async () => { state.records = await get(`/calls/${encodeURIComponent(state.work.call_id)}/records`); };
    const interest = (agent) => state.detail && state.detail.call.direction !== "internal" && ["talking", "wrap_up"].includes(agent.state)
      && html`<section class="card" id="desk-interest"><h2><kbd>I</kbd> ${t("interest")}</h2><${InterestForm} call=${state.detail.call.id} records=${state.records} onSaid=${reread} /></section>`;
    const last = () => html`<section class="card grow"><h2>${t("desk.last")}</h2>
      ${state.last.length ? html`<div class="scroll"><table class="grid full" id="desk-last"><tbody>${state.last.map((call) => html`<tr key=${call.id}>
        <td class="mono">${shortMoment(call.started_at)}</td><td>${term("direction", call.direction)}</td>
        <td class="mono"><a href=${`#/call/${encodeURIComponent(call.id)}`}>${phone(call.direction === "outbound" ? call.dnis : call.ani)}</a>${probeTag(call)}</td>
        <td class="mono num">${length(call.talk_s)}</td><td>${call.probe ? "" : dialBack(call.id)}</td></tr>`)}</tbody></table></div>` : html`<p class="empty">${t("empty.calls")}</p>`}</section>`;

    return () => {
      if (!own()) return html`<section class="card page"><p class="notice">${t("desk.nobody")}</p></section>`;
      const agent = mine();
      if (!agent) return html`<p class="boot">…</p>`;
      return html`<div class="desk">
        <div class="column">${now(agent)}${wrapUp(agent)}${outside()}${day()}</div>
        <div class="column">${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}<${PreviewCard} agent=${own()} />${deskCall(agent, state)}${talkActs()}</div>
        <div class="column">${cameOf(agent)}${interest(agent)}${last()}</div>
        ${consultDialog(board.value.calls)}
        ${pauseDialog(state.pausing, (reason, minutes) => become("paused", reason, minutes), () => { state.pausing = false; })}
      </div>`;
    };
  },
};
