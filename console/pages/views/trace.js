// The SIP trace: on and off, for whom, and the capture file.
import { ElButton, ElInput, html, model, reactive } from "../lib.js";
import { get, put } from "../api.js";
import { follow } from "../follow.js";
import { t } from "../i18n.js";

const EVERY_MS = 3000;

export const Trace = {
  setup() {
    const state = reactive({ now: null, numbers: "", fault: "" });
    follow(state, async () => { state.now = await get("/trace"); }, { everyMs: EVERY_MS, wanted: () => state.now?.on });
    async function change(on) {
      try {
        state.now = await put("/trace", { on, numbers: on ? state.numbers.split(/[\s,;，；]+/).filter(Boolean) : [] });
        state.fault = "";
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    return () => html`<section class="trace"><h2>${t("trace")}</h2>
      <p class="quiet">${t("trace.means")}</p>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.now && html`<div class="filters">
        ${!state.now.on && html`<${ElInput} class="w-number" aria-label=${t("trace.numbers")} placeholder=${t("trace.numbers")} ...${model(state, "numbers")} />`}
        <${ElButton} type=${state.now.on ? "danger" : "primary"} onClick=${() => change(!state.now.on)}>${t(state.now.on ? "trace.stop" : "trace.start")}<//>
        <span>${t(state.now.on ? "trace.on" : "trace.off", state.now.messages)} ${state.now.on ? state.now.numbers.join(" ") : ""}</span>
        ${state.now.messages > 0 && html`<a href="/api/v1/trace.pcap" download>${t("trace.pcap")}</a>`}
      </div>`}
    </section>`;
  },
};
