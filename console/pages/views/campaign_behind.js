// From a figure of a campaign to the contacts or the calls that it counts.
import { html } from "../lib.js";
import { query } from "../api.js";

/** The address of the contacts of `campaign` who fit; see `console.api.contact_query`. */
export const contactsBehind = (campaign, which) => `#/campaigns/${encodeURIComponent(campaign)}${query(which)}`;

/** The address of the calls of `campaign` that fit; see `console.api.call_query`. */
export const callsBehind = (campaign, which) => `#/calls${query({ campaign, ...which })}`;

/** A figure that opens what it counts; plain where there is nothing. */
export const behind = (value, to) => (to && value !== 0 && value !== "—" ? html`<a class="behind" href=${to} onClick=${() => { if (location.hash === to) window.dispatchEvent(new HashChangeEvent("hashchange")); }}>${value}</a>` : value);
