// The state of the parts of the house.
import { html, reactive } from "../lib.js";
import { get, session } from "../api.js";
import { follow } from "../follow.js";
import { language, t, term, told } from "../i18n.js";
import { moment, uptime } from "../format.js";
import { Acts } from "./acts.js";
import { Lockouts } from "./lockouts.js";
import { Phones } from "./phones.js";
import { QueueRules } from "./queuerules.js";
import { Reload } from "./reload.js";
import { SipCounts } from "./sip.js";
import { Trace } from "./trace.js";
import { Trunks } from "./trunks.js";
import { WallKeys } from "./wallkeys.js";

/** "trunk carrier": what it is in the reader's language, then its own name. */
function nameOf(part) {
  const [kind, ...own] = part.split(" ");
  return [term("part", kind), ...own].join(" ");
}

export const SystemView = {
  setup() {
    const state = reactive({ health: null, trunks: [], fault: "" });
    const sees = session.who?.role === "admin" || session.who?.role === "supervisor";
    follow(state, async () => {
      // A part that is down makes the answer a 503 with the same body: fetch it here, where that is no error.
      const answer = await fetch("/api/v1/health");
      if (answer.status !== 200 && answer.status !== 503) await get("/health");
      state.health = await answer.json();
      if (sees) state.trunks = await get("/trunks");
    });
    return () => html`<section class="card page system">
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.health && html`<p class=${`verdict ${state.health.status}`}><span class=${`health ${state.health.status}`}>${term("health", state.health.status)}</span> ${t(`health.all.${state.health.status}`)}</p>
        <p class="quiet">${t("version")} ${state.health.version} · ${t("uptime")} ${uptime(state.health.uptime_s, language.value === "en")} · ${moment(state.health.at)}</p>
        ${state.health.components.length ? html`<table class="grid full parts"><tbody>${state.health.components.map((part) => html`<tr key=${part.name}>
          <td><span class=${`health ${part.state}`}>${term("health", part.state)}</span></td><td><strong>${nameOf(part.name)}</strong></td><td class="detail">${told(part.code, part.values, part.detail)}</td></tr>`)}</tbody></table>`
          : html`<p class="empty">${t("empty.health")}</p>`}`}
      ${sees && html`<${QueueRules} />`}
      ${["admin", "supervisor"].includes(session.who?.role) && html`<${Phones} />`}
      ${sees && html`<${Trunks} trunks=${state.trunks} />`}
      ${sees && html`<${Lockouts} /><${WallKeys} /><${Acts} /><${SipCounts} />`}
      ${session.who?.role === "admin" && html`<${Reload} /><${Trace} />`}
    </section>`;
  },
};
