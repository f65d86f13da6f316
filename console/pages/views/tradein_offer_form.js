// The form of a trade-in offer: what it may say stands as a hint below each field, what is wrong in its place.
import { ElButton, ElDialog, html, nextTick, onMounted, reactive } from "../lib.js";
import { get, post, put } from "../api.js";
import { act } from "../act.js";
import { language, t } from "../i18n.js";

export const MOST = { years_to: 100, km_to: 999999 };
const READ_MS = 6000;
const CHECK_AFTER_MS = 300;
/** So many names of the records are offered to be taken. */
const SHOWN = 24;
const BLANK = { name: "", to: "", subsidy_yuan: "", since: "", until: "", launch: "", models: "", segments: "", years_from: "", years_to: "", km_from: "", km_to: "" };
const words = (told) => (language.value === "en" ? told.en : told.zh);
const many = (text) => text.split(/[,，、\n]/).map((name) => name.trim()).filter(Boolean);
const number = (text, blank) => {
  const said = String(text).trim();
  if (said === "") return blank;
  return Number.isFinite(Number(said)) ? Number(said) : said;
};

/** The fields as texts; what is not bounded stays empty. */
function shown(offer) {
  const text = Object.fromEntries(Object.keys(BLANK).map((key) => [key, offer[key] == null || offer[key] === (MOST[key] ?? 0) ? "" : String(offer[key])]));
  return { ...text, subsidy_yuan: String(offer.subsidy_yuan), models: offer.models.join("、"), segments: offer.segments.join("、") };
}

/** As the API takes them. */
const told = (values) => ({
  name: values.name.trim(), to: values.to.trim(), since: values.since, until: values.until, launch: values.launch || null,
  subsidy_yuan: number(values.subsidy_yuan, 0), models: many(values.models), segments: many(values.segments),
  years_from: number(values.years_from, 0), years_to: number(values.years_to, MOST.years_to),
  km_from: number(values.km_from, 0), km_to: number(values.km_to, MOST.km_to),
});

