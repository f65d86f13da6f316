// Who is not called (refusals and do-not-call lists) and who has agreed to promotional calls; changes ask before they are made.
import { ElButton, ElDialog, ElInput, ElMessage, ElOption, ElRadioButton, ElRadioGroup, ElSelect, html, model, onMounted, reactive, watch } from "../lib.js";
import { get, post, query } from "../api.js";
import { act, rowButton } from "../act.js";
import { t, term } from "../i18n.js";
import { dayOf, moment, phone, typed } from "../format.js";
import { serverNow } from "../live.js";
import { ListImport } from "./lists.js";
import { isSupervisor } from "./supervise.js";

const PAGE = 100;

export const Calling = {
  setup() {
    const state = reactive({
      shown: "bars", number: "", bars: null, total: 0, consents: null, fault: "", busy: false, form: "",
      target: "", kind: "", why: "", how: "written", evidence: "", day: "",
    });
    async function load() {
      try {
        const wanted = state.number.trim();
        if (state.shown === "bars") {
          const page = await get(`/calling/bars${query({ number: wanted, limit: PAGE })}`);
          Object.assign(state, { bars: page.items, total: page.total, fault: "" });
        } else {
          Object.assign(state, { consents: await get(`/calling/consents${query({ number: wanted, limit: PAGE })}`), fault: "" });
        }
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(load);
    watch(() => state.shown, load);

    function open(form, target = "", kind = "") {
      Object.assign(state, { form, target, kind, why: "", evidence: "", day: dayOf(serverNow()) });
    }
    const WORK = {
      refuse: () => post("/calling/refusals", { number: state.target, note: state.why.trim() }),
      free: () => post("/calling/bars/free", { number: state.target, kind: state.kind, why: state.why.trim() }),
      agree: () => post("/calling/consents", { number: state.target, purpose: "promotion", how: state.how, evidence: state.evidence.trim(), given_at: Math.min(typed(state.day), serverNow()) }),
      withdraw: () => post("/calling/consents/withdraw", { number: state.target, purpose: state.kind, why: state.why.trim() }),
    };
    const confirm = async () => {
      const done = await act(state, async () => { await WORK[state.form](); });
      if (done) { ElMessage.success(t("calling.done")); state.form = ""; }
      load();
    };
    const missing = () => !state.target.trim() || (["free", "withdraw"].includes(state.form) && !state.why.trim()) || (state.form === "agree" && !(state.evidence.trim() && state.day));

    const bar = (one, index) => html`<tr key=${`${one.number} ${one.kind} ${index}`}>
      <td class="mono">${phone(one.number)}</td><td>${term("bar", one.kind)}</td><td>${term("calling.how", one.how)}</td>
      <td class="mono">${moment(one.at)}</td><td>${one.by || t("calling.himself")}</td><td>${one.note}</td>
      <td>${isSupervisor() && rowButton("free", one.number, t("calling.free"), () => open("free", one.number, one.kind))}</td></tr>`;
    const consent = (one, index) => html`<tr key=${`${one.number} ${index}`}>
      <td class="mono">${phone(one.number)}</td><td>${term("purpose", one.purpose)}</td><td>${term("calling.how", one.how)}</td><td>${one.evidence}</td>
      <td class="mono">${dayOf(one.given_at)}</td><td>${one.by}</td>
      <td>${one.withdrawn_at ? html`<span class="quiet">${t("calling.withdrawn", moment(one.withdrawn_at))} ${one.withdrawn_why}</span>`
        : isSupervisor() && rowButton("withdraw", one.number, t("calling.withdraw"), () => open("withdraw", one.number, one.purpose))}</td></tr>`;
    const table = (id, heads, rows, words) => (rows.length
      ? html`<div class="scroll"><table class="grid full" id=${id}><thead><tr>${heads.map((head) => html`<th key=${head}>${head && t(head)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`
      : html`<p class="empty">${words}</p>`);
    const lists = () => (state.shown === "bars"
      ? state.bars && table("bars", ["number", "calling.why", "calling.by_way", "time", "task.by", "calling.note", ""], state.bars.map(bar), t("calling.no_bars"))
      : state.consents && table("consents", ["number", "why.purpose", "calling.by_way", "calling.evidence", "calling.given", "task.by", ""], state.consents.map(consent), t("calling.no_consents")));
    const fields = () => html`<div class="choices"><p>${t(`calling.ask.${state.form}`)}</p>
      <${ElInput} id="calling-number" maxlength="40" placeholder=${t("number")} disabled=${["free", "withdraw"].includes(state.form)} ...${model(state, "target")} />
      ${state.form === "agree" ? html`<${ElSelect} aria-label=${t("calling.by_way")} ...${model(state, "how")}>
          ${["written", "online", "spoken", "agent"].map((how) => html`<${ElOption} key=${how} value=${how} label=${term("calling.how", how)} />`)}<//>
        <${ElInput} id="calling-evidence" maxlength="300" placeholder=${t("calling.evidence.hint")} ...${model(state, "evidence")} />
        <input id="calling-day" type="date" aria-label=${t("calling.given")} value=${state.day} onInput=${(event) => { state.day = event.target.value; }} />`
      : html`<${ElInput} id="calling-reason" maxlength="500" placeholder=${t(state.form === "refuse" ? "calling.note" : "calling.reason")} ...${model(state, "why")} />`}
      <${ElButton} id="calling-confirm" type="primary" disabled=${missing() || state.busy} onClick=${confirm}>${t("confirm")}<//></div>`;

    const handed = (columns, into) => html`<p class="quiet">${t(columns)}</p><${ListImport} key=${into.base} ...${into} onTaken=${load} />`;

    return () => html`<section class="card grow calling">
      <h2>${t("calling")} ${state.shown === "bars" && html`<span class="quiet">${t("calling.count", state.total)}</span>`}
        <span class="push"><${ElRadioGroup} ...${model(state, "shown")}>
          <${ElRadioButton} value="bars">${t("calling.bars")}<//><${ElRadioButton} value="consents">${t("calling.consents")}<//><//></span></h2>
      <p class="calling-tools">
        <${ElInput} class="calling-search" clearable placeholder=${t("calling.search")} ...${model(state, "number")} onChange=${load} />
        ${isSupervisor() && (state.shown === "bars" ? html`<button class="plain" id="calling-refuse" onClick=${() => open("refuse")}>${t("calling.refuse")}</button>
          ${["csv", "xlsx"].map((kind) => html`<a key=${kind} href=${`/api/v1/calling/bars.${kind}`} download>${kind.toUpperCase()}</a>`)}`
        : html`<button class="plain" id="calling-agree" onClick=${() => open("agree")}>${t("calling.agree")}</button>`)}</p>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.shown === "bars" && isSupervisor() && handed("bars.columns", { base: "/bar-lists", into: "kind", title: "bars.import" })}
      ${state.shown === "consents" && handed("lists.consents.columns", { base: "/consent-lists", into: "purpose", title: "lists.consents" })}
      ${lists()}
      <${ElDialog} modelValue=${state.form !== ""} onClose=${() => { state.form = ""; }} title=${state.form && t(`calling.title.${state.form}`)} width="460px">${state.form && fields()}<//>
    </section>`;
  },
};
