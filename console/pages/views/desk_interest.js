// How much the customer would replace his car, as he says it: a form on the agent's page while he talks or does his notes.
import { ElMessage, html, reactive, watch } from "../lib.js";
import { post } from "../api.js";
import { t } from "../i18n.js";

export const LEVELS = ["hot", "warm", "cool", "later", "none", "refused"];
const keyOf = (car) => car.vin || car.plate;

/** `call` is its id, `records` what is on record of the customer; `said` when something was put down. */
export const InterestForm = {
  props: ["call", "records"],
  emits: ["said"],
  setup(props, { emit }) {
    const form = reactive({ level: "", vehicle: "", note: "", busy: false, fault: "" });
    const cars = () => props.records?.cars.filter((car) => !car.until) ?? [];
    const begin = () => Object.assign(form, { level: "", note: "", fault: "", vehicle: cars().length === 1 ? keyOf(cars()[0]) : "" });
    begin();
    watch(() => `${props.call} ${cars().map(keyOf)}`, begin);
    async function send() {
      if (form.busy || !form.level) return;
      Object.assign(form, { busy: true, fault: "" });
      try {
        const { level, vehicle, note } = form;
        await post(`/calls/${encodeURIComponent(props.call)}/interest`, { level, vehicle, note });
        ElMessage.success(t("interest.kept"));
        begin();
        emit("said");
      } catch (problem) {
        form.fault = problem.message;
      } finally {
        form.busy = false;
      }
    }
    const car = (one) => html`<option key=${keyOf(one)} value=${keyOf(one)} selected=${form.vehicle === keyOf(one)}>${[one.plate || one.vin, one.model].filter(Boolean).join(" · ")}</option>`;
    return () => html`<form class="disposition" id="interest" onSubmit=${(event) => { event.preventDefault(); send(); }}>
      <div class="codes" role="radiogroup" aria-label=${t("interest")}>${LEVELS.map((level) => html`<label key=${level} class=${`code ${form.level === level ? "here" : ""}`}>
        <input type="radio" name="interest-level" value=${level} checked=${form.level === level} onChange=${() => { form.level = level; }} /> ${t(`interest.${level}`)}</label>`)}</div>
      ${form.level === "refused" && html`<p class="fault">${t("interest.refuses")}</p>`}
      ${cars().length > 0 && html`<label class="field"><span>${t("interest.car")}</span>
        <select id="interest-car" onChange=${(event) => { form.vehicle = event.target.value; }}><option value="" selected=${!form.vehicle}>${t("interest.no_car")}</option>${cars().map(car)}</select></label>`}
      <label class="field interest-note"><span>${t("disposition.note")}</span><input id="interest-note" maxlength="500" autocomplete="off" value=${form.note} onInput=${(event) => { form.note = event.target.value; }} /></label>
      ${form.fault && html`<p class="fault" role="alert" id="interest-fault">${form.fault}</p>`}
      <button class="desk-button primary" id="interest-save" disabled=${!form.level || form.busy}>${t("interest.save")}</button>
    </form>`;
  },
};
