// Agents' phones: where each is, what it calls itself, whether it answers.
import { html, reactive } from "../lib.js";
import { agentName, get, session } from "../api.js";
import { follow } from "../follow.js";
import { t, term } from "../i18n.js";
import { clock } from "../format.js";

const LEVEL = { alive: "ok", new: "off", mute: "off", refused: "degraded", absent: "down", missed: "degraded", silent: "down" };

const row = (phone) => html`<tr key=${`${phone.agent} ${phone.contact} ${phone.address}`}>
  <td><span class=${`health ${LEVEL[phone.state]}`} title=${t(`phone.${phone.state}.means`)}>${term("phone", phone.state)}</span></td>
  <td><strong>${agentName(phone.agent)}</strong></td>
  <td class="mono" title=${phone.contact}>${phone.address}</td>
  <td class="quiet">${phone.fixed ? t("phone.fixed") : phone.user_agent}</td>
  <td class="mono num">${phone.round_trip_ms == null ? "—" : `${phone.round_trip_ms.toFixed(0)} ms`}</td>
  <td class="mono num" title=${clock(phone.refreshed_at)}>${phone.fixed ? "—" : clock(phone.expires_at)}</td>
</tr>`;

export const Phones = {
  setup() {
    const state = reactive({ phones: null, fault: "" });
    follow(state, async () => { state.phones = await get("/phones"); });
    const without = () => session.directory.agents.filter((agent) => !state.phones.some((phone) => phone.agent === agent.id));
    return () => html`<section class="phones"><h2>${t("phones")}</h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.phones && (state.phones.length ? html`<div class="scroll"><table class="grid full" id="phones">
        <thead><tr><th></th><th>${t("phone.agent")}</th><th>${t("phone.address")}</th><th>${t("phone.kind")}</th><th class="num">${t("quality.round_trip")}</th><th class="num">${t("phone.until")}</th></tr></thead>
        <tbody>${state.phones.map(row)}</tbody></table></div>` : html`<p class="empty">${t("empty.phones")}</p>`)}
      ${state.phones && without().length > 0 && html`<p class="quiet">${t("phone.without")}${without().map((agent) => agent.name).join("、")}</p>`}
    </section>`;
  },
};
