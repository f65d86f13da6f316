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
const PIECE = 1000;
const ENCODINGS = ["utf-8", "gb18030"];

/** The text of a file as spreadsheets write it: UTF-8, else GB18030. */
async function textOf(file) {
  const bytes = await file.arrayBuffer();
  for (const encoding of ENCODINGS) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes);
    } catch { /* the next one */ }
  }
  throw new Error(t("calling.file"));
}

const DIGITS = 7;
const HEADINGS = ["号码 number", "原因 kind"];
const KINDS = ["refused", "listed"];
const cellsOf = (line) => line.split(/[,;\t]/).map((cell) => cell.replace(/^[\s"'=]+|[\s"']+$/g, ""));
const isNumber = (cell) => cell.replace(/\D/g, "").length >= DIGITS && cell.length <= 40;

/**
 * Of each line of our own export, which its headings tell, the number with its kind; of any other list the first cell
 * that holds seven digits or more. `wrong`: lines of an export whose kind is none.
 */
function barsIn(text) {
  const rows = text.split(/\r?\n/).map(cellsOf);
  const [number, kind] = HEADINGS.map((heading) => rows[0].indexOf(heading));
  if (number < 0 || kind < 0) return { numbers: rows.map((row) => row.find(isNumber)).filter(Boolean), bars: [], wrong: 0 };
  const bars = rows.slice(1).filter((row) => row.length > kind && isNumber(row[number] ?? ""))
    .map((row) => ({ number: row[number], kind: row[kind].toLowerCase() || "listed" }));
  const good = bars.filter((bar) => KINDS.includes(bar.kind));
  return { numbers: [], bars: good, wrong: bars.length - good.length };
}

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

    async function take(event) {
      const file = event.target.files[0];
      event.target.value = "";
      if (!file) return;
      await act(state, async () => {
        const { numbers, bars, wrong } = barsIn(await textOf(file));
        let added = 0, known = 0, rejected = wrong;
        for (let at = 0; at < numbers.length + bars.length; at += PIECE) {
          const done = await post("/calling/bars/import", { numbers: numbers.slice(at, at + PIECE), bars: bars.slice(at, at + PIECE), note: file.name.slice(0, 200) });
          added += done.added; known += done.known; rejected += done.rejected.length;
        }
        ElMessage.success(t("calling.taken", added, known, rejected));
      });
      load();
    }

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

    return () => html`<section class="card grow calling">
      <h2>${t("calling")} ${state.shown === "bars" && html`<span class="quiet">${t("calling.count", state.total)}</span>`}
        <span class="push"><${ElRadioGroup} ...${model(state, "shown")}>
          <${ElRadioButton} value="bars">${t("calling.bars")}<//><${ElRadioButton} value="consents">${t("calling.consents")}<//><//></span></h2>
      <p class="calling-tools">
        <${ElInput} class="calling-search" clearable placeholder=${t("calling.search")} ...${model(state, "number")} onChange=${load} />
        ${isSupervisor() && (state.shown === "bars" ? html`<button class="plain" id="calling-refuse" onClick=${() => open("refuse")}>${t("calling.refuse")}</button>
          <label class="plain file-choice">${t("calling.import")}<input id="calling-import" type="file" accept=".csv,.txt" onChange=${take} /></label>
          ${["csv", "xlsx"].map((kind) => html`<a key=${kind} href=${`/api/v1/calling/bars.${kind}`} download>${kind.toUpperCase()}</a>`)}`
        : html`<button class="plain" id="calling-agree" onClick=${() => open("agree")}>${t("calling.agree")}</button>`)}</p>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.shown === "consents" && html`<p class="quiet">${t("lists.consents.columns")}</p><${ListImport} base="/consent-lists" into="purpose" title="lists.consents" onTaken=${load} />`}
      ${lists()}
      <${ElDialog} modelValue=${state.form !== ""} onClose=${() => { state.form = ""; }} title=${state.form && t(`calling.title.${state.form}`)} width="460px">${state.form && fields()}<//>
    </section>`;
  },
};
