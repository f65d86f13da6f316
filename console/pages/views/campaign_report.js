// The report of a campaign: its figures, results, attempts by number and by hour of the day, and what the survey's answers say.
import { ElTooltip, html, onMounted, reactive, watch } from "../lib.js";
import { get, surveyTitle } from "../api.js";
import { formulaOf, said, t, term, titleOf } from "../i18n.js";
import { percent, shortMoment } from "../format.js";
import { behind, callsBehind, contactsBehind, reportBehind } from "./campaign_behind.js";
import { bestTimes, cameOf, effectOf, interval, shareBar, stages } from "./campaign_outcome.js";

const two = (number) => String(number).padStart(2, "0");
const rounded = (value) => (value >= 100 ? Math.round(value) : Number(value.toFixed(2)));

/** How many were given by key, by voice, and to an agent. */
const byHow = (hows) => Object.entries(hows).filter(([how]) => how).map(([how, times]) => ` · ${term("calling.how", how)} ${times}`).join("");

/** Mean and median of numbers, as tags; the median with the bounds that hold it with 95 %. */
function spreadTags({ spread, unit }) {
  const range = spread.low == null ? "" : `（${spread.low} … ${spread.high}）`;
  return html`<span class="tag">${t("campaigns.report.median", `${rounded(spread.median)}${range} ${said(unit)}`)}</span>
    <span class="tag">${t("campaigns.report.mean", `${rounded(spread.mean)} ${said(unit)}`)}</span>
    <span class="quiet">${t("campaigns.report.range", spread.least, spread.most)}</span>`;
}

export const CampaignReport = {
  props: { campaign: String, changed: Number, asked: Object }, // `asked`: days after a call, round (0: all)
  emits: ["asked"],
  setup(props, { emit }) {
    const state = reactive({ view: null, fault: "" });
    async function load() {
      try {
        Object.assign(state, { view: await get(`/campaigns/${encodeURIComponent(props.campaign)}/report?days=${props.asked.days}&round=${props.asked.round}`), fault: "" });
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(load);
    watch(() => [props.campaign, props.changed, props.asked], load);
    const change = (asked) => emit("asked", { ...props.asked, ...asked });
    const rounds = (view) => view.rounds > 1 && html`<p class="campaign-rounds"><label>${t("campaigns.report.round")} <select id="campaign-round" onChange=${(event) => change({ round: Number(event.target.value) })}>
        <option value="0" selected=${props.asked.round === 0}>${t("campaigns.report.round.all")}</option>
        ${Array.from({ length: view.rounds }, (_, at) => html`<option key=${at + 1} value=${at + 1} selected=${props.asked.round === at + 1}>${t("campaigns.report.round.one", at + 1)}</option>`)}</select></label>
      <span class="quiet">${t("campaigns.report.round.hint")}</span></p>`;

    const value = (report, key, unit) => {
      if (unit !== "share") return report.figures[key];
      return report.intervals[key] ? interval(report.intervals[key]) : percent(report.figures[key]);
    };
    const figures = ({ report, formulas }) => html`<dl class="figures follow campaign-figures">${Object.entries(formulas).map(([key, formula]) => html`<div key=${key}>
      <dt><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></dt>
      <dd id=${`campaign-figure-${key}`}>${behind(value(report, key, formula.unit), reportBehind(props.campaign, report, key, props.asked.round))}</dd></div>`)}</dl>`;
    const calls = (which) => callsBehind(props.campaign, { ...which, round: props.asked.round || "" });
    const people = (which) => contactsBehind(props.campaign, { ...which, round: props.asked.round || "" });
    /** `of`: by which parameter of `/calls` a row is found. */
    const cuts = (id, title, cut, heads, name, of) => cut.length > 0 && html`<h3>${title}</h3>
      <table class="grid full" id=${id}><thead><tr><th>${heads[0]}</th><th class="num">${t("campaigns.report.attempts")}</th><th class="num">${t("campaigns.report.connected")}</th><th class="num">${t("campaigns.report.reached")}</th><th>${heads[1]}</th><th></th></tr></thead>
        <tbody>${cut.map((one) => html`<tr key=${one.key}><td>${name(one.key)}</td>${["attempts", "connected", "reached"].map((key) => html`<td key=${key} class="num mono">${behind(one[key], calls({ attempted: key, [of]: one.key }))}</td>`)}<td class="mono">${interval(one.share)}</td><td class="report-cell">${shareBar(one.share)}</td></tr>`)}</tbody></table>`;
    const question = (one) => html`<div class="report-question" key=${one.question} data-question=${one.question}><p><strong>${said(one.text) || one.question}</strong> <span class="quiet">${term("campaigns.kind", one.kind)} · ${t("campaigns.report.answers", one.answers)}${byHow(one.hows)}</span>
      ${one.mean != null && html`<span class="tag">${t("campaigns.report.mean", one.mean.toFixed(2))}</span>`}
      ${one.csat && html`<span class="tag" data-figure="csat" title=${t("campaigns.report.csat.hint")}>${t("campaigns.report.csat")} ${interval(one.csat)}</span>`}
      ${one.response && html`<span class="tag" data-figure="response" title=${t("campaigns.report.response.hint")}>${t("campaigns.report.response")} ${interval(one.response)}</span>`}
      ${one.nps && html`<span class="tag">NPS ${one.nps.score.toFixed(0)}（${one.nps.low.toFixed(0)} … ${one.nps.high.toFixed(0)}）</span>`}
      ${one.spread && spreadTags(one)}</p>
      ${one.values.length > 0 && html`<table class="grid full"><tbody>${one.values.map((each) => html`<tr key=${each.value}><td class="report-value">${said(each.text) || each.value || "—"}</td><td class="num mono">${each.share.hits}</td><td class="mono">${interval(each.share)}</td><td class="report-cell">${shareBar(each.share)}</td></tr>`)}</tbody></table>`}</div>`;
    const form = (one) => html`<section key=${one.form}><h3>${t("campaigns.report.form", surveyTitle(one.survey), one.form || "?")} ${one.since && html`<span class="quiet">${t("campaigns.report.since", shortMoment(one.since))}</span>`}</h3>${one.questions.map(question)}</section>`;
    const body = (view) => html`${rounds(view)}${figures(view)}
      ${!view.report.figures.attempts && html`<p class="empty">${t("campaigns.report.empty")}</p>`}
      ${view.conversion.contacts > 0 && stages(view, props.asked.days, (days) => change({ days }), people)}
      ${effectOf(view.effect)}
      ${cuts("campaign-results", t("results"), view.report.results, [t("result"), t("campaigns.report.share")], (key) => term("result", key), "result")}
      ${cuts("campaign-hours", t("campaigns.report.hours"), view.report.hours, [t("campaigns.report.hour"), t("campaigns.report.rate")], (key) => `${two(key)}:00–${two(Number(key) + 1)}:00`, "hour")}
      ${bestTimes(view.report.week, (hour) => { location.hash = calls({ attempted: "attempts", week_hour: hour }); })}
      ${cuts("campaign-nths", t("campaigns.report.nths"), view.report.nths, [t("campaigns.report.nth"), t("campaigns.report.rate")], (key) => key, "nth")}
      ${cameOf(view.report.came_of, calls)}
      ${view.report.forms.map(form)}
      <p class="quiet">${t("campaigns.report.hint")}</p>`;
    return () => html`<div class="campaign-report">${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : state.view ? body(state.view) : html`<p class="boot">…</p>`}</div>`;
  },
};
