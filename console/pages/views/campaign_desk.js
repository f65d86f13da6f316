// A campaign in the hands of a supervisor: its form, its orders (start, pause, stop), and its dry run.
import { ElButton, ElDialog, html, onMounted, reactive, watch } from "../lib.js";
import { act } from "../act.js";
import { get, post, put } from "../api.js";
import { inWords, language, t } from "../i18n.js";
import { moment, phone } from "../format.js";
import { isSupervisor } from "./supervise.js";
import { decisionWords } from "./why.js";

/** So long the reasons of a refusal are shown. */
const READ_MS = 6000;
const words = (told) => (language.value === "en" ? told.en : told.zh);
const pathOf = (name) => `/campaigns/${encodeURIComponent(name)}`;

/** What can be asked of a campaign in its state. */
const ORDERS = {
  "": ["start", "stop"], running: ["pause", "stop"], paused: ["start", "stop"], finished: ["start"], stopped: [],
};
const nameOf = (order, state) => (order === "start" && state === "paused" ? "resume" : order);

export const CampaignOrders = {
  props: { campaign: Object, plan: Object },
  emits: ["done", "edit"],
  setup(props, { emit }) {
    const state = reactive({ busy: false, asked: "" });
    async function order(what) {
      if (await act(state, () => post(`${pathOf(props.campaign.id)}/${what}`), READ_MS)) state.asked = "";
      emit("done");
    }
    return () => isSupervisor() && props.plan && html`<span class="campaign-orders">
      ${(ORDERS[props.campaign.state] ?? []).map((what) => html`<${ElButton} key=${what} size="small" id=${`campaign-${what}`} type=${what === "start" ? "primary" : what === "stop" ? "danger" : "default"} plain=${what === "stop"}
        disabled=${state.busy} onClick=${() => { state.asked = what; }}>${t(`campaigns.${nameOf(what, props.campaign.state)}`)}<//>`)}
      ${props.plan.source === "page" && props.campaign.state !== "stopped" && html`<${ElButton} size="small" id="campaign-edit" disabled=${state.busy || props.campaign.state === "running"} onClick=${() => emit("edit")}>${t("campaigns.edit")}<//>`}
      <${ElDialog} modelValue=${state.asked !== ""} onClose=${() => { state.asked = ""; }} title=${state.asked && t(`campaigns.${nameOf(state.asked, props.campaign.state)}`)} width="460px">
        ${state.asked && html`<div class="choices"><p>${t(`campaigns.ask.${state.asked}`, props.campaign.title, props.campaign.contacts - props.campaign.finished)}</p>
          <${ElButton} id="campaign-confirm" type=${state.asked === "stop" ? "danger" : "primary"} disabled=${state.busy} onClick=${() => order(state.asked)}>${t("confirm")}<//></div>`}<//>
    </span>`;
  },
};

export const CampaignForm = {
  props: { plan: Object },
  emits: ["done", "close"],
  setup(props, { emit }) {
    const state = reactive({ fields: null, values: {}, faults: [], warnings: [], fault: "", busy: false, retry: false });
    const of = () => props.plan?.name ?? "";
    let due = 0;
    onMounted(async () => {
      try {
        state.fields = await get("/campaign-form");
        for (const field of state.fields) {
          const known = props.plan?.values[field.key] ?? field.default ?? field.choices[0]?.value ?? "";
          state.values[field.key] = field.kind === "lines" ? known.join("\n") : known;
        }
        await check();
      } catch (problem) {
        state.fault = problem.message;
      }
    });
    const CASTS = {
      int: (text) => (/^\d+$/.test(text) ? Number(text) : String(text)),
      number: (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : String(text)),
      lines: (text) => text.split("\n").map((line) => line.trim()).filter(Boolean),
    };
    const told = () => Object.fromEntries(state.fields.map((field) => [field.key, (CASTS[field.kind] ?? ((value) => value))(state.values[field.key])]));
    let asked = 0;
    /** The faults of the form as it stands now; what is said of a form that was changed meanwhile is not shown. */
    async function check() {
      const mine = ++asked;
      const { faults, warnings } = await post(`/campaign-check${of() ? `?of=${encodeURIComponent(of())}` : ""}`, { values: told() });
      if (mine === asked) Object.assign(state, { faults, warnings });
      return faults;
    }
    function change(field, value) {
      state.values[field.key] = value;
      asked += 1;
      clearTimeout(due);
      due = setTimeout(() => check().catch(() => {}), 300);
    }
    async function save() {
      clearTimeout(due);
      const done = await act(state, async () => {
        const [first] = await check();
        if (first) throw new Error(words(first));
        await (of() ? put(pathOf(of()), { values: told() }) : post("/campaigns", { values: told() }));
      }, READ_MS);
      if (done) emit("done", state.values.name);
    }

    const title = (choice) => (language.value === "en" ? choice.en : choice.zh);
    function control(field) {
      const id = `campaign-field-${field.key}`;
      const value = state.values[field.key];
      const taken = (event) => change(field, event.target.value);
      if (field.kind === "choice") {
        const known = field.choices.some((choice) => choice.value === value) ? field.choices : [...field.choices, { value, zh: value, en: value }];
        return html`<select id=${id} onChange=${taken}>${known.map((choice) => html`<option key=${choice.value} value=${choice.value} selected=${choice.value === value}>${title(choice)}</option>`)}</select>`;
      }
      if (field.kind === "bool") {
        return html`<input id=${id} type="checkbox" checked=${value} onChange=${(event) => change(field, event.target.checked)} />`;
      }
      if (["lines", "prose"].includes(field.kind)) return html`<textarea id=${id} rows=${field.kind === "prose" ? 6 : 3} value=${value} onInput=${taken}></textarea>`;
      return html`<input id=${id} value=${value} disabled=${field.key === "name" && of() !== ""} list=${field.kind === "suggested" ? `${id}-list` : null} inputmode=${["int", "number"].includes(field.kind) ? "decimal" : "text"} onInput=${taken} />
        ${field.kind === "suggested" && html`<datalist id=${`${id}-list`}>${field.choices.map((choice) => html`<option key=${choice.value} value=${choice.value}></option>`)}</datalist>`}`;
    }
    const said = (field) => [
      ...state.faults.filter((fault) => fault.key === field.key).map((fault) => html`<p class="campaign-wrong" key=${fault.en}>${words(fault)}</p>`),
      ...state.warnings.filter((fault) => fault.key === field.key).map((fault) => html`<p class="campaign-doubt" key=${fault.en}>${words(fault)}</p>`),
    ];
    const line = (field) => html`<label key=${field.key} for=${`campaign-field-${field.key}`}>${title(field)}</label><div>${control(field)}${said(field)}</div>`;
    const main = () => state.fields.filter((field) => !field.part);
    /** Who is tried again and when: open where something is wrong in it. */
    const retry = () => {
      const fields = state.fields.filter((field) => field.part === "retry");
      const wrong = state.faults.some((fault) => fault.key.startsWith("retry."));
      return fields.length > 0 && html`<details class="campaign-retry" id="campaign-retry" open=${wrong || state.retry} onToggle=${(event) => { state.retry = event.target.open; }}>
        <summary>${t("campaigns.form.retry")}</summary><p class="quiet">${t("campaigns.form.retry.hint")}</p><div class="campaign-form">${fields.map(line)}</div></details>`;
    };
    const body = () => html`<div class="campaign-form">
      ${main().map(line)}
      ${retry()}
      <span></span><div><${ElButton} id="campaign-save" type="primary" disabled=${state.busy || state.faults.length > 0} onClick=${save}>${t("save")}<//>
        <span class="quiet">${t("campaigns.form.hint")}</span></div>
    </div>`;
    return () => html`<${ElDialog} modelValue=${true} onClose=${() => emit("close")} title=${of() ? t("campaigns.form.change", of()) : t("campaigns.form.new")} width="640px" top="6vh">
      ${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : state.fields ? body() : html`<p class="boot">…</p>`}
    <//>`;
  },
};

