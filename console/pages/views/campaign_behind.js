// From a figure of a campaign to the contacts or the calls that it counts.
import { html } from "../lib.js";
import { query } from "../api.js";

/** The address of the contacts of `campaign` who fit; see `console.api.contact_query`. */
export const contactsBehind = (campaign, which) => `#/campaigns/${encodeURIComponent(campaign)}${query(which)}`;

/** The address of the calls of `campaign` that fit; see `console.api.call_query`. */
export const callsBehind = (campaign, which) => `#/calls${query({ campaign, ...which })}`;

/** By the figures of the report: which attempts they count, and which people. A share opens what stands over its line. */
const ATTEMPTS = {
  attempts: "attempts", connected: "connected", connect_rate: "connected", reached: "reached", contact_rate: "reached", went_well: "went_well", success: "went_well",
  abandoned: "abandoned", abandon_rate: "abandoned", abandon_rate_30: "abandoned_30",
};
const PEOPLE = {
  contacts: { listed: true }, tried: { tried: true }, penetration: { tried: true }, finished: { state: "done", listed: true }, completion: { state: "done", listed: true },
};

/** The address of what the figure `key` of `report` counts, in one `round` (0: all); "" where that is nothing. */
export function reportBehind(campaign, report, key, round) {
  if (!(report.intervals[key]?.hits ?? report.figures[key])) return "";
  if (key in ATTEMPTS) return callsBehind(campaign, { attempted: ATTEMPTS[key], round: round || "" });
  return key in PEOPLE ? contactsBehind(campaign, { ...PEOPLE[key], round: round || "" }) : "";
}

/** A figure that opens what it counts; plain where there is nothing. */
export const behind = (value, to) => (to && value !== 0 && value !== "—" ? html`<a class="behind" href=${to} onClick=${() => { if (location.hash === to) window.dispatchEvent(new HashChangeEvent("hashchange")); }}>${value}</a>` : value);
