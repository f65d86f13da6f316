// The weekly reports that were written: each opens as a page or a PDF, or is kept.
import { html, onMounted, reactive } from "../lib.js";
import { get } from "../api.js";
import { t } from "../i18n.js";
import { moment } from "../format.js";
import { reportTabs } from "./period.js";

const address = (paper, kind, keep = "") => `/api/v1/reports/weekly/${encodeURIComponent(paper.week)}.${kind}${keep}`;

export const WeeklyView = {
  setup() {
    const state = reactive({ papers: null, fault: "" });
    onMounted(async () => {
      try {
        state.papers = await get("/reports/weekly");
      } catch (problem) {
        state.fault = problem.message;
      }
    });
    const kind = (paper, name) => paper.kinds.includes(name) && html`<a href=${address(paper, name)} target="_blank" rel="noopener" data-weekly=${`${paper.week}.${name}`}>${t(`weekly.${name}`)}</a> <a href=${address(paper, name, "?download=1")} download title=${t("weekly.keep", name.toUpperCase())} aria-label=${t("weekly.keep", name.toUpperCase())}>↓</a>`;
    const row = (paper) => html`<tr key=${paper.week}>
      <td class="mono">${paper.week}</td><td class="mono">${paper.monday} – ${paper.sunday}</td><td>${paper.headline}</td>
      <td class="mono">${moment(paper.made_at)}</td><td>${kind(paper, "html")}</td><td>${kind(paper, "pdf")}</td></tr>`;
    return () => html`<section class="card page">
      ${reportTabs("weekly")}
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.papers && (state.papers.length ? html`<div class="scroll"><table class="grid full" id="weekly-papers">
        <thead><tr><th>${t("weekly.week")}</th><th>${t("weekly.days")}</th><th>${t("weekly.headline")}</th><th>${t("weekly.made")}</th><th>${t("weekly.html")}</th><th>${t("weekly.pdf")}</th></tr></thead>
        <tbody>${state.papers.map(row)}</tbody></table></div>` : html`<p class="empty">${t("weekly.none")}</p>`)}
    </section>`;
  },
};
