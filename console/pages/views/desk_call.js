// The call that an agent is offered, talks in or writes his notes on: who calls, where from, and what he did before.
import { html } from "../lib.js";
import { queueTitle } from "../api.js";
import { t, term } from "../i18n.js";
import { length, phone, shortMoment } from "../format.js";
import { campaignContact } from "./desk_contact.js";
import { personRecords } from "./desk_records.js";
import { serverNow } from "../live.js";
import { earlierCalls } from "./earlier.js";
import { Refuse } from "./refuse.js";

/** What the caller chose and answered in menus so far. */
function choices(events) {
  return events.flatMap(({ name, data }) => {
    if (name === "ivr.chosen") return [data.choice];
    return name === "ivr.answered" ? [`${data.node}: ${data.value}`] : [];
  });
}

function waited(entries) {
  const entry = entries.at(-1);
  if (!entry) return "—";
  return length(entry.wait_s ?? serverNow() - entry.entered_at);
}

export function deskCall(agent, { detail, earlier, records, contact }) {
  if (!detail) return html`<section class="card grow"><h2>${t("desk.call")}</h2><p class="empty" id="desk-call">${t("desk.call.none")}</p></section>`;
  const { call, entries, events } = detail;
  const chosen = choices(events);
  const facts = [
    ["direction", term("direction", call.direction)],
    ["queue", call.queue ? queueTitle(call.queue) : "—"],
    ["wait", waited(entries)],
    ["start", shortMoment(call.started_at)],
    ["desk.choices", chosen.length ? chosen.join(" → ") : "—"],
  ];
  return html`<section class=${`card grow desk-call ${agent.state}`}>
    <h2>${t(`desk.call.${["ringing", "wrap_up"].includes(agent.state) ? agent.state : "talking"}`)} <a class="push" href=${`#/call/${encodeURIComponent(call.id)}`}>${t("desk.call.open")}</a></h2>
    <p class="desk-number mono" id="desk-call">${phone(call.direction === "outbound" ? call.dnis : call.ani)}</p>
    ${call.direction !== "internal" && html`<p><${Refuse} key=${call.id} call=${call.id} /></p>`}
    <dl class="facts">${facts.map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd class="mono" data-fact=${name}>${value}</dd></div>`)}</dl>
    <div class="scroll">${campaignContact(contact)}${personRecords(records)}<h2>${t("earlier")}</h2>${earlierCalls(earlier, "desk-earlier")}</div>
  </section>`;
}
