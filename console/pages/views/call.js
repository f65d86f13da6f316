// One call: what happened in which order, and the recording with its transcript word by word.
import { ElButton, ElOption, ElSelect, html, model, onBeforeUnmount, onMounted, reactive } from "../lib.js";
import { agentName, get, query, queueTitle, session } from "../api.js";
import { said, t, term } from "../i18n.js";
import { clock, length, moment, phone, seconds } from "../format.js";
import { onEvent, serverNow } from "../live.js";
import { go, route } from "../route.js";
import { CallForm } from "./call_form.js";
import { promised } from "./callbacks.js";
import { dialBack } from "./dial.js";
import { DispositionForm, codesOf, dispositionName, dispositionsSaid } from "./disposition.js";
import { earlierCalls } from "./earlier.js";
import { Ladder } from "./ladder.js";
import { Player } from "./player.js";
import { probeTag } from "./probe_tag.js";
import { recordingFacts, recordingNow } from "./recording.js";
import { Quality } from "./quality.js";
import { Refuse } from "./refuse.js";
import { isSupervisor } from "./supervise.js";
import { Transcript } from "./transcript.js";

const EARLIER = 10;
const LATE_S = 1800; // so long an agent may say what came of his talk
const HIDDEN = new Set(["recording.gap", "leg.started", "leg.answered", "leg.ended", "leg.measured", "agent.state", "callback.waits", "callback.left", "disposition.set"]);

const pair = (words) => said({ zh: words?.[0], en: words?.[1] });

/** The telling part of an event's fields, in words. */
function detailOf({ name, data }) {
  switch (name) {
    case "call.started": return `${phone(data.ani)} → ${phone(data.dnis)}`;
    case "consult.started":
    case "consult.answered":
    case "consult.joined": return agentName(data.to);
    case "consult.ended": return [agentName(data.to), term("consulted", data.reason)].join(" · ");
    case "call.parked": return [t("park.slot", data.slot), data.by && agentName(data.by)].filter(Boolean).join(" · ");
    case "park.ended": return [term("parked", data.how), data.agent && agentName(data.agent), length(data.parked_s)].filter(Boolean).join(" · ");
    case "refusal.overruled": return [agentName(data.agent), data.why].join(" · ");
    case "call.placed": return [agentName(data.agent), term("placed", data.how)].join(" · ");
    case "feature.used": return [agentName(data.agent), t(`feature.${data.feature}`), data.more, term("featured", data.outcome)].filter(Boolean).join(" · ");
    case "call.ended": return [term("reason", data.reason), term("by", data.by)].join(" · ");
    case "ivr.chosen": return `${data.choice} · ${term("how", data.how)}`;
    case "ivr.answered": return `${data.node}: ${data.value} · ${term("how", data.how)}`;
    case "ivr.failed": return data.why;
    case "queue.entered": return queueTitle(data.queue);
    case "queue.told": return seconds(data.wait_s);
    case "queue.closed": return [queueTitle(data.queue), term("closed", data.why)].join(" · ");
    case "queue.left": return [term("outcome", data.outcome), data.why ? term("overflow", data.why) : "", data.wait_s == null ? "" : length(data.wait_s)].filter(Boolean).join(" · ");
    case "interest.said": return [agentName(data.agent), t(`interest.${data.level}`), data.vehicle, data.note].filter(Boolean).join(" · ");
    case "call.disposed": return [agentName(data.agent), dispositionName(data.code), data.customer, data.plate, data.date, data.note].filter(Boolean).join(" · ");
    case "call.undisposed": return agentName(data.agent);
    case "callback.dialled":
    case "offer.made": return agentName(data.agent);
    case "callback.missed": return term("callback.result", data.result);
    case "callback.hastened": return data.by;
    case "callback.ended": return [term("callback.outcome", data.outcome), data.by !== "system" && data.by !== "caller" && data.by].filter(Boolean).join(" · ");
    case "offer.ended": return [agentName(data.agent), term("offer", data.result)].join(" · ");
    case "leg.scored": return [term("speaker", data.role), term("voice", data.level), `MOS ${data.mos.toFixed(1)}`].join(" · ");
    case "supervision.asked":
    case "supervision.started":
    case "supervision.changed": return [agentName(data.supervisor), t(`supervise.${data.mode}`), data.by].join(" · ");
    case "supervision.ended": return [agentName(data.supervisor), term("supervised", data.reason), data.lasted_s ? length(data.lasted_s) : ""].filter(Boolean).join(" · ");
    case "talk.started": return agentName(data.agent);
    case "talk.ended": return length(data.talk_s);
    case "recording.finished": return length(data.duration_s);
    case "recording.paused":
    case "recording.resumed":
    case "recording.released": return data.by;
    case "recording.faulty": return data.fault;
    case "recording.kept": return data.keep_as.toUpperCase();
    case "recording.not_kept": return data.why;
    case "recording.held": return [data.by, data.why].filter(Boolean).join(" · ");
    case "recording.deleted": return [term("deleted", data.why), data.by].join(" · ");
    case "transcript.failed": return data.why;
    case "contact.decided": return t(data.allowed ? "why.call" : "why.not");
    case "number.barred": return [term("bar", data.kind), term("calling.how", data.how), data.by, data.note].filter(Boolean).join(" · ");
    case "preview.shown": case "preview.dialled": return data.agent;
    case "preview.over": return [data.agent, t(`preview.how.${data.how}`), data.reason].filter(Boolean).join(" · ");
    case "campaign.abandoned": return length(data.waited_s);
    case "attempt.ended": return term("result", data.result);
    case "attempt.result": return [term("result", data.result), agentName(data.agent)].join(" · ");
    case "survey.answered": return [`${pair(data.asked) || data.question}: ${pair(data.said) || data.value || data.text}`, data.how === "agent" ? t("calling.how.agent") : ""].filter(Boolean).join(" · ");
    case "survey.taken_back": return pair(data.asked) || data.question;
    default: return "";
  }
}

