// A call that was promised for a time at which nobody is called: whoever has promised it is told when it is made.
import { ElMessage } from "../lib.js";
import { said, t } from "../i18n.js";
import { dayOf, hourMinute } from "../format.js";

const READ_MS = 15_000;
const minute = (at) => `${dayOf(at)} ${hourMinute(at)}`;

/** Says so where `promised`, as the API tells it, is kept later than it was promised. */
export function tellPromised(promised) {
  if (!promised || promised.first_at <= promised.call_at) return;
  const message = t("promised.later", minute(promised.call_at), said(promised), minute(promised.first_at));
  ElMessage.warning({ message, duration: READ_MS, showClose: true });
}
