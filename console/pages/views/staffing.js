// Staffing of a day: calls to be expected and those that came, agents needed and those who were there.
import { ElDatePicker, ElOption, ElSelect, ElTooltip, html, model, onMounted, reactive, watch } from "../lib.js";
import { get, query, queueTitle, session } from "../api.js";
import { formulaOf, t, term, titleOf } from "../i18n.js";
import { dayOf, percent, seconds } from "../format.js";
import { serverNow } from "../live.js";
import { Chart } from "./chart.js";
import { staffingChart } from "./staffing_chart.js";

const COLUMNS = ["calls", "low", "high", "came", "needed", "needed_high", "rostered", "there", "usual", "gap", "within", "occupancy"];
const DAY = 86400;
const OWN = "own";
const SHARES = [0.7, 0.8, 0.9, 0.95];
const WITHIN = [10, 15, 20, 30, 60];
const SHRINKAGES = [0, 0.1, 0.2, 0.3, 0.4];
const WEEKS = [4, 8, 13, 26];

const idle = (slot) => !(slot.calls || slot.came || slot.there || slot.usual);
const written = (value, unit) => {
  if (value == null) return "—";
  if (unit === "share") return percent(value, 0);
  return unit === "count" ? String(value) : value.toFixed(1);
};

export const StaffingView = {
  setup() {
    const asked = reactive({ day: dayOf(serverNow() + DAY), queue: "", share: 0.8, within: OWN, shrinkage: 0, weeks: 8 });
    const state = reactive({ found: null, fault: "" });
    let count = 0;
    const wanted = () => query({ ...asked, within: asked.within === OWN ? "" : asked.within });

    async function load() {
      const mine = (count += 1);
      try {
        const found = await get(`/reports/staffing${wanted()}`);
        if (mine === count) Object.assign(state, { found, fault: "" });
      } catch (problem) {
        if (mine === count) Object.assign(state, { found: null, fault: problem.message });
      }
    }
    onMounted(load);
    watch(asked, load);

    const choice = (key, values, label) => html`<${ElSelect} class="w-small" aria-label=${t(`staffing.${key}`)} ...${model(asked, key)}>
      ${values.map((value) => html`<${ElOption} key=${String(value)} value=${value} label=${label(value)} />`)}<//>`;
    const filters = () => html`<div class="filters">
      <${ElDatePicker} class="w-date" type="date" valueFormat="YYYY-MM-DD" clearable=${false} aria-label=${t("staffing.day")} ...${model(asked, "day")} />
      <${ElSelect} clearable class="w-choice" placeholder=${t("all.queues")} aria-label=${t("queue")} modelValue=${asked.queue} onUpdate:modelValue=${(value) => { asked.queue = value ?? ""; }}>
        ${(session.directory?.queues ?? []).map((queue) => html`<${ElOption} key=${queue.id} value=${queue.id} label=${queue.title} />`)}<//>
      ${choice("share", SHARES, (value) => t("staffing.share.of", percent(value, 0)))}
      ${choice("within", [OWN, ...WITHIN], (value) => (value === OWN ? t("staffing.within.own") : t("staffing.within.of", value)))}
      ${choice("shrinkage", SHRINKAGES, (value) => t("staffing.shrinkage.of", percent(value, 0)))}
      ${choice("weeks", WEEKS, (value) => t("staffing.weeks.of", value))}
      <span class="push downloads"><a href=${`/api/v1/reports/staffing.csv${wanted()}`} download>CSV</a><a href=${`/api/v1/reports/staffing.xlsx${wanted()}`} download>XLSX</a></span>
    </div>`;

    const heading = (formulas, key) => html`<th key=${key} class="num"><${ElTooltip} content=${`${titleOf(formulas[key])}: ${formulaOf(formulas[key])}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formulas[key])}</span><//></th>`;
    const line = (slot, formulas) => html`<tr key=${slot.label}>
      <td class="mono">${slot.label}</td>
      ${COLUMNS.map((key) => html`<td key=${key} class=${`num mono ${key === "gap" && slot.gap != null && slot.gap <= -0.5 ? "bad" : ""}`}>${written(slot[key], formulas[key].unit)}</td>`)}
    </tr>`;
    const assumed = (report) => {
      const { handle_s: handle, patience_s: patience } = report.assumed;
      return html`<p class="quiet" id="staffing-assumed">${t(
        "staffing.assumed",
        queueTitle(report.queue) || t("all.queues"),
        percent(report.promise.share, 0),
        report.promise.within_s,
        `${report.days.length} ${term("staffing.alike", report.alike)}`,
        seconds(handle),
        patience == null ? t("staffing.endless") : seconds(patience),
      )}</p>`;
    };
    const page = ({ report, formulas }) => {
      const slots = report.slots.filter((slot) => !idle(slot));
      if (!slots.length) return html`<p class="empty">${t("staffing.empty")}</p>`;
      return [
        assumed(report),
        html`<${Chart} option=${staffingChart(slots, formulas)} label=${t("staffing.chart")} />`,
        html`<div class="scroll"><table class="grid full report" id="staffing">
          <thead><tr><th>${t("time")}</th>${COLUMNS.map((key) => heading(formulas, key))}</tr></thead>
          <tbody>${slots.map((slot) => line(slot, formulas))}</tbody>
        </table></div>`,
      ];
    };

    return () => html`<section class="card page">
      ${filters()}
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.found && page(state.found)}
    </section>`;
  },
};
