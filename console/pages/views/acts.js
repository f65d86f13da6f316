// Who did what: the acts of supervisors and administrators in the last day.
import { html, reactive } from "../lib.js";
import { agentName, get, queueTitle } from "../api.js";
import { follow } from "../follow.js";
import { inWords, t, term } from "../i18n.js";
import { length, moment } from "../format.js";
import { dispositionName } from "./disposition.js";

const EVERY_MS = 30000;

/** What an act was about, in words. */
function detailOf({ name, data }) {
  switch (name) {
    case "supervision.asked":
    case "supervision.changed": return [agentName(data.supervisor), t(`supervise.${data.mode}`), data.agent && agentName(data.agent)];
    case "supervision.ended": return [agentName(data.supervisor), t(`supervise.${data.mode}`), term("supervised", data.reason), data.lasted_s ? length(data.lasted_s) : ""];
    case "agent.forced": return [agentName(data.agent), term("state", data.state), data.reason];
    case "disposition.set": return [agentName(data.agent), dispositionName(data.code)];
    case "task.taken": return [data.owner ? agentName(data.owner) : t("task.free")];
    case "task.closed": return [data.note];
    case "callback.hastened": return [queueTitle(data.queue)];
    case "callback.ended": return [queueTitle(data.queue), t(`callback.outcome.${data.outcome}`)];
    case "consult.started":
    case "consult.joined": return [`${agentName(data.agent)} → ${agentName(data.to)}`];
    case "call.parked": return [data.slot];
    case "number.freed":
    case "consent.withdrawn": return [data.number, data.why];
    case "refusal.overruled": return [agentName(data.agent), data.why];
    case "campaign.imported": return [data.campaign, data.accepted];
    case "agent.message": return [agentName(data.agent), data.text];
    case "waiting.moved": return [`${queueTitle(data.queue)} → ${queueTitle(data.to)}`];
    case "waiting.pulled": return [`${queueTitle(data.queue)} → ${agentName(data.agent)}`];
    case "transfer.started": return [data.to];
    case "recording.held":
    case "recording.deleted": return [data.why];
    case "campaign.made":
    case "campaign.changed":
    case "campaign.removed": return [data.campaign];
    case "tradein.offer_made":
    case "tradein.offer_changed":
    case "tradein.offer_ended":
    case "tradein.offer_moved":
    case "tradein.offer_removed": return [data.offer];
    case "survey.made": return [data.survey, t("surveys.version", data.number)];
    case "survey.removed": return [data.survey];
    case "prompt.handed": return [data.prompt];
    case "campaign.ordered": return [data.campaign, t(`campaigns.${data.what}`), data.refused && inWords(data.refused)];
    case "config.reloaded": return [data.changed.join(", ")];
    case "security.lock_lifted": return [data.source];
    case "wall.key_made":
    case "wall.key_removed": return [data.screen];
    default: return [];
  }
}

export const Acts = {
  setup() {
    const state = reactive({ rows: null, fault: "" });
    follow(state, async () => { state.rows = await get("/audit?limit=100"); }, { everyMs: EVERY_MS });
    const row = (event) => html`<tr key=${event.seq}><td class="mono">${moment(event.at)}</td><td>${event.data.by ?? ""}</td><td>${term("event", event.name)}</td>
      <td class="detail">${detailOf(event).filter(Boolean).join(" · ")}</td><td>${event.call_id && html`<a href=${`#/call/${event.call_id}`}>${t("calls")}</a>`}</td></tr>`;
    return () => html`<section class="acts"><h2>${t("acts")}</h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.rows && (state.rows.length ? html`<div class="scroll"><table class="grid full" id="acts"><tbody>${state.rows.map(row)}</tbody></table></div>` : html`<p class="quiet">${t("acts.none")}</p>`)}
    </section>`;
  },
};
