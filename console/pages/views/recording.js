// What is known of a stored recording, and what may be done about it: legal hold, and a pause while the call is up.
import { ElButton, ElDialog, ElInput, ElMessage, html, model, reactive } from "../lib.js";
import { post, put, query, session } from "../api.js";
import { t } from "../i18n.js";
import { moment } from "../format.js";

const asking = reactive({ recording: null, why: "" });

function bytes(size) {
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3))} kB`;
  return `${(size / 1e6).toFixed(size < 1e7 ? 1 : 0)} MB`;
}

const isAbove = () => ["admin", "supervisor"].includes(session.who?.role);
const path = (call) => `/calls/${encodeURIComponent(call)}/recording`;

async function hold(call, changed) {
  const { recording, why } = asking;
  asking.recording = null;
  try {
    await put(`${path(call)}/hold${query({ recording: recording.id })}`, { held: recording.held_at == null, why });
    changed();
  } catch (problem) {
    ElMessage.error(problem.message);
  }
}

/** Form, size, hash, encryption and legal hold of `recording` of `call`. */
export function recordingFacts(call, recording, changed) {
  const held = recording.held_at != null;
  const kept = recording.keep_as
    ? html`<span title=${t("recording.sha256", recording.sha256)}>${recording.keep_as.toUpperCase()} · ${bytes(recording.size)} · SHA-256 <code>${recording.sha256.slice(0, 12)}…</code></span>`
    : html`<span>${t("recording.unpacked")}</span>`;
  return html`<p class="kept quiet">${kept}
    ${recording.sealed && html`<span class="tag">${t("recording.sealed")}</span>`}
    ${held && html`<span class="tag held" title=${t("recording.held.by", recording.held_by, moment(recording.held_at), recording.held_why)}>${t("recording.held")}</span>`}
    ${isAbove() && html`<button class="plain push" id="hold" onClick=${() => { asking.recording = recording; asking.why = ""; }}>${t(held ? "recording.release" : "recording.hold")}</button>`}
    <${ElDialog} modelValue=${asking.recording?.id === recording.id} onClose=${() => { asking.recording = null; }} title=${t("recording.held")} width="440px">
      <div class="choices"><p>${t(held ? "recording.release.ask" : "recording.hold.ask")}</p>
        ${!held && html`<${ElInput} id="hold-why" maxlength="200" placeholder=${t("recording.hold.why")} ...${model(asking, "why")} />`}
        <${ElButton} id="hold-confirm" type="primary" onClick=${() => hold(call, changed)}>${t("confirm")}<//>
      </div>
    <//>
  </p>`;
}

/** While `detail`'s call is recorded: whether it is at this moment, and the button that changes it. */
export function recordingNow(detail, changed) {
  const state = detail.recording_state;
  if (!state) return null;
  const mine = session.who?.role === "agent" && detail.legs.some((leg) => leg.party === session.who.agent);
  const act = async () => {
    try {
      await post(`${path(detail.call.id)}/${state === "paused" ? "resume" : "pause"}`);
      changed();
    } catch (problem) {
      ElMessage.error(problem.message);
    }
  };
  return html`<span class=${`tag recording ${state}`} role="status">${t(`recording.state.${state}`)}</span>
    ${(mine || isAbove()) && html`<${ElButton} id="pause-recording" size="small" onClick=${act}>${t(state === "paused" ? "recording.resume" : "recording.pause")}<//>`}`;
}
