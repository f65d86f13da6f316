// Who guessed SIP passwords and must wait; supervisors and admins may end it before its time.
import { ElButton, ElDialog, ElMessage, html, reactive } from "../lib.js";
import { get, post } from "../api.js";
import { follow } from "../follow.js";
import { t } from "../i18n.js";
import { moment } from "../format.js";

export const Lockouts = {
  setup() {
    const state = reactive({ rows: null, fault: "", asking: "" });
    const load = follow(state, async () => { state.rows = await get("/lockouts"); });
    async function lift() {
      const source = state.asking;
      state.asking = "";
      try {
        state.rows = await post("/lockouts/lift", { source });
        ElMessage.success(t("lockouts.lifted", source));
      } catch (problem) {
        ElMessage.error(problem.message);
        load();
      }
    }
    const row = (one) => html`<tr key=${`${one.source} ${one.user}`}>
      <td class="mono"><strong>${one.source}</strong></td><td>${one.user || t("lockouts.everybody")}</td><td class="mono num">${one.wrong}</td>
      <td class="mono">${moment(one.since)}</td><td class="mono">${moment(one.until)}</td>
      <td><button class="plain" onClick=${() => { state.asking = one.source; }}>${t("lockouts.lift")}</button></td></tr>`;
    return () => html`<section class="lockouts"><h2>${t("lockouts")}</h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.rows && (state.rows.length ? html`<div class="scroll"><table class="grid full" id="lockouts">
        <thead><tr><th>${t("lockouts.source")}</th><th>${t("lockouts.user")}</th><th class="num">${t("lockouts.wrong")}</th><th>${t("lockouts.since")}</th><th>${t("lockouts.until")}</th><th></th></tr></thead>
        <tbody>${state.rows.map(row)}</tbody></table></div>` : html`<p class="quiet" id="no-lockouts">${t("lockouts.none")}</p>`)}
      <${ElDialog} modelValue=${state.asking !== ""} onClose=${() => { state.asking = ""; }} title=${t("lockouts.lift")} width="440px">
        <div class="choices"><p>${t("lockouts.ask", state.asking)}</p>
          <${ElButton} id="lift-confirm" type="primary" onClick=${lift}>${t("confirm")}<//></div>
      <//>
    </section>`;
  },
};
