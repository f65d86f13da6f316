// The choice of a pause: reasons by number keys.
import { ElDialog, html, nextTick } from "../lib.js";
import { session } from "../api.js";
import { t } from "../i18n.js";

export function pauseDialog(open, choose, close) {
  const reasons = session.directory?.pause_reasons ?? [];
  const onKey = (event) => {
    if (["Escape", "Tab", "Enter", " "].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // the digits that lead to other pages do not count here
    const reason = reasons[Number(event.key) - 1];
    if (reason) choose(reason);
  };
  const focus = () => nextTick(() => document.querySelector("#desk-reasons .choice")?.focus());
  return html`<${ElDialog} modelValue=${open} onClose=${close} onOpened=${focus} title=${t("desk.pause.why")} width="420px">
    <div class="choices" id="desk-reasons" onKeydown=${onKey}>
      ${reasons.map((reason, index) => html`<button class="choice" key=${reason} data-reason=${reason} onClick=${() => choose(reason)}><kbd>${index + 1}</kbd> ${reason}</button>`)}
    </div>
  <//>`;
}
