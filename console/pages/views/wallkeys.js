// Keys of wall screens: made for a screen, told once with the address to open there, and taken back.
import { ElButton, ElDialog, ElInput, ElMessage, html, model, reactive } from "../lib.js";
import { del, get, post } from "../api.js";
import { follow } from "../follow.js";
import { t } from "../i18n.js";
import { moment } from "../format.js";

const addressOf = (key) => `${location.origin}/#/wall?key=${encodeURIComponent(key)}`;

export const WallKeys = {
  setup() {
    const state = reactive({ rows: null, fault: "", name: "", made: null, asking: null });
    const load = follow(state, async () => { state.rows = await get("/wall/keys"); }, { everyMs: 30_000 });
    async function attempt(work) {
      try {
        await work();
      } catch (problem) {
        ElMessage.error(problem.message);
      }
      load();
    }
    const make = (event) => {
      event.preventDefault();
      if (state.name.trim()) attempt(async () => { state.made = await post("/wall/keys", { name: state.name.trim() }); state.name = ""; });
    };
    const remove = () => {
      const { id } = state.asking;
      state.asking = null;
      attempt(() => del(`/wall/keys/${encodeURIComponent(id)}`));
    };
    const row = (one) => html`<tr key=${one.id}><td><strong>${one.name}</strong></td><td>${one.by}</td><td class="mono">${moment(one.made_at)}</td>
      <td><button class="plain" onClick=${() => { state.asking = one; }}>${t("wall.key.remove")}</button></td></tr>`;
    return () => html`<section class="wallkeys"><h2>${t("wall.keys")} <a href="#/wall" id="open-wall">${t("wall.open")}</a></h2>
      <p class="quiet">${t("wall.keys.what")}</p>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      <form class="row" onSubmit=${make}><${ElInput} id="wall-key-name" maxlength="60" placeholder=${t("wall.key.name")} ...${model(state, "name")} />
        <${ElButton} id="wall-key-make" nativeType="submit">${t("wall.key.make")}<//></form>
      ${state.rows && state.rows.length > 0 && html`<div class="scroll"><table class="grid full" id="wall-keys"><tbody>${state.rows.map(row)}</tbody></table></div>`}
      <${ElDialog} modelValue=${state.made !== null} onClose=${() => { state.made = null; }} title=${t("wall.key.made", state.made?.name ?? "")} width="640px">
        <div class="choices"><p>${t("wall.key.once")}</p><p class="mono" id="wall-address">${state.made ? addressOf(state.made.key) : ""}</p></div>
      <//>
      <${ElDialog} modelValue=${state.asking !== null} onClose=${() => { state.asking = null; }} title=${t("wall.key.remove")} width="440px">
        <div class="choices"><p>${t("wall.key.ask", state.asking?.name ?? "")}</p><${ElButton} id="wall-key-confirm" type="primary" onClick=${remove}>${t("confirm")}<//></div>
      <//>
    </section>`;
  },
};
