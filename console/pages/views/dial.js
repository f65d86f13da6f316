// Calls to the outside: one's own phone rings first, then the customer's.
import { ElButton, ElDialog, ElInput, ElMessage, html, model, reactive } from "../lib.js";
import { act, rowButton } from "../act.js";
import { post, session } from "../api.js";
import { t } from "../i18n.js";

const dialling = reactive({ busy: false });
/** Whom one wanted to call, though he wants no calls, and why. */
const insisting = reactive({ wanted: null, why: "" });

/** Whether this house lets its agents call outside, and who is signed in has a phone. */
export const mayDial = () => Boolean(session.who?.agent && session.directory?.dials_out);

/** Ring one's own phone, then whom ``wanted`` names; whether it rings. Of who wants no calls it is asked why. */
const dial = (wanted) => act(dialling, async () => {
  try {
    await post(`/agents/${encodeURIComponent(session.who.agent)}/calls`, wanted);
  } catch (problem) {
    if (problem.code !== "wants_no_calls" || wanted.despite) throw problem;
    Object.assign(insisting, { wanted, why: "" });
    return;
  }
  insisting.wanted = null;
  ElMessage.success(t("dial.rings"));
});

/** Asks why somebody is called who wants no calls; stands once on each page. */
export function DialDespite() {
  const leave = () => { insisting.wanted = null; };
  async function onSubmit(event) {
    event.preventDefault();
    await dial({ ...insisting.wanted, despite: insisting.why.trim() });
  }
  return html`<${ElDialog} modelValue=${insisting.wanted !== null} onClose=${leave} title=${t("dial.despite")} width="460px">
    <form class="choices" onSubmit=${onSubmit}><p>${t("dial.despite.ask")}</p>
      <${ElInput} id="dial-despite" maxlength="200" aria-label=${t("dial.despite.why")} placeholder=${t("dial.despite.why")} ...${model(insisting, "why")} />
      <${ElButton} id="dial-despite-call" type="danger" nativeType="submit" disabled=${dialling.busy || !insisting.why.trim()}>${t("dial.despite.call")}<//></form><//>`;
}

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
