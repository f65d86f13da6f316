// The configuration read again: first what that would change, then, when it is confirmed, the change itself.
import { ElButton, ElDialog, html, reactive } from "../lib.js";
import { get, post } from "../api.js";
import { t } from "../i18n.js";

const list = (title, items) => items.length > 0 && html`<h3>${title}</h3><ul>${items.map((item) => html`<li key=${item}><code>${item}</code></li>`)}</ul>`;

export const Reload = {
  setup() {
    const state = reactive({ open: false, busy: false, found: null, done: false, fault: "" });
    async function ask(work, done) {
      state.busy = true;
      try {
        state.found = await work();
        state.fault = "";
        state.done = done;
      } catch (problem) {
        state.found = null;
        state.fault = problem.message;
      }
      state.busy = false;
      state.open = true;
    }
    const look = () => ask(() => get("/config/changes"), false);
    const reload = () => ask(() => post("/config/reload"), true);
    const nothing = () => state.found && !state.found.changed.length && !state.found.waiting.length;
    return () => html`<section class="reload"><h2>${t("reload")}</h2>
      <p class="quiet">${t("reload.means")}</p>
      <p><${ElButton} id="reload" disabled=${state.busy} onClick=${look}>${t("reload.look")}<//></p>
      <${ElDialog} modelValue=${state.open} onClose=${() => { state.open = false; }} title=${t(state.done ? "reload.done" : "reload")} width="560px">
        <div class="choices" id="reload-found">
          ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
          ${nothing() && html`<p>${t("reload.nothing")}</p>`}
          ${state.found && html`
            ${list(t(state.done ? "reload.holds" : "reload.changed"), state.found.changed)}
            ${list(t("reload.waiting"), state.found.waiting)}
            ${list(t("reload.warnings"), state.found.warnings)}`}
          ${state.found && !state.done && state.found.changed.length > 0 && html`<p class="hint">${t("reload.ask")}</p>
            <${ElButton} id="reload-confirm" type="primary" disabled=${state.busy} onClick=${reload}>${t("reload.confirm")}<//>`}
          ${state.found && !state.done && !state.found.changed.length && state.found.waiting.length > 0 && html`<p class="hint">${t("reload.only_waiting")}</p>`}
        </div>
      <//>
    </section>`;
  },
};
