// Calls to the outside: one's own phone rings first, then the customer's.
import { ElMessage, html, reactive } from "../lib.js";
import { post, session } from "../api.js";
import { t } from "../i18n.js";

const dialling = reactive({ busy: false });

/** Whether this house lets its agents call outside, and who is signed in has a phone. */
export const mayDial = () => Boolean(session.who?.agent && session.directory?.dials_out);

async function dial(wanted) {
  if (dialling.busy) return;
  dialling.busy = true;
  try {
    await post(`/agents/${encodeURIComponent(session.who.agent)}/calls`, wanted);
    ElMessage.success(t("dial.rings"));
  } catch (problem) {
    ElMessage.error(problem.message);
  } finally {
    dialling.busy = false;
  }
}

/** A button that calls back whoever called, or was called, in that call: who sees the number masked can do it too. */
export function dialBack(call) {
  if (!mayDial()) return null;
  const onClick = (event) => {
    event.stopPropagation();
    dial({ call_id: call });
  };
  return html`<button class="plain" data-dial=${call} disabled=${dialling.busy} onClick=${onClick} onKeydown=${(event) => event.stopPropagation()}>${t("dial.back")}</button>`;
}
