// The choice of a pause: reasons by number keys, and how long it is planned to last.
import { ElDialog, html, nextTick, reactive } from "../lib.js";
import { session } from "../api.js";
import { language, t } from "../i18n.js";

const MOST_MIN = 600;
const form = reactive({ minutes: "" });

/** The reasons as configured: a name, and how many minutes such a pause is planned to last. */
function reasons() {
  const { pauses = [], pause_reasons: names = [] } = session.directory ?? {};
  return pauses.length ? pauses : names.map((name) => ({ name, en: "", minutes: 0 }));
}
export const pauseName = (name) => (language.value === "en" && reasons().find((one) => one.name === name)?.en) || name;

export function pauseDialog(open, choose, close) {
  const rows = reasons();
  const take = ({ name }) => {
    const planned = Number(form.minutes);
    form.minutes = "";
    choose(name, planned > 0 ? Math.min(MOST_MIN, planned) : undefined);
  };
  const onKey = (event) => {
    if (["Escape", "Tab", "Enter", " "].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // the digits that lead to other pages do not count here
    const reason = event.target.closest("input") ? null : rows[Number(event.key) - 1];
    if (reason) take(reason);
  };
  const focus = () => nextTick(() => document.querySelector("#desk-reasons .choice")?.focus());
  return html`<${ElDialog} modelValue=${open} onClose=${close} onOpened=${focus} title=${t("desk.pause.why")} width="420px">
    <div class="choices" id="desk-reasons" onKeydown=${onKey}>
      ${rows.map((one, index) => html`<button class="choice" key=${one.name} data-reason=${one.name} onClick=${() => take(one)}><kbd>${index + 1}</kbd> ${pauseName(one.name)} ${one.minutes > 0 && html`<span class="quiet">${t("desk.pause.planned", one.minutes)}</span>`}</button>`)}
      <label class="field"><span>${t("desk.pause.minutes")}</span><input id="desk-minutes" type="number" min="1" max=${MOST_MIN} value=${form.minutes} onInput=${(event) => { form.minutes = event.target.value; }} /></label>
    </div>
  <//>`;
}
