// What is on record of the caller: his cars with plate, last visit and mileage, when he may replace them, his complaints;
// the trade-in offers that fit them today, and what he said of replacing them.
import { html } from "../lib.js";
import { agentName } from "../api.js";
import { language, t } from "../i18n.js";
import { percent } from "../format.js";

const whole = (share) => percent(share, 0);

const offer = (one) => html`<p class="records-outlook records-offer" key=${one.name}><b>${t("records.offer", one.to, one.subsidy_yuan.toLocaleString())}</b>
  <span>${one.name}</span><span>${t("records.offer.until", one.until)}</span>${one.launch && html`<span>${t("records.offer.launch", one.launch)}</span>`}<span class="quiet">${t("records.offer.here", one.in_stock)}</span></p>`;
const word = (said) => html`<b>${t("records.interest", t(`interest.${said.level}`))}</b> <span class="quiet">${said.day} ${agentName(said.agent) || said.by} ${said.note}</span>
  ${said.next_on && html`<span>${t("records.next", said.next_on)}</span>`}`;

/** What he said before, or of no car by name. */
const said = (words, cars) => {
  const shown = new Set(cars.map((one) => one.interest?.at));
  const rest = words.filter((one) => !shown.has(one.at));
  return rest.length > 0 && html`<li class="records-words" key="words">${rest.map((one) => html`<p key=${`${one.at}${one.vehicle}`} class=${one.stands ? "" : "quiet"}>${word(one)}</p>`)}</li>`;
};

function car(one) {
  const visit = one.visits[0];
  const { interest, outlook } = one;
  const name = [one.plate || one.vin, one.model].filter(Boolean).join(" · ");
  return html`<li key=${`${one.vin}${one.plate}${one.since}`} class=${one.until ? "quiet" : ""}>
    <b class="records-car">${name}</b>
    <span>${one.until ? t("records.had", one.since, one.until) : t("records.has", one.since)}</span>
    ${one.km != null && html`<span>${t("records.km", one.km.toLocaleString(), one.km_day)}</span>`}
    ${!one.until && html`<span>${visit ? t("records.visit", visit.day, visit.kind) : t("records.visit.none")}</span>`}
    ${outlook && html`<p class="records-outlook">${t("records.outlook", whole(outlook.within_3_months), whole(outlook.within_6_months), whole(outlook.within_12_months))}
      <br /><span class="quiet">${language.value === "en" ? outlook.reason_en : outlook.reason_zh}</span></p>`}
    ${interest && html`<p class="records-outlook">${word(interest)}</p>`}
    ${one.offers.map(offer)}
  </li>`;
}

const complaint = (said) => html`<li key=${`${said.day}${said.text}`} class=${said.closed ? "quiet" : "bad"}>
  ${t("records.complaint", said.day, said.department, said.text)} ${said.closed ? "" : t("records.open")}</li>`;

/** The records, as `GET /calls/{id}/records` tells them; null for a call of nobody. */
export function personRecords(records) {
  if (!records) return null;
  const { cars, complaints, interests } = records;
  return html`<h2>${t("records")} <span class="quiet">${records.name}</span></h2>
    ${cars.length || complaints.length || interests.length ? html`<ul class="records-list" id="desk-records">${cars.map(car)}${said(interests, cars)}${complaints.map(complaint)}</ul>`
      : html`<p class="empty">${t("records.none")}</p>`}`;
}
