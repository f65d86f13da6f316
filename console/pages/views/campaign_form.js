// The form of a campaign, new or changed: the usual few lines first, the rest behind them, only what counts in its mode.
import { ElButton, ElDialog, ElMessage, html, nextTick, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { act } from "../act.js";
import { get, post, put } from "../api.js";
import { inWords, t } from "../i18n.js";
import { Unkept } from "../unkept.js";
import { choicesIn, countsIn, fieldLine, idOf, words } from "./campaign_control.js";
import { READ_MS, pathOf } from "./campaign_orders.js";
import { leadInto, nobodyYet, whomLines } from "./campaign_whom.js";

/** The main fields under their headings; those that are not named here come last. */
const STEPS = [["what", ["name", "mode"]], ["whom", []], ["said", ["survey", "script"]], ["how", ["queue", "caller_id", "trunk", "concurrency", "hours", "purpose"]]];
const PARTS = ["dialling", "retry", "limits", "afterwards"];
const CASTS = {
  int: (text) => (/^\d+$/.test(text) ? Number(text) : String(text)),
  number: (text) => (text !== "" && Number.isFinite(Number(text)) ? Number(text) : String(text)),
};

export const CampaignForm = {
  props: { plan: Object, state: { type: String, default: "" } },
  emits: ["done", "close"],
  setup(props, { emit }) {
    const state = reactive({ fields: null, values: {}, faults: [], warnings: [], fault: "", stale: false, busy: false, touched: {}, open: {}, tried: false, leaving: false, selections: [] });
    const whom = reactive(nobodyYet());
    const of = props.plan?.name ?? "";
    const running = () => props.state === "running";
    let [due, asked, before, opened] = [0, 0, "", false];
    let seen = props.plan?.changed_at ?? null; // another's change after this one is not undone unseen
    const now = () => JSON.stringify([state.values, whom.file?.name ?? "", whom.how]);

    const mode = () => state.values.mode;
    const counting = () => state.fields.filter((field) => countsIn(field, mode()));
    const told = () => Object.fromEntries(counting().map((field) => [field.key, (CASTS[field.kind] ?? ((value) => value))(state.values[field.key])]));
    /** Of what must be chosen the only or first one; the usual survey of the mode. */
    function settle() {
      for (const field of counting()) {
        const choices = choicesIn(field, mode());
        const chosen = choices.some((choice) => choice.value === state.values[field.key]);
        const only = choices.length === 1 || field.default == null; // of what must be told the first is as good as any
        if (of || !choices.length) continue;
        if (field.key === "survey" ? !chosen || !state.touched.survey : !chosen && only) state.values[field.key] = choices[0].value;
      }
    }
    function fill(plan) {
      for (const field of state.fields) {
        const known = plan?.values[field.key] ?? field.default ?? "";
        state.values[field.key] = field.kind === "lines" ? [...known] : known;
      }
    }
    /** As another has left it, in place of what was filled in here. */
    const present = () => act(state, async () => {
      const plan = (await get("/campaign-plans")).find((one) => one.name === of);
      if (!plan) return;
      fill(plan);
      seen = plan.changed_at;
      Object.assign(state, { fault: "", stale: false, touched: {} });
      before = now();
      await check();
    });
    onMounted(async () => {
      try {
        state.fields = await get("/campaign-form");
        fill(props.plan);
        settle();
        if (!of) state.selections = (await get("/selections").catch(() => ({ selections: [] }))).selections.map((one) => one.name);
        whom.selection = state.selections[0] ?? "";
        before = now();
        await check();
        begin();
      } catch (problem) {
        state.fault = inWords(problem.message);
      }
    });
    const unkept = new Unkept();
    watch(() => now() !== before && before !== "", (filled) => (filled ? unkept.set(of, true) : unkept.delete(of)));
    onBeforeUnmount(() => { clearTimeout(due); unkept.delete(of); });

    /** The hand goes to the first field, once the dialog has taken the focus and the fields are there. */
    async function begin() {
      await nextTick();
      if (opened && before && !of) document.getElementById(idOf("name"))?.focus();
    }

    /** The faults of the form as it stands now; what is said of a form that was changed meanwhile is not shown. */
    async function check() {
      const mine = ++asked;
      const { faults, warnings } = await post(`/campaign-check${of ? `?of=${encodeURIComponent(of)}` : ""}`, { values: told() });
      if (mine === asked) Object.assign(state, { faults, warnings });
      return faults;
    }
    function change(field, value) {
      state.values[field.key] = value;
      state.touched[field.key] = true;
      state.leaving = false;
      if (field.key === "mode") settle();
      asked += 1;
      clearTimeout(due);
      due = setTimeout(() => check().catch(() => {}), 300);
    }
    /** Where the first fault is, open for the hand. */
    async function goTo(fault) {
      const field = state.fields.find((each) => each.key === fault.key);
      if (field?.part) state.open[field.part] = true;
      await nextTick();
      const place = document.getElementById(idOf(fault.key));
      place?.scrollIntoView({ block: "center" });
      (place?.querySelector("input, select") ?? place)?.focus();
    }
    async function save() {
      clearTimeout(due);
      if (state.busy) return;
      Object.assign(state, { busy: true, tried: true, fault: "", stale: false });
      try {
        const [first] = await check();
        if (first) {
          goTo(first);
          return;
        }
        await (of ? put(pathOf(of), { values: told(), changed_at: seen }) : post("/campaigns", { values: told() }));
      } catch (problem) {
        const gone = of && problem.status === 404;
        Object.assign(state, { fault: gone ? t("campaigns.gone", of) : inWords(problem.message), stale: problem.code === "changed_since" });
        return;
      } finally {
        state.busy = false;
      }
      const name = of || state.values.name;
      if (!of) await leadInto(name, whom).catch((problem) => ElMessage.error({ message: inWords(problem.message), duration: READ_MS }));
      emit("done", name);
    }
    /** Escape, the cross and the button beside it: what was filled in is not lost by one key. */
    async function leave() {
      if (before === "" || now() === before) return emit("close");
      state.leaving = !state.leaving; // Escape once more: not left after all
      await nextTick();
      document.getElementById(state.leaving ? "campaign-stay" : "campaign-cancel")?.focus();
    }

    const held = (field) => (!running() ? "" : field.live ? "live" : "held");
    const line = (field) => fieldLine(field, {
      value: state.values[field.key], mode: mode(), held: of && field.key === "name" ? "" : held(field),
      disabled: (of !== "" && field.key === "name") || held(field) === "held",
      faults: of || state.tried || state.touched[field.key] ? state.faults.filter((fault) => fault.key === field.key) : [],
      warnings: state.warnings.filter((fault) => fault.key === field.key),
      taken: (value) => change(field, value),
    });
    const step = ([name, keys], at) => {
      const listed = STEPS.flatMap(([, each]) => each);
      const fields = counting().filter((field) => !field.part && (keys.includes(field.key) || (name === "how" && !listed.includes(field.key))));
      const shown = [...keys, ...fields.map((field) => field.key)].filter((key, place, all) => all.indexOf(key) === place).map((key) => fields.find((field) => field.key === key)).filter(Boolean);
      if (name === "whom" && of) return false;
      return html`<section key=${name} class="campaign-step"><h3>${of && at > 0 ? at : at + 1}. ${t(`campaigns.step.${name}`)}</h3>${name === "whom" ? whomLines(whom, state.selections) : shown.map(line)}</section>`;
    };
    const part = (name) => {
      const fields = counting().filter((field) => field.part === name);
      const wrong = state.faults.some((fault) => fields.some((field) => field.key === fault.key));
      return fields.length > 0 && html`<details class="campaign-more" key=${name} id=${`campaign-${name}`} open=${wrong || state.open[name]} onToggle=${(event) => { state.open[name] = event.target.open; }}>
        <summary>${t(`campaigns.form.${name}`)} <span class="quiet">${fields.slice(0, 4).map(words).join(t("campaigns.form.and"))}${fields.length > 4 ? "…" : ""}</span></summary>
        ${["retry", "afterwards"].includes(name) && html`<p class="campaign-hint">${t(`campaigns.form.${name}.hint`)}</p>`}
        <div class=${name === "retry" ? "campaign-pairs" : ""}>${fields.map(line)}</div></details>`;
    };
    const body = () => html`<form id="campaign-form" class="campaign-form" novalidate onSubmit=${(event) => { event.preventDefault(); save(); }}>
      ${running() && html`<p class="campaign-running-hint" id="campaign-running-hint">${t("campaigns.form.running")}</p>`}
      ${STEPS.map(step)}
      <section class="campaign-step"><h3>${t("campaigns.form.more")} <span class="quiet">${t("campaigns.form.more.hint")}</span></h3>${PARTS.map(part)}</section></form>`;
    const loose = () => state.faults.filter((fault) => state.tried && !state.fields.some((field) => field.key === fault.key));
    // Each button is one of its own (key): or the click on one would be the click on what takes its place.
    const foot = () => html`<div class="campaign-foot">
      ${[...(state.fault ? [{ zh: state.fault, en: state.fault }] : []), ...loose()].map((fault) => html`<p class="fault" role="alert" key=${fault.en}>${words(fault)}</p>`)}
      ${state.stale && html`<${ElButton} key="present" id="campaign-present" disabled=${state.busy} onClick=${present}>${t("campaigns.form.present")}<//>`}
      ${state.leaving ? html`<span id="campaign-leaving" role="alert">${t("campaigns.form.leaving")}</span>
          <${ElButton} key="leave" id="campaign-leave" type="danger" plain onClick=${() => emit("close")}>${t("campaigns.form.leave")}<//>
          <${ElButton} key="stay" id="campaign-stay" onClick=${() => { state.leaving = false; }}>${t("campaigns.form.stay")}<//>`
        : html`<span class="quiet">${t(["running", "paused"].includes(props.state) ? `campaigns.form.hint.${props.state}` : "campaigns.form.hint")}</span>
          <${ElButton} key="cancel" id="campaign-cancel" onClick=${leave}>${t("cancel")}<//>
          <${ElButton} key="save" id="campaign-save" type="primary" nativeType="submit" form="campaign-form" disabled=${state.busy || !state.fields}>${t("save")}<//>`}
    </div>`;
    return () => html`<${ElDialog} modelValue=${true} class="campaign-dialog" beforeClose=${leave} onOpened=${() => { opened = true; begin(); }} closeOnClickModal=${false} title=${of ? t("campaigns.form.change", of) : t("campaigns.form.new")} width="880px" top="4vh">
      ${{ default: () => (state.fields ? body() : html`<p class="boot">…</p>`), footer: foot }}<//>`;
  },
};
