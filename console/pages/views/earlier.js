// What was before with the same number: its calls, and ours to it.
import { html } from "../lib.js";
import { agentName, queueTitle } from "../api.js";
import { t, term } from "../i18n.js";
import { length, shortMoment } from "../format.js";

/** What came of it: of a queue's call there, of our own how it ended. */
const result = (call) => (call.direction === "outbound" ? (call.talk_s ? "" : term("reason", call.reason)) : term("outcome", call.outcome));

export function earlierCalls(rows, id) {
  if (!rows.length) return html`<p class="empty">${t("earlier.none")}</p>`;
  return html`<table class="grid full" id=${id}><tbody>${rows.map((call) => html`<tr key=${call.id}>
    <td class="mono"><a href=${`#/call/${encodeURIComponent(call.id)}`}>${shortMoment(call.started_at)}</a></td>
    <td>${call.direction === "outbound" ? html`<span class="tag">${t("earlier.ours")}</span>` : call.queue ? queueTitle(call.queue) : "—"}</td>
    <td>${call.agent ? agentName(call.agent) : ""}</td><td>${result(call)}</td><td class="mono num">${length(call.talk_s)}</td></tr>`)}</tbody></table>`;
}