export const DryRun = {
  props: { campaign: String, changed: Number },
  setup(props) {
    const state = reactive({ view: null, fault: "", busy: false });
    async function load() {
      try {
        Object.assign(state, { view: await get(`${pathOf(props.campaign)}/dry-run`), fault: "" });
      } catch (problem) {
        state.fault = inWords(problem.message);
      }
    }
    onMounted(load);
    watch(() => [props.campaign, props.changed], load);
    const counts = (title, found) => found.length > 0 && html`<p class="tags"><span class="quiet">${title}</span> ${found.map((one) => html`<span class="tag" key=${one.rule}>${words(one)} ${one.contacts}</span>`)}</p>`;
    const body = (view) => html`
      <p id="dryrun-sum"><strong>${t("campaigns.dry.sum", view.allowed, view.looked_at, view.pending)}</strong> <span class="quiet">${moment(view.at)}</span></p>
      ${view.forbidden && html`<p class="fault" role="alert">${t("campaigns.dry.forbidden", words(view.forbidden))}</p>`}
      ${counts(t("campaigns.dry.waiting"), view.waiting)}
      ${counts(t("campaigns.dry.never"), view.never)}
      ${counts(t("campaigns.dry.barred"), view.barred)}
      ${view.contacts.length ? html`<table class="grid full" id="dryrun"><thead><tr><th>#</th><th>${t("name")}</th><th>${t("number")}</th><th></th><th>${t("why.rule")}</th></tr></thead>
        <tbody>${view.contacts.map((one) => html`<tr key=${one.contact}><td class="num mono">${one.contact}</td><td>${one.name}</td><td class="mono">${phone(one.number)}</td>
          <td><span class=${`tag ${one.decision.allowed ? "result-completed" : "result-refused"}`}>${t(one.decision.allowed ? "why.call" : "why.not")}</span></td><td>${decisionWords(one.decision)}</td></tr>`)}</tbody></table>`
        : html`<p class="empty">${t("campaigns.dry.empty")}</p>`}`;
    return () => html`<div class="campaign-dry">
      <p class="quiet">${t("campaigns.dry.hint")} <button class="plain" id="dryrun-again" onClick=${load}>${t("campaigns.dry.again")}</button></p>
      ${state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : state.view ? body(state.view) : html`<p class="boot">…</p>`}</div>`;
  },
};

