// What a campaign brought: who was reached, came and bought, against those who were held out; and when people answer, by the hours of the week.
import { ElTooltip, html } from "../lib.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { percent } from "../format.js";
import { behind } from "./campaign_behind.js";
import { Chart } from "./chart.js";
import { dispositionName } from "./disposition.js";
import { weekHeat, weekHour } from "./heat.js";

export const interval = (share) => (share.share == null ? "—" : `${percent(share.share)}（${percent(share.low, 0)}–${percent(share.high, 0)}）`);

/** A share as a bar, with its interval as a line over it. */
export function shareBar(share) {
  if (share.share == null) return null;
  const at = (value) => `${(100 * value).toFixed(1)}%`;
  return html`<span class="report-bar" role="img" aria-label=${interval(share)}><span class="report-bar-fill" style=${{ width: at(share.share) }}></span>
    <span class="report-bar-range" style=${{ left: at(share.low), width: at(share.high - share.low) }}></span></span>`;
}

export const SPANS = [7, 30, 90, 180, 365];
const points = (value) => (value == null ? "—" : `${value > 0 ? "+" : ""}${(100 * value).toFixed(1)}%`);

/** The people of the list, stage by stage, within `days` after they were reached; `change` takes another number of days, `people` tells where contacts are. */
export function stages(view, days, change, people) {
  const { conversion, conversion_formulas: formulas } = view;
  const head = html`<tr><td>${t("campaigns.after.contacts")}</td><td class="num mono">${behind(conversion.contacts, people({ listed: true }))}</td><td></td><td></td></tr>`;
  return html`<h3>${t("campaigns.after")} <select id="campaign-days" aria-label=${t("campaigns.after.days")} onChange=${(event) => change(Number(event.target.value))}>
      ${SPANS.map((span) => html`<option key=${span} value=${span} selected=${span === days}>${t("campaigns.after.within", span)}</option>`)}</select></h3>
    <table class="grid full" id="campaign-stages"><thead><tr><th>${t("campaigns.after.stage")}</th><th class="num">${t("campaigns.after.people")}</th><th>${t("campaigns.after.share")}</th><th></th></tr></thead>
      <tbody>${head}${conversion.stages.map((stage) => html`<tr key=${stage.key} id=${`campaign-stage-${stage.key}`}>
        <td><${ElTooltip} content=${formulaOf(formulas[stage.key])} placement="top"><span class="has-formula" tabindex="0">${titleOf(formulas[stage.key])}</span><//></td>
        <td class="num mono">${behind(stage.share.hits, people({ stage: stage.key, days }))}</td><td class="mono">${interval(stage.share)}</td><td class="report-cell">${shareBar(stage.share)}</td></tr>`)}</tbody></table>
    ${conversion.open > 0 && html`<p class="quiet" id="campaign-open">${t("campaigns.after.open", conversion.open, days)} ${behind(t("campaigns.after.open.who"), people({ stage: "open", days }))}</p>`}`;
}

/** What that is more than those did who were held out; nothing where nobody was. */
export function effectOf(found) {
  if (!found) return null;
  const row = (key, one) => html`<tr key=${key}><td>${t(`selections.${key}`)}</td><td class="mono">${interval(one.called)}</td><td class="mono">${interval(one.held_out)}</td>
    <td class="mono"><strong>${points(one.difference)}</strong> ${one.low != null && html`<span class="quiet">（${points(one.low)} … ${points(one.high)}）</span>`}</td></tr>`;
  return html`<h3>${t("campaigns.effect")} <span class="quiet">${t("selections.days", found.since, found.until)}</span></h3>
    <table class="grid full" id="campaign-effect"><thead><tr><th></th><th>${t("campaigns.effect.called", found.visited.called.of)}</th><th>${t("campaigns.effect.held", found.visited.held_out.of)}</th><th>${t("campaigns.effect.more")}</th></tr></thead>
      <tbody>${row("visited", found.visited)}${row("bought", found.bought)}</tbody></table>`;
}

/** When people answer: as dark as at least so many do, by the low end of the interval, so that an hour of three calls does not shine. `open` takes an hour of the week. */
export function bestTimes(week, open) {
  const cells = week.filter((cut) => cut.share.share != null).map((cut) => {
    const hour = weekHour(cut.key);
    return [hour % 24, Math.floor(hour / 24), cut.share.low, cut];
  });
  if (!cells.length) return null;
  const option = weekHeat({
    name: t("campaigns.report.rate"), cells: cells.map((cell) => cell.slice(0, 3)), most: Math.max(0.1, ...cells.map((cell) => cell[2])),
    said: (value) => {
      const [, , , cut] = cells.find((cell) => cell[0] === value[0] && cell[1] === value[1]);
      return t("campaigns.week.said", cut.reached, cut.attempts, interval(cut.share));
    },
    tick: (value) => percent(value, 0),
  });
  return html`<div class="heat" id="campaign-week"><h3>${t("campaigns.week")}</h3><${Chart} option=${option} label=${t("campaigns.week")} pick=${({ value }) => open(24 * value[1] + value[0])} /><p class="quiet">${t("campaigns.week.hint")}</p></div>`;
}

/** What agents said came of their talks; `calls` tells where those are. */
export function cameOf(counted, calls) {
  if (!counted) return null;
  const times = (count, code) => html`<td class="num mono">${behind(count, calls({ attempted: "dialled", disposition: code }))}</td>`;
  return html`<h3>${t("dispositions")}</h3><table class="grid full" id="campaign-codes"><tbody>${counted.codes.map((one) => html`<tr key=${one.code}><td>${dispositionName(one.code)}</td>${times(one.times, one.code)}<td class="mono">${percent(one.share)}</td></tr>`)}
    ${counted.missing > 0 && html`<tr><td class="bad">${t("disposition.missing")}</td>${times(counted.missing, "missing")}<td></td></tr>`}</tbody></table>`;
}
