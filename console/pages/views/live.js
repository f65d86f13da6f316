// The live board: today's answer rate, queues with waiting callers, agents, calls in progress.
import { ElDialog, ElMessage, ElTooltip, html, reactive } from "../lib.js";
import { agentName, put, queueTitle, session } from "../api.js";
import { formulaOf, t, term } from "../i18n.js";
import { figureTime, hourMinute, length, percent, phone } from "../format.js";
import { board, serverNow } from "../live.js";
import { Callbacks } from "./callbacks.js";
import { consultButton, consultDialog } from "./consult.js";
import { pauseName } from "./desk_pause.js";
import { Chart } from "./chart.js";
import { dayChart } from "./charts.js";
import { go } from "../route.js";
import { messageForm } from "./message.js";
import { closedTag, followHours } from "./opening.js";
import { parkButton } from "./park.js";
import { probeTag } from "./probe_tag.js";
import { isSupervisor, superviseButton, superviseDialog, supervisorsOf } from "./supervise.js";
import { waitingButton, waitingDialog } from "./waiting.js";

const since = (at) => (at == null ? "" : length(serverNow() - at));
const chosen = reactive({ agent: null });

function rate(today) {
  if (!today) return html`<section class="card rate" aria-busy="true"><h2>${t("today")}</h2><p class="big">…</p></section>`;
  const { figures } = today;
  const low = figures.answer_rate != null && figures.answer_rate < session.directory.answer_rate_target;
  return html`<section class="card rate">
    <h2>${t("today")} · ${t("answer_rate")}</h2>
    <${ElTooltip} content=${formulaOf(today.formulas.answer_rate)} placement="bottom" trigger="hover">
      <p class=${`big ${low ? "low" : ""}`} id="answer-rate" tabindex="0">${percent(figures.answer_rate)}</p>
    <//>
    <dl class="figures">
      ${["offered", "answered", "abandoned", "waiting"].map((name) => html`<div><dt>${t(name)}</dt><dd id=${`today-${name}`}>${figures[name]}</dd></div>`)}
      <div><dt title=${formulaOf(today.formulas.service_level_b)}>${t("sl_t", today.threshold_s ?? "T")}</dt><dd>${percent(figures.service_level_b)}</dd></div>
      <div><dt>${t("asa_s")}</dt><dd>${figureTime(figures.asa_s)}</dd></div>
    </dl>
  </section>`;
}