/** How a campaign calls, to be read. */
export function planFacts(plan, fields) {
  const shown = (field, value) => {
    if (field.kind === "bool") return t(value ? "campaigns.yes" : "campaigns.no");
    if (field.kind === "lines") return value.join("；");
    if (field.kind === "prose") return value ? html`<span class="prose">${value}</span>` : "—";
    const choice = field.choices.find((one) => one.value === value);
    return choice ? (language.value === "en" ? choice.en : choice.zh) : String(value);
  };
  const facts = (part) => html`<dl class="campaign-facts">${fields.filter((field) => field.part === part && field.key !== "name" && plan.values[field.key] !== undefined).map((field) => html`<div key=${field.key}><dt>${language.value === "en" ? field.en : field.zh}</dt><dd>${shown(field, plan.values[field.key])}</dd></div>`)}</dl>`;
  return html`<div class="campaign-plan">
    ${plan.source === "config" && html`<p class="quiet" id="campaign-config">${t("campaigns.config")}</p>`}
    ${[...plan.faults, ...plan.warnings].map((one) => html`<p class="campaign-wrong" key=${one.en}>${words(one)}</p>`)}
    ${facts("")}
    ${fields.some((field) => field.part === "retry") && [html`<h3>${t("campaigns.form.retry")}</h3>`, facts("retry")]}
    ${plan.source === "page" && html`<p class="quiet">${t("campaigns.made", plan.made_by, moment(plan.made_at))}${plan.changed_at !== plan.made_at ? ` · ${t("campaigns.changed", plan.changed_by, moment(plan.changed_at))}` : ""}</p>`}
  </div>`;
}