export const CallView = {
  setup() {
    const state = reactive({ detail: null, earlier: [], fault: "", recording: "", transcript: null, transcriptFault: "", at: 0 });
    const player = { seek: () => {}, toggle: () => {}, skip: () => {} };

    async function loadTranscript() {
      state.transcriptFault = "";
      try {
        state.transcript = await get(`/calls/${encodeURIComponent(route.id)}/transcript${query({ recording: state.recording })}`);
      } catch (problem) {
        state.transcript = null;
        state.transcriptFault = problem.message;
      }
    }
    async function load() {
      try {
        const known = state.detail !== null;
        state.detail = await get(`/calls/${encodeURIComponent(route.id)}`);
        if (!known && state.detail.call.direction !== "internal") state.earlier = await get(`/calls/${encodeURIComponent(route.id)}/earlier?limit=${EARLIER}`);
        state.fault = "";
      } catch (problem) {
        state.fault = problem.message;
        return;
      }
      const ready = state.detail.recordings;
      if (!ready.some((one) => one.id === state.recording)) state.recording = ready[0]?.id ?? "";
      if (state.recording) await loadTranscript();
    }
    let due = 0;
    const deaf = onEvent((event) => {
      if ((event.call_id === route.id || event.kind === "gap") && !due) due = setTimeout(() => { due = 0; load(); }, 400);
    });
    function onKey(event) {
      if (event.target.closest?.("input, textarea, select, button, .el-overlay") || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === " ") { event.preventDefault(); player.toggle(); }
      if (event.key === "ArrowLeft") { event.preventDefault(); player.skip(-5); }
      if (event.key === "ArrowRight") { event.preventDefault(); player.skip(5); }
    }
    onMounted(() => { load(); document.addEventListener("keydown", onKey); });
    onBeforeUnmount(() => { deaf(); clearTimeout(due); document.removeEventListener("keydown", onKey); });

    const head = (call) => html`<section class="card call-head">
      <${ElButton} class="back" onClick=${() => (history.length > 1 ? history.back() : go("calls"))}>← ${t("back")}<//>
      <h1 class="mono">${phone(call.direction === "outbound" ? call.dnis : call.ani)}${probeTag(call)}</h1>
      ${call.direction !== "internal" && !call.probe && dialBack(call.id)}
      ${call.direction !== "internal" && !call.probe && html`<${Refuse} key=${call.id} call=${call.id} />`}
      <dl class="facts">
        <div><dt>${t("direction")}</dt><dd>${term("direction", call.direction)}</dd></div>
        <div><dt>${t("start")}</dt><dd class="mono">${moment(call.started_at)}</dd></div>
        <div><dt>${t("queue")}</dt><dd>${call.queue ? queueTitle(call.queue) : "—"}</dd></div>
        <div><dt>${t("agent")}</dt><dd>${call.agent ? agentName(call.agent) : "—"}</dd></div>
        <div><dt>${t("wait")}</dt><dd class="mono">${length(call.wait_s) || "—"}</dd></div>
        <div><dt>${t("talk")}</dt><dd class="mono">${length(call.talk_s) || "—"}</dd></div>
        <div><dt>${t("result")}</dt><dd>${call.ended_at == null ? html`<span class="stage talking">${t("up")}</span>` : `${term("reason", call.reason)} · ${term("by", call.ended_by)}`}</dd></div>
      </dl>
    </section>`;

    const sound = (detail) => {
      const { recordings } = detail;
      const one = recordings.find((candidate) => candidate.id === state.recording);
      if (!one) return html`<section class="card"><h2>${t("recording")}</h2><p class="empty">${t("empty.recording")}</p></section>`;
      const base = `/calls/${encodeURIComponent(route.id)}/recording`, which = `?recording=${encodeURIComponent(one.id)}`;
      return html`<section class="card"><h2>${t("recording")}
          ${one.repaired && html`<span class="tag">${t("recording.repaired")}</span>`}
          ${recordingNow(detail, load)}
          ${recordings.length > 1 && html`<${ElSelect} class="w-choice" aria-label=${t("recording")} ...${model(state, "recording", loadTranscript)}>
            ${recordings.map((each, index) => html`<${ElOption} key=${each.id} value=${each.id} label=${`${index + 1} · ${clock(each.started_at)}`} />`)}<//>`}
        </h2>
        ${one.deleted_at != null ? html`<p class="empty">${t("recording.deleted", moment(one.deleted_at))}</p>`
          : one.duration_s == null ? html`<p class="empty">${t("recording.running")}</p>` : html`<${Player} key=${one.id} address=${`/api/v1${base}.wav${which}`} peaks=${`${base}/peaks${which}`}
          speakers=${[one.left, one.right]} gaps=${one.gaps} onTime=${(at) => { state.at = at; }} onReady=${(controls) => Object.assign(player, controls)} />
          ${recordingFacts(route.id, one, load)}`}
      </section>`;
    };

    const cameOf = ({ call, dispositions }) => {
      const late = call.agent === session.who?.agent && call.ended_at != null && serverNow() - call.ended_at < LATE_S;
      const may = call.agent && (isSupervisor() || late) && codesOf(call.queue).length > 0;
      return (dispositions.length > 0 || may) && html`<section class="card"><h2>${t("disposition")}</h2>${dispositionsSaid(dispositions)}
        ${may && html`<details><summary>${t("disposition.say")}</summary><${DispositionForm} call=${call.id} queue=${call.queue} agent=${call.agent} said=${dispositions} onSaid=${load} /></details>`}</section>`;
    };
    const before = () => state.earlier.length > 0 && html`<section class="card"><h2>${t("earlier")}</h2>${earlierCalls(state.earlier, "call-earlier")}</section>`;
    const story = (events) => {
      const shown = events.filter((event) => !HIDDEN.has(event.name));
      return html`<section class="card grow"><h2>${t("timeline")}</h2><ol class="story">${shown.map((event) => html`<li key=${event.seq}>
        <time class="mono">${clock(event.at)}</time><span>${term("event", event.name)}</span><span class="quiet">${detailOf(event)}</span>
      </li>`)}</ol></section>`;
    };

    return () => {
      if (state.fault) return html`<section class="card page"><p class="fault" role="alert">${state.fault}</p><${ElButton} onClick=${() => go("calls")}>${t("back")}<//></section>`;
      if (!state.detail) return html`<p class="boot">…</p>`;
      const { call, legs, recordings, events } = state.detail;
      return html`<div class="call">
        ${head(call)}
        <div class="column">${promised(state.detail.callback)}<${CallForm} key=${call.id} call=${call.id} />${cameOf(state.detail)}${sound(state.detail)}<${Quality} legs=${legs} />${session.who?.role === "admin" && html`<${Ladder} call=${route.id} />`}${before()}${story(events)}</div>
        <section class="card grow"><h2>${t("transcript")}<span class="quiet">${state.transcript?.engine ?? ""}</span></h2>
          ${state.transcript ? html`<${Transcript} key=${state.transcript.recording} transcript=${state.transcript} at=${state.at} onJump=${(at) => player.seek(at)} />`
            : html`<p class="empty">${recordings.length ? state.transcriptFault || "…" : t("empty.recording")}</p>`}
        </section>
      </div>`;
    };
  },
};
