// Callers who came while a queue was closed: by queue, dialled number and hour of the day; an hour opens its calls.
import { ElOption, ElSelect, ElTooltip, html, onMounted, reactive, watch } from "../lib.js";
import { get, query, queueTitle, session } from "../api.js";
import { formulaOf, t, term, titleOf } from "../i18n.js";
import { hourMinute, phone, shortMoment } from "../format.js";
import { go } from "../route.js";
import { dayChoice, downloads, reportTabs, spanOf, today } from "./period.js";

const FIGURES = ["came", "holiday", "calls"];
const two = (number) => String(number).padStart(2, "0");
const span = (hour) => `${two(hour)}:00–${two(hour + 1)}:00`;

export const ClosedView = {
  setup() {
    const asked = reactive({ days: [today(), today()], queue: "" });
    const state = reactive({ report: null, fault: "", only: null });
    const which = () => ({ ...spanOf(asked.days), queue: asked.queue });
    let count = 0;
    async function load() {
      const mine = (count += 1);
      try {
        const report = await get(`/reports/closed${query(which())}`);
        if (mine === count) Object.assign(state, { report, fault: "", only: null });
      } catch (problem) {
        if (mine === count) Object.assign(state, { report: null, fault: problem.message, only: null });
      }
    }
    onMounted(load);
    watch(() => [asked.days, asked.queue], load);

    const same = (cell, one) => cell.queue === one.queue && cell.line === one.line && cell.hour === one.hour;
    const hourOf = (item) => Number(hourMinute(item.at).slice(0, 2));
    const shown = (items) => (state.only ? items.filter((item) => same(state.only, { ...item, hour: hourOf(item) })) : items);
    const figure = (name, report) => {
      const formula = report.formulas[name];
      return html`<div key=${name}><dt><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></dt>
        <dd id=${`closed-${name}`}>${report.figures[name]}</dd></div>`;
    };
    const hour = (cell) => html`<tr key=${`${cell.queue} ${cell.line} ${cell.hour}`} class=${state.only && same(state.only, cell) ? "chosen" : ""}>
      <td>${queueTitle(cell.queue)}</td><td class="mono">${phone(cell.line)}</td><td class="mono">${span(cell.hour)}</td>
      <td class="num"><button class="figure" title=${t("report.closed.only")} onClick=${() => { state.only = state.only && same(state.only, cell) ? null : cell; }}>${cell.came}</button></td>
      <td class="num mono">${cell.holiday}</td></tr>`;
    const call = (item) => html`<tr key=${`${item.call_id} ${item.queue}`} class="link" onClick=${() => go("call", item.call_id)}>
      <td class="mono">${shortMoment(item.at)}</td>
      <td class="mono"><a href=${`#/call/${item.call_id}`} onClick=${(event) => event.stopPropagation()}>${item.number ? phone(item.number) : t("number.hidden")}</a></td>
      <td class="mono">${phone(item.line)}</td><td>${queueTitle(item.queue)}</td><td>${term("queue.takes", item.why)}</td></tr>`;
    const whole = (report) => html`<dl class="figures follow">${FIGURES.map((name) => figure(name, report))}</dl>
      <div class="scroll few"><table class="grid full" id="closed-hours">
        <thead><tr><th>${t("queue")}</th><th>${t("line")}</th><th>${t("report.closed.hour")}</th><th class="num">${t("report.closed.came")}</th><th class="num">${t("report.closed.holiday")}</th></tr></thead>
        <tbody>${report.hours.map(hour)}</tbody></table></div>
      ${state.only && html`<p class="notice">${queueTitle(state.only.queue)} · ${phone(state.only.line)} · ${span(state.only.hour)} <button class="plain" id="closed-all" onClick=${() => { state.only = null; }}>${t("report.closed.all")}</button></p>`}
      ${report.figures.came > report.items.length && html`<p class="quiet">${t("report.closed.first", report.items.length)}</p>`}
      <div class="scroll"><table class="grid full" id="closed-calls">
        <thead><tr><th>${t("report.closed.at")}</th><th>${t("number")}</th><th>${t("line")}</th><th>${t("queue")}</th><th>${t("report.closed.why")}</th></tr></thead>
        <tbody>${shown(report.items).map(call)}</tbody></table></div>`;
    return () => html`<section class="card page">
      ${reportTabs("closed")}
      <div class="filters">${dayChoice(asked)}
        <${ElSelect} clearable class="w-choice" placeholder=${t("all.queues")} aria-label=${t("queue")} modelValue=${asked.queue} onUpdate:modelValue=${(value) => { asked.queue = value ?? ""; }}>
          ${(session.directory?.queues ?? []).map((queue) => html`<${ElOption} key=${queue.id} value=${queue.id} label=${queue.title} />`)}<//>
        ${downloads("closed", which())}
      </div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && (state.report.figures.came ? whole(state.report) : html`<p class="empty">${t("report.closed.empty")}</p>`)}
    </section>`;
  },
};
