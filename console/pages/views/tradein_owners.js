// Owners: who is likeliest to replace his car, with the reason and the offer that fits; and what owners said, with their next call.
import { ElPagination, ElRadioButton, ElRadioGroup, html, onMounted, reactive } from "../lib.js";
import { agentName, get, query } from "../api.js";
import { language, t, term } from "../i18n.js";
import { percent, phone } from "../format.js";
import { LEVELS } from "./desk_interest.js";
import { LeadInto } from "./lead_into.js";

const PAGE = 50;
const MONTHS = [3, 6, 12];

const pages = (state, load) => state.total > PAGE && html`<${ElPagination} layout="prev, pager, next" pageSize=${PAGE} total=${state.total} currentPage=${state.page} onCurrentChange=${(page) => { state.page = page; load(); }} />`;

export const RankingCard = {
  setup() {
    const state = reactive({ months: 6, page: 1, items: null, total: 0 });
    async function load() {
      const found = await get(`/tradein/ranking${query({ months: state.months, limit: PAGE, offset: PAGE * (state.page - 1) })}`);
      Object.assign(state, found);
    }
    onMounted(load);
    const choose = (months) => {
      Object.assign(state, { months, page: 1 });
      load();
    };
    const chance = (one) => percent(one[`within_${state.months}_months`], 0);
    const line = (one) => html`<tr key=${`${one.rank}${one.number}${one.plate}`}><td class="num mono">${one.rank}</td><td>${one.name}</td><td class="mono">${phone(one.number)}</td><td>${[one.model, one.plate].filter(Boolean).join(" · ")}</td>
      <td class="num mono">${chance(one)}</td><td>${language.value === "en" ? one.reason_en : one.reason_zh}</td>
      <td>${one.offer ? t("ranking.offer", one.offer, one.to, one.subsidy_yuan.toLocaleString()) : "—"}</td><td>${term("interest", one.interest)}</td></tr>`;
    return () => state.items?.length > 0 && html`<h3 id="part-ranking">${t("ranking")} <${ElRadioGroup} size="small" modelValue=${state.months} onUpdate:modelValue=${choose} aria-label=${t("ranking.within")}>${MONTHS.map((months) => html`<${ElRadioButton} key=${months} value=${months} label=${months}>${t("ranking.months", months)}<//>`)}<//></h3>
      <p class="quiet">${t("ranking.total", state.total)}</p>
      <div class="scroll"><table class="grid full" id="ranking"><thead><tr><th class="num">${t("ranking.place")}</th><th>${t("name")}</th><th>${t("number")}</th><th>${t("selections.car")}</th><th class="num">${t("ranking.chance")}</th><th>${t("ranking.reason")}</th><th>${t("offers")}</th><th>${t("interest")}</th></tr></thead>
        <tbody>${state.items.map(line)}</tbody></table></div>${pages(state, load)}`;
  },
};

export const InterestsCard = {
  setup() {
    const state = reactive({ level: "", due: false, page: 1, items: null, total: 0 });
    const asked = () => ({ level: state.level, due: state.due ? "true" : "" });
    async function load() {
      Object.assign(state, await get(`/tradein/interests${query({ ...asked(), limit: PAGE, offset: PAGE * (state.page - 1) })}`));
    }
    onMounted(load);
    const change = (values) => {
      Object.assign(state, values, { page: 1 });
      load();
    };
    const file = (kind) => html`<a key=${kind} data-file=${kind} href=${`/api/v1/tradein/interests.${kind}${query(asked())}`}>${kind.toUpperCase()}</a>`;
    const line = ({ said, ...one }) => html`<tr key=${`${said.at}${one.number}${said.vehicle}`}><td>${one.name}</td><td class="mono">${phone(one.number)}</td><td>${[one.model, one.plate || said.vehicle].filter(Boolean).join(" · ") || "—"}</td>
      <td>${t(`interest.${said.level}`)}</td><td class="mono">${said.day}</td><td class="mono">${said.next_on ?? "—"}</td><td>${said.note}</td><td>${agentName(said.agent) || said.by}</td><td><a href=${`#/call/${encodeURIComponent(said.call_id)}`}>${t("interest.call")}</a></td></tr>`;
    return () => state.items && html`<h3 id="part-interests">${t("interest.list")}</h3>
      <div class="filters"><select id="interests-level" aria-label=${t("interest")} onChange=${(event) => change({ level: event.target.value })}><option value="">${t("interest.any")}</option>${LEVELS.map((level) => html`<option key=${level} value=${level} selected=${level === state.level}>${t(`interest.${level}`)}</option>`)}</select>
        <label><input type="checkbox" id="interests-due" checked=${state.due} onChange=${(event) => change({ due: event.target.checked })} /> ${t("interest.due")}</label>
        <span class="quiet" id="interests-total">${t("interest.total", state.total)}</span> ${file("csv")} ${file("xlsx")}</div>
      ${state.items.length ? html`<div class="scroll"><table class="grid full" id="interests"><thead><tr><th>${t("name")}</th><th>${t("number")}</th><th>${t("selections.car")}</th><th>${t("interest")}</th><th>${t("interest.day")}</th><th>${t("interest.next")}</th><th>${t("disposition.note")}</th><th>${t("agents")}</th><th></th></tr></thead>
        <tbody>${state.items.map(line)}</tbody></table></div>` : html`<p class="empty">${t("interest.none_yet")}</p>`}${pages(state, load)}
      <p class="quiet">${t("interest.touch")}</p><${LeadInto} mark="touch" name=${t("interest.touch.name")} conditions=${[{ reason: "touch" }]} />`;
  },
};
