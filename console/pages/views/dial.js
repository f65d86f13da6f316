// Calls to the outside: one's own phone rings first, then the customer's.
import { ElMessage, html, reactive } from "../lib.js";
import { act, rowButton } from "../act.js";
import { post, session } from "../api.js";
import { t } from "../i18n.js";

const dialling = reactive({ busy: false });

/** Whether this house lets its agents call outside, and who is signed in has a phone. */
export const mayDial = () => Boolean(session.who?.agent && session.directory?.dials_out);

/** Ring one's own phone, then whom ``wanted`` names; whether it rings. */
const dial = (wanted) => act(dialling, async () => {
  await post(`/agents/${encodeURIComponent(session.who.agent)}/calls`, wanted);
  ElMessage.success(t("dial.rings"));
});

/** A number to call, typed or pasted in; what was dialled is cleared away, what was refused stays to be mended. */
export function DialForm() {
  async function onSubmit(event) {
    event.preventDefault();
    const field = event.target.elements.number;
    if (await dial({ number: field.value.trim() })) field.value = "";
  }
  return html`<form class="desk-dial" onSubmit=${onSubmit}>
    <input id="desk-number" name="number" type="tel" required maxlength="32" autocomplete="off" aria-label=${t("dial.number")} placeholder=${t("dial.number")} />
    <button class="plain" disabled=${dialling.busy}>${t("dial.call")}</button></form>`;
}

/** A button that calls back whoever called, or was called, in that call: who sees the number masked can do it too. */
export function dialBack(call) {
  return mayDial() ? rowButton("dial", call, t("dial.back"), () => dial({ call_id: call }), dialling.busy) : null;
}
