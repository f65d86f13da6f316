// Parked calls: a talk is put aside with music, and whoever has a phone takes it.
import { ElMessage } from "../lib.js";
import { act, rowButton } from "../act.js";
import { post, session } from "../api.js";
import { t } from "../i18n.js";
import { isSupervisor } from "./supervise.js";

const ask = (path, body, told) => act({}, async () => {
  await post(path, body);
  ElMessage.success(told);
});

/** Parks one's own talk, or takes a call that is parked; nothing for other calls. */
export function parkButton(call) {
  const own = session.who?.agent;
  const path = `/calls/${encodeURIComponent(call.id)}`;
  const button = (name, work) => rowButton("park", call.id, name, work);
  if (call.stage === "parked") return own ? button(t("park.take"), () => ask(`${path}/take`, undefined, t("park.answer"))) : null;
  const mine = call.agent && (call.agent === own || isSupervisor());
  if (!mine || !["talking", "held"].includes(call.stage)) return null;
  return button(t("park"), () => ask(`${path}/park`, {}, t("park.done")));
}
