// Parked calls: a talk is put aside with music, and whoever has a phone takes it.
import { ElMessage } from "../lib.js";
import { act, rowButton } from "../act.js";
import { post, session } from "../api.js";
import { t } from "../i18n.js";
import { actsIn } from "./supervise.js";

const ask = (path, body, told) => act({}, async () => {
  await post(path, body);
  ElMessage.success(told);
});
const address = (call) => `/calls/${encodeURIComponent(call.id)}`;

/** Parks a talk of one's own, and for a supervisor any, in the first slot that is free. */
export const parkNow = (call) => actsIn(call) && ask(`${address(call)}/park`, {}, t("park.done"));

/** Parks the talk, or takes a call that is parked; nothing for other calls. */
export function parkButton(call) {
  const button = (name, work) => rowButton("park", call.id, name, work);
  if (call.stage === "parked") return session.who?.agent ? button(t("park.take"), () => ask(`${address(call)}/take`, undefined, t("park.answer"))) : null;
  return actsIn(call) ? button(t("park"), () => parkNow(call)) : null;
}