export const OfferForm = {
  props: { offer: Object, stock: Array },
  emits: ["done", "close"],
  setup(props, { emit }) {
    const state = reactive({ values: props.offer ? shown(props.offer) : { ...BLANK }, touched: {}, faults: [], warnings: [], busy: false, models: [], segments: [] });
    const of = props.offer?.name ?? "";
    const changed = of ? `?of=${encodeURIComponent(of)}` : "";
    let asked = 0;
    let due = 0;
    onMounted(async () => {
      nextTick(() => document.querySelector(of ? "#offer-to" : "#offer-name")?.focus());
      if (of) check().catch(() => {});
      const { models, segments } = await get("/selections");
      Object.assign(state, { models, segments });
    });
    /** The faults of the form as it stands now; what is said of a form that was changed meanwhile is not shown. Doubts stop nothing. */
    async function check() {
      const mine = ++asked;
      const { faults, warnings } = await post(`/tradein/offers/check${changed}`, told(state.values));
      if (mine === asked) Object.assign(state, { faults, warnings });
      return faults;
    }
    function change(key, value) {
      state.values[key] = value;
      state.touched[key] = true;
      asked += 1;
      clearTimeout(due);
      due = setTimeout(() => check().catch(() => {}), CHECK_AFTER_MS);
    }
    async function save() {
      clearTimeout(due);
      let wrong = [];
      const done = await act(state, async () => {
        wrong = await check();
        if (!wrong.length) await (of ? put(`/tradein/offers/${encodeURIComponent(of)}`, { ...told(state.values), changed_at: props.offer.changed_at }) : post("/tradein/offers", told(state.values)));
      }, READ_MS);
      if (wrong.length) {
        for (const key of Object.keys(BLANK)) state.touched[key] = true;
        nextTick(() => document.querySelector(`#offer-${wrong[0].key}`)?.focus());
      } else if (done) emit("done");
    }
    function take(key, name) {
      const chosen = many(state.values[key]);
      change(key, (chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]).join("、"));
    }

    const input = (key, more = {}) => html`<input ...${more} id=${`offer-${key}`} aria-label=${t(`offers.field.${key}`)} aria-invalid=${wrong(key).length > 0} value=${state.values[key]} onInput=${(event) => change(key, event.target.value)} />`;
    const wrong = (key) => (state.touched[key] ? state.faults.filter((fault) => fault.key === key) : []);
    const beneath = (keys, hint) => {
      const faults = keys.flatMap(wrong);
      const doubts = state.warnings.filter((doubt) => keys.includes(doubt.key)).map((doubt) => html`<p class="campaign-doubt" key=${doubt.en} data-doubt=${doubt.key}>${words(doubt)}</p>`);
      return [...doubts, ...(faults.length ? faults.map((fault) => html`<p class="campaign-wrong" key=${fault.en} data-wrong=${fault.key}>${words(fault)}</p>`) : [hint !== "" && html`<p class="quiet">${t(hint)}</p>`])];
    };
    const line = (title, keys, body, hint = "") => html`<label for=${`offer-${keys[0]}`}>${t(title)}</label><div>${body}${beneath(keys, hint)}</div>`;
    const span = (from, to, unit, most) => html`<span class="offer-span">${input(from, { inputmode: "decimal", placeholder: "0" })} – ${input(to, { inputmode: "decimal", placeholder: most })} ${t(unit)}</span>`;
    const day = (key) => input(key, { type: "date" });
    const chips = (key) => html`<div class="tags offer-known">${state[key].slice(0, SHOWN).map((name) => html`<button type="button" key=${name} class=${`plain tag ${many(state.values[key]).includes(name) ? "here" : ""}`} data-take=${`${key} ${name}`} onClick=${() => take(key, name)}>${name}</button>`)}</div>`;
    const body = () => html`<div class="campaign-form offer-form">
      ${line("offers.field.name", ["name"], input("name", { disabled: of !== "", maxlength: 60 }), of ? "offers.hint.name.stays" : "offers.hint.name")}
      ${line("offers.field.to", ["to"], [input("to", { list: "offer-stock", maxlength: 200 }), html`<datalist id="offer-stock">${props.stock.map((one) => html`<option key=${one.model} value=${one.model}></option>`)}</datalist>`], "offers.hint.to")}
      ${line("offers.field.subsidy_yuan", ["subsidy_yuan"], input("subsidy_yuan", { inputmode: "numeric", placeholder: "0" }), "offers.hint.subsidy")}
      ${line("offers.valid", ["since", "until"], html`<span class="offer-span">${day("since")} – ${day("until")}</span>`, "offers.hint.valid")}
      ${line("offers.field.launch", ["launch"], html`<span class="offer-span">${day("launch")}</span>`, "offers.hint.launch")}
      ${line("offers.field.models", ["models"], [input("models"), chips("models")], "offers.hint.models")}
      ${line("offers.field.segments", ["segments"], [input("segments"), chips("segments")])}
      ${line("offers.field.years", ["years_from", "years_to"], span("years_from", "years_to", "offers.unit.years", MOST.years_to), "offers.hint.years")}
      ${line("offers.field.km", ["km_from", "km_to"], span("km_from", "km_to", "offers.unit.km", MOST.km_to), "offers.hint.km")}
      <span></span><div><${ElButton} id="offer-save" type="primary" disabled=${state.busy} onClick=${save}>${t("save")}<//> <span class="quiet">${t(of ? "offers.form.hint.change" : "offers.form.hint")}</span></div>
    </div>`;
    return () => html`<${ElDialog} modelValue=${true} onClose=${() => emit("close")} title=${of ? t("offers.form.change", of) : t("offers.form.new")} width="680px" top="4vh">${body()}<//>`;
  },
};
