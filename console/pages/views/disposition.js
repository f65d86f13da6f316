// What came of a call: the form with the fields that a code asks for, and what has been said so far.
import { ElMessage, html, reactive, watch } from "../lib.js";
import { agentName, post, session } from "../api.js";
import { inWords, language, t } from "../i18n.js";
import { shortMoment } from "../format.js";
import { tellPromised } from "./promised_call.js";

const KINDS = ["customer", "plate", "date", "note"];
const entries = () => session.directory?.dispositions ?? [];

/** The name of a code; one that is not configured any more is shown as it is. */
export function dispositionName(code) {
  if (code === "") return t("disposition.missing");
  const entry = entries().find((one) => one.code === code);
  return entry ? (language.value === "en" ? entry.en : entry.zh) : code ?? "";
}

/** The codes for calls out of a queue. */
export const codesOf = (queue) => entries().filter((one) => !one.queues.length || one.queues.includes(queue));

/** Every word that was said, the last of each talk in bold. */
export const dispositionsSaid = (rows) => rows.map((one, place) => html`<p key=${place} class=${one.stands ? "came-of" : "came-of quiet"}>
  <strong class=${one.code === "" ? "bad" : ""}>${dispositionName(one.code)}</strong>
  ${[one.customer, one.plate, one.date, one.note].filter(Boolean).join(" · ")}
  <span class="quiet">${agentName(one.agent)} ${shortMoment(one.at)} ${one.by}</span></p>`);

/** A form for one talk: `call` and `queue` of it, `agent` where it is somebody else's, `said` so far. */
export const DispositionForm = {
  props: ["call", "queue", "agent", "said"],
  emits: ["said"],
  setup(props, { emit }) {
    const form = reactive({ code: "", customer: "", plate: "", date: "", note: "", busy: false, fault: "", where: "" });
    const before = () => props.said?.filter((one) => one.stands && one.code && (!props.agent || one.agent === props.agent)).at(-1);
    function begin() {
      const known = before();
      for (const kind of KINDS) form[kind] = known?.[kind] ?? "";
      Object.assign(form, { code: known?.code ?? "", fault: "", where: "" });
    }
    begin();
    watch(() => `${props.call} ${before()?.at ?? ""}`, begin); // not when the same is told again: someone may be typing
    const chosen = () => codesOf(props.queue).find((one) => one.code === form.code);
    const wanted = () => chosen()?.fields ?? [];
    /** A call that is promised has a time too. */
    const timed = () => chosen()?.then === "call_again";
    const dateType = () => (timed() ? "datetime-local" : "date");
    /** What was told so far as the chosen code has it: with a time or without. */
    const shown = (kind) => (kind !== "date" ? form[kind] : timed() ? form.date.replace(" ", "T") : form.date.slice(0, 10));
    async function send() {
      if (form.busy || !form.code) return;
      Object.assign(form, { busy: true, fault: "", where: "" });
      const values = Object.fromEntries(KINDS.map((kind) => [kind, shown(kind)]));
      try {
        const rows = await post(`/calls/${encodeURIComponent(props.call)}/disposition`, { code: form.code, agent: props.agent ?? "", ...values });
        emit("said", rows);
        ElMessage.success(t("disposition.kept"));
        tellPromised(rows.at(-1)?.promised);
      } catch (problem) {
        form.fault = inWords(problem.message);
        form.where = problem.where?.split(".").at(-1) ?? "";
      } finally {
        form.busy = false;
      }
    }
    const field = (kind) => {
      const must = wanted().includes(kind);
      const common = { id: `disposition-${kind}`, value: shown(kind), "aria-required": must, "aria-invalid": form.where === kind, onInput: (event) => { form[kind] = event.target.value; } };
      return html`<label key=${kind} class=${`field ${form.where === kind ? "wrong" : ""}`}>
        <span>${t(kind === "date" && timed() ? "disposition.moment" : `disposition.${kind}`)}${must && html`<b class="bad" title=${t("disposition.must")}> *</b>`}</span>
        ${kind === "note" ? html`<textarea rows="3" maxlength="500" ...${common}></textarea>`
          : html`<input type=${kind === "date" ? dateType() : "text"} maxlength=${kind === "plate" ? 20 : 60} autocomplete="off" ...${common} />`}</label>`;
    };
    return () => html`<form class="disposition" onSubmit=${(event) => { event.preventDefault(); send(); }}>
      <div class="codes" role="radiogroup" aria-label=${t("disposition")}>${codesOf(props.queue).map((one) => html`<label key=${one.code} class=${`code ${form.code === one.code ? "here" : ""}`}>
        <input type="radio" name="disposition-code" value=${one.code} checked=${form.code === one.code} onChange=${() => { form.code = one.code; }} /> ${language.value === "en" ? one.en : one.zh}</label>`)}</div>
      ${KINDS.map(field)}
      ${form.fault && html`<p class="fault" role="alert" id="disposition-fault">${form.where && KINDS.includes(form.where) ? t("disposition.wrong", t(`disposition.${form.where}`)) : form.fault}</p>`}
      <button class="desk-button primary" id="disposition-save" disabled=${!form.code || form.busy}>${t("disposition.save")}</button>
    </form>`;
  },
};
