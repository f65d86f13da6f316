// What is on record of the caller: his cars with plate, last visit and mileage, when he may replace them, his complaints.
import { html } from "../lib.js";
import { language, t } from "../i18n.js";
import { percent } from "../format.js";

const whole = (share) => percent(share, 0);

function car(one) {
  const visit = one.visits[0];
  const { outlook } = one;
  const name = [one.plate || one.vin, one.model].filter(Boolean).join(" · ");
  return html`<li key=${`${one.vin}${one.plate}${one.since}`} class=${one.until ? "quiet" : ""}>
    <b class="records-car">${name}</b>
    <span>${one.until ? t("records.had", one.since, one.until) : t("records.has", one.since)}</span>
    ${one.km != null && html`<span>${t("records.km", one.km.toLocaleString(), one.km_day)}</span>`}
    ${!one.until && html`<span>${visit ? t("records.visit", visit.day, visit.kind) : t("records.visit.none")}</span>`}
    ${outlook && html`<p class="records-outlook">${t("records.outlook", whole(outlook.within_3_months), whole(outlook.within_6_months), whole(outlook.within_12_months))}
      <br /><span class="quiet">${language.value === "en" ? outlook.reason_en : outlook.reason_zh}</span></p>`}
  </li>`;
}

const complaint = (said) => html`<li key=${`${said.day}${said.text}`} class=${said.closed ? "quiet" : "bad"}>
  ${t("records.complaint", said.day, said.department, said.text)} ${said.closed ? "" : t("records.open")}</li>`;

/** The records, as `GET /calls/{id}/records` tells them; null for a call of nobody. */
export function personRecords(records) {
  if (!records) return null;
  const { cars, complaints } = records;
  return html`<h2>${t("records")} <span class="quiet">${records.name}</span></h2>
    ${cars.length || complaints.length ? html`<ul class="records-list" id="desk-records">${cars.map(car)}${complaints.map(complaint)}</ul>`
      : html`<p class="empty">${t("records.none")}</p>`}`;
}
