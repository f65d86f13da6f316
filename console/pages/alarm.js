// The banner over every page while recordings fail or their disk is nearly full.
import { html, reactive } from "./lib.js";
import { session } from "./api.js";
import { t, told } from "./i18n.js";
import { onEvent } from "./live.js";

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

export function banner() {
  const { part, call } = alarm;
  if (!part) return null;
  const words = part.code === "recordings_free" ? t("alarm.disk", ...part.values)
    : part.code === "recordings_fault" ? t("alarm.recordings", ...part.values) : told(part.code, part.values, part.detail);
  return html`<p class="alarm" role="alert" id="alarm">${words} ${call && html`<a href=${`#/call/${call}`}>${t("calls")}</a>`}</p>`;
}
