// Whom a campaign has called: its name, his name, and what else the list says of him.
import { html } from "../lib.js";
import { t } from "../i18n.js";

/** The contact, as `GET /calls/{id}/contact` tells it; null for a call that no campaign makes. */
export function campaignContact(contact) {
  if (!contact) return null;
  const rows = Object.entries(contact.fields).filter(([, value]) => value);
  return html`<h2>${t("contact.title", contact.campaign)} <span class="quiet" id="desk-contact">${contact.name}</span></h2>
    ${rows.length > 0 && html`<dl class="facts contact-fields">${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}`;
}
