// The banner over every page while recordings fail or their disk is nearly full, and while alarms are raised.
import { html, reactive } from "./lib.js";
import { queueTitle, session } from "./api.js";
import { length, percent } from "./format.js";
import { t, told } from "./i18n.js";
import { board, onEvent, serverNow } from "./live.js";

const EVERY_MS = 30000;
const alarm = reactive({ part: null, call: "" });

async function look() {
  if (!session.who || session.who.must_change) return;
  const answer = await fetch("/api/v1/health").catch(() => null);
  const health = await answer?.json().catch(() => null);
  const part = health?.components.find((one) => one.name === "recordings");
  if (!part) return;
  alarm.part = part.state === "ok" ? null : part;
  if (!alarm.part) alarm.call = "";
}

setInterval(look, EVERY_MS);
onEvent((event) => {
  if (event.name !== "recording.faulty") return;
  alarm.part = { code: "recordings_fault", values: [event.data.fault], detail: event.data.fault };
  alarm.call = event.call_id;
});

/** Look at once: somebody has just signed in. */
export const lookForAlarms = look;

const UNITS = { longest_wait: length, service_level: percent };

/** What an alarm of the board made `at` says; `title` names queues. A longest wait goes on with the clock. The worst is
 * said where it is not what is read now. */
export function sentence({ kind, subject, value: seen, worst, limit, since }, at, title = queueTitle, now = serverNow()) {
  const unit = UNITS[kind] ?? String;
  const value = kind === "longest_wait" && seen > 0 ? seen + Math.max(0, now - at) : seen;
  const words = t(`alarm.${kind}`, kind === "trunk_down" ? subject : title(subject), unit(value), unit(limit));
  const further = worst == null || kind === "trunk_down" || unit(worst) === unit(value) || (kind === "longest_wait" && worst <= value);
  return [words, further ? "" : t("alarm.worst", unit(worst)), t("alarm.since", length(now - since))].filter(Boolean).join(" · ");
}

const raised = () => (board.value?.alarms ?? []).map((one) => html`<p class="alarm" role="alert" data-alarm=${one.alarm} key=${`${one.alarm} ${one.subject}`}>${sentence(one, board.value.at)}</p>`);

export function banner() {
  return [...raised(), recordings()];
}

function recordings() {
  const { part, call } = alarm;
  if (!part) return null;
  const words = part.code === "recordings_free" ? t("alarm.disk", ...part.values)
    : part.code === "recordings_fault" ? t("alarm.recordings", ...part.values) : told(part.code, part.values, part.detail);
  return html`<p class="alarm" role="alert" id="alarm">${words} ${call && html`<a href=${`#/call/${call}`}>${t("calls")}</a>`}</p>`;
}