function queues(rows) {
  if (!rows.length) return html`<p class="empty">${t("empty.queues")}</p>`;
  return html`<ul class="queues">${rows.map((queue) => {
    const longest = queue.waiting[0];
    const late = longest && serverNow() - longest.since > session.directory.late_wait_s;
    return html`<li key=${queue.id}>
      <div class="queue-head">
        <span class=${`count ${queue.waiting.length ? (late ? "late" : "some") : ""}`} data-queue=${queue.id}>${queue.waiting.length}</span>
        <strong>${queue.title}</strong>${closedTag(queue.id)}
        <span class="quiet push">${t("free")} <b class=${queue.available ? "good" : "bad"}>${queue.available}</b> · ${t("busy")} ${queue.busy}</span>
        <span class=${`longest ${late ? "bad" : ""}`} title=${t("longest")}>${longest ? since(longest.since) : ""}</span>
      </div>
      ${queue.waiting.slice(0, 5).map((caller) => html`<div class="caller-line" key=${caller.entry}><a class="caller" href=${`#/call/${caller.call_id}`}>
        <span class="mono">${phone(caller.number)}</span>
        <span class="quiet">${caller.ringing ? t("ringing_at", caller.ringing.split(", ").map(agentName).join(", ")) : caller.told_wait_s == null ? "" : t("told", length(caller.told_wait_s))}</span>
        <span class="mono push">${since(caller.since)}</span></a>${waitingButton(caller)}
      </div>`)}
      ${queue.waiting.length > 5 && html`<p class="quiet more">+ ${queue.waiting.length - 5}</p>`}
    </li>`;
  })}</ul>`;
}

const ORDER = ["ringing", "talking", "available", "wrap_up", "paused", "offline"];

/** A pause shows its reason, an agent who is offline against his will why. */
const stateOf = (agent) => {
  if (agent.held && agent.state === "talking") return t("stage.held");
  return agent.reason && (agent.state === "paused" || agent.state === "offline") ? term("why", pauseName(agent.reason)) : term("state", agent.state);
};

/** How long he has been so; of a wrap-up what is left of it, of a pause how far it is beyond its plan. */
function timeOf(agent) {
  const left = agent.until ? agent.until - serverNow() : 0;
  if (agent.until && agent.state === "wrap_up") return html`<span class="mono push" title=${t("desk.until")}>−${length(Math.max(0, left))}</span>`;
  if (agent.state === "paused" && left < 0) return html`<span class="mono push bad" data-over=${agent.id} title=${t("desk.pause.beyond")}>${t("desk.pause.over", length(-left))}</span>`;
  return html`<span class="mono push">${since(agent.since)}</span>`;
}

function agents(rows) {
  if (!rows.length) return html`<p class="empty">${t("empty.agents")}</p>`;
  const sorted = [...rows].sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || (a.since ?? 0) - (b.since ?? 0));
  return html`<ul class="agents">${sorted.map((agent) => html`<li key=${agent.id}>
    <button class="agent" data-agent=${agent.id} onClick=${() => { chosen.agent = agent.id; }} title=${t("set.state", agent.name)}>
      <span class=${`state ${agent.state}`}>${stateOf(agent)}</span>
      <strong>${agent.name}</strong>${agent.extension !== agent.name && html`<span class="quiet mono">${agent.extension}</span>`}
      <span class="quiet skills">${agent.queues.map(queueTitle).join(" ")}</span>
      ${timeOf(agent)}
    </button>
  </li>`)}</ul>`;
}

function calls(rows) {
  if (!rows.length) return html`<p class="empty">${t("empty.calls.now")}</p>`;
  return html`<table class="grid"><tbody>${rows.map((call) => html`<tr key=${call.id} class="link" onClick=${() => go("call", call.id)}>
    <td><span class=${`stage ${call.stage}`}>${term("stage", call.stage)}</span>${call.slot && html` <span class="tag">${t("park.slot", call.slot)}</span>`}${call.voice !== "good" && html` <span class=${`tag mos-${call.voice}`} title=${t(`mos.${call.voice}`)}>${t(`voice.${call.voice}`)}</span>`}${supervisorsOf(call)}</td>
    <td class="mono"><a href=${`#/call/${call.id}`}>${phone(call.number)}</a>${probeTag(call)}</td>
    <td class="name">${call.agent ? agentName(call.agent) : call.queue ? queueTitle(call.queue) : html`<span class="quiet">${term("direction", call.direction)}</span>`}</td>
    <td class="mono num" title=${hourMinute(call.started_at)}>${since(call.stage_since)}</td>
    <td class="num acts">${consultButton(call)}${parkButton(call)}${superviseButton(call)}</td>
  </tr>`)}</tbody></table>`;
}

async function ask(agent, state, reason = "") {
  try {
    await put(`/agents/${encodeURIComponent(agent)}/state`, { state, reason });
    chosen.agent = null;
  } catch (problem) {
    ElMessage.error(problem.message);
  }
}

function stateDialog(rows) {
  const agent = rows.find((one) => one.id === chosen.agent);
  return html`<${ElDialog} modelValue=${Boolean(agent)} onClose=${() => { chosen.agent = null; }} title=${agent ? t("set.state", agent.name) : ""} width="420px">
    ${agent ? html`<div class="choices">
      <p><span class=${`state ${agent.state}`}>${term("state", agent.state)}</span> <span class="quiet">${term("why", agent.reason)} ${since(agent.since)}</span></p>
      <button class="choice" data-state="available" onClick=${() => ask(agent.id, "available")}>${t("do.available")}</button>
      ${(session.directory?.pause_reasons ?? []).map((reason) => html`<button class="choice" key=${reason} onClick=${() => ask(agent.id, "paused", reason)}>${t("do.pause", reason)}</button>`)}
      <button class="choice" onClick=${() => ask(agent.id, "offline")}>${t("do.offline")}</button>
      ${isSupervisor() && messageForm(agent.id)}
    </div>` : html`<p></p>`}
  <//>`;
}

export const LiveView = {
  setup() {
    followHours();
    return () => {
      const now = board.value;
      if (!now) return html`<p class="boot">…</p>`;
      return html`<div class="live">
        ${rate(now.today)}
        <section class="card day"><h2>${t("chart.day")}</h2>
          ${now.today && now.today.figures.offered ? html`<${Chart} option=${dayChart(now.today)} label=${t("answer_rate")} />` : html`<p class="empty">${t("no.offered")}</p>`}
        </section>
        <section class="card"><h2>${t("queues")} <span class="quiet">${t("waiting")} ${now.queues.reduce((sum, queue) => sum + queue.waiting.length, 0)}</span></h2>${queues(now.queues)}<${Callbacks} /></section>
        <section class="card"><h2>${t("agents")} <span class="quiet">${t("free")} ${now.agents.filter((agent) => agent.state === "available").length} / ${now.agents.filter((agent) => agent.state !== "offline").length}</span></h2>${agents(now.agents)}</section>
        <section class="card"><h2>${t("calls.now")} <span class="quiet" id="calls-now">${now.calls.length}</span></h2>${calls(now.calls)}</section>
        ${stateDialog(now.agents)}
        ${superviseDialog(now.calls)}
        ${consultDialog(now.calls)}
        ${waitingDialog(now)}
      </div>`;
    };
  },
};
