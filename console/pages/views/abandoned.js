// Callers who gave up, and who talked with them next: called back, called again, or nobody yet.
import { ElOption, ElSelect, ElTooltip, html, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, query, queueTitle, session } from "../api.js";
import { formulaOf, t, titleOf } from "../i18n.js";
import { length, phone, shortMoment } from "../format.js";
import { go } from "../route.js";
import { dialBack } from "./dial.js";
import { dayChoice, downloads, reportTabs, spanOf, today } from "./period.js";

const FIGURES = ["abandoned", "called_back", "came_back", "lost"];

export const AbandonedView = {
  setup() {
    const asked = reactive({ days: [today(), today()], queue: "", only: "" });
    const state = reactive({ report: null, fault: "" });
    const which = () => ({ ...spanOf(asked.days), queue: asked.queue });
    let count = 0;
    async function load() {
      const mine = (count += 1);
      try {
        const report = await get(`/reports/abandoned${query(which())}`);
        if (mine === count) Object.assign(state, { report, fault: "" });
      } catch (problem) {
        if (mine === count) Object.assign(state, { report: null, fault: problem.message });
      }
    }
    onMounted(load);
    watch(() => [asked.days, asked.queue], load);

    const kindOf = (item) => {
      if (!item.next) return "lost";
      return item.next.by_us ? "called_back" : "came_back";
    };
    const figure = (name, report) => {
      const formula = report.formulas[name];
      const chosen = asked.only === name || (name === "abandoned" && !asked.only);
      return html`<div key=${name} class=${chosen ? "chosen" : ""}>
        <dt><${ElTooltip} content=${`${titleOf(formula)}: ${formulaOf(formula)}`} placement="top"><span class="has-formula" tabindex="0">${titleOf(formula)}</span><//></dt>
        <dd><button class="figure" id=${`follow-${name}`} title=${t("figure.only")} onClick=${() => { asked.only = name === "abandoned" ? "" : name; }}>${report.figures[name]}</button></dd>
      </div>`;
    };
    const rowOf = (item) => html`<tr key=${item.call_id + item.entered_at} class="link" onClick=${() => go("call", item.call_id)}>
      <td class="mono">${shortMoment(item.entered_at)}</td>
      <td class="mono"><a href=${`#/call/${item.call_id}`} onClick=${(event) => event.stopPropagation()}>${item.number ? phone(item.number) : t("number.hidden")}</a></td>
      <td class="mono">${phone(item.line)}</td>
      <td>${queueTitle(item.queue)}</td>
      <td class="mono num">${length(item.wait_s)}</td>
      <td><span class=${`tag follow-${kindOf(item)}`}>${t(`follow.${kindOf(item)}`)}</span></td>
      <td class="mono">${item.next ? html`<a href=${`#/call/${item.next.call_id}`} onClick=${(event) => event.stopPropagation()}>${shortMoment(item.next.at)}</a>` : ""}</td>
      <td>${item.next ? agentName(item.next.agent) : ""}</td>
      <td class="mono num">${item.next ? length(item.next.after_s) : ""}</td>
      <td>${kindOf(item) === "lost" && item.number ? dialBack(item.call_id) : ""}</td>
    </tr>`;
    const list = (report) => html`<dl class="figures follow">${FIGURES.map((name) => figure(name, report))}</dl>
      <div class="scroll"><table class="grid full">
        <thead><tr><th>${t("entered")}</th><th>${t("number")}</th><th>${t("line")}</th><th>${t("queue")}</th><th class="num">${t("wait")}</th><th>${t("follow")}</th><th>${t("follow.at")}</th><th>${t("agent")}</th><th class="num">${t("follow.after")}</th><th></th></tr></thead>
        <tbody>${report.items.filter((item) => !asked.only || kindOf(item) === asked.only).map(rowOf)}</tbody>
      </table></div>`;
    return () => html`<section class="card page">
      ${reportTabs("abandoned")}
      <div class="filters">${dayChoice(asked)}
        <${ElSelect} clearable class="w-choice" placeholder=${t("all.queues")} aria-label=${t("queue")} modelValue=${asked.queue} onUpdate:modelValue=${(value) => { asked.queue = value ?? ""; }}>
          ${(session.directory?.queues ?? []).map((queue) => html`<${ElOption} key=${queue.id} value=${queue.id} label=${queue.title} />`)}<//>
        ${downloads("abandoned", which())}
      </div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.report && (state.report.items.length ? list(state.report) : html`<p class="empty">${t("empty.abandoned")}</p>`)}
    </section>`;
  },
};
