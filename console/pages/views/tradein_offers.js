// Trade-in offers, made, changed, put in order and ended here or kept in the configuration; and the invitation to a launch: whom an offer
// fits and who is interested, counted, and led into a campaign.
import { ElButton, ElDialog, html, onMounted, reactive } from "../lib.js";
import { del, get, post } from "../api.js";
import { act, rowButton } from "../act.js";
import { t } from "../i18n.js";
import { LEVELS } from "./desk_interest.js";
import { LeadInto } from "./lead_into.js";
import { MOST, OfferForm } from "./tradein_offer_form.js";

const READ_MS = 6000;
const INVITED = LEVELS.filter((level) => !["none", "refused"].includes(level));
const whole = (value) => value.toLocaleString();
const pathOf = (name) => `/tradein/offers/${encodeURIComponent(name)}`;

/** From which cars, in words. */
function cars(one) {
  const parts = [...one.models, ...one.segments];
  const old = [parts.join("、") || t("offers.all")];
  if (one.years_from > 0 || one.years_to < MOST.years_to) old.push(t("offers.years", one.years_from, one.years_to));
  if (one.km_from > 0 || one.km_to < MOST.km_to) old.push(t("offers.km", whole(one.km_from), whole(one.km_to)));
  return old.join("，");
}

/** `stock` counts the cars of each model; `changed` tells that other offers are made now. */
export const OffersCard = {
  props: { stock: Array },
  emits: ["changed"],
  setup(props, { emit }) {
    const state = reactive({ offers: null, fits: {}, open: null, levels: ["hot", "warm"], look: null, form: null, asked: null, busy: false, fault: "" });
    async function load() {
      state.offers = await get("/tradein/offers");
      state.fits = await get("/tradein/offers/fitting");
    }
    onMounted(() => load().catch((problem) => { state.fault = problem.message; }));
    async function renewed() {
      emit("changed");
      await load();
    }
    const saved = () => {
      state.form = null;
      return act(state, renewed);
    };
    const up = (one) => act(state, async () => {
      await post(`${pathOf(one.name)}/up`);
      await renewed();
    }, READ_MS);
    async function confirmed() {
      const { what, offer } = state.asked;
      const done = await act(state, () => (what === "end" ? post(`${pathOf(offer.name)}/end`) : del(pathOf(offer.name))), READ_MS);
      state.asked = null;
      if (done) await act(state, renewed);
    }

    const name = () => t("offers.selection", state.open.name).slice(0, 60);
    // With a launch he comes in when it is near; without one, while the offer holds.
    const conditions = () => [
      { reason: "offer", names: [state.open.name], ...(state.open.launch ? { least: 0, most: 14 } : {}) },
      { reason: "interest", names: [...state.levels] },
    ];
    const counted = () => [{ reason: "offer", names: [state.open.name], ...(state.open.launch ? { least: 0 } : {}) }, conditions()[1]];
    const count = () => act(state, async () => { state.look = state.levels.length ? await post("/selections/preview", { conditions: counted() }) : null; });
    function invite(one) {
      Object.assign(state, { open: one, look: null });
      count();
    }
    function tick(level, on) {
      state.levels = INVITED.filter((each) => (each === level ? on : state.levels.includes(each)));
      count();
    }
    const panel = () => html`<div id="invite"><p class="quiet">${state.open.launch ? t("offers.invite.when", state.open.launch, state.open.invites_on) : t("offers.invite.now", state.open.until)}</p>
      <p>${INVITED.map((level) => html`<label key=${level} class="invite-level"><input type="checkbox" data-level=${level} checked=${state.levels.includes(level)} onChange=${(event) => tick(level, event.target.checked)} /> ${t(`interest.${level}`)}</label> `)}</p>
      ${state.look && html`<p id="invite-count"><strong>${t("offers.invite.count", state.look.left[0], state.look.matching, state.look.callable)}</strong></p>`}
      <${LeadInto} key=${state.open.name} mark="invite" name=${name()} conditions=${conditions()} disabled=${!state.levels.length} /></div>`;

    const own = (one, at) => [
      rowButton("edit", one.name, t("offers.edit"), () => { state.form = { offer: one }; }, state.busy),
      at > 0 && rowButton("up", one.name, t("offers.up"), () => up(one), state.busy),
      one.stands === "in_force" && rowButton("end", one.name, t("offers.end"), () => { state.asked = { what: "end", offer: one }; }, state.busy),
      rowButton("remove", one.name, t("offers.remove"), () => { state.asked = { what: "remove", offer: one }; }, state.busy),
    ];
    const fits = (one) => (state.fits[one.name] == null ? "—" : html`<a data-fits=${one.name} href=${`#/selections?offer=${encodeURIComponent(one.name)}`}>${whole(state.fits[one.name])}</a>`);
    const line = (one, at) => html`<tr key=${one.name} data-offer=${one.name} class=${one.stands === "ended" ? "quiet" : ""}><td>${one.name} <span class=${`tag offer-${one.stands}`}>${t(`offers.${one.stands}`)}</span></td><td>${cars(one)}</td><td>${one.to}</td>
      <td class="num mono">${whole(one.subsidy_yuan)}</td><td class="mono offer-days">${one.since} – ${one.until}</td>
      <td class="mono offer-days">${one.launch ?? "—"} ${one.launched && html`<span class="tag">${t("offers.launched")}</span>`}</td><td class="num mono">${fits(one)}</td><td class="num mono">${one.in_stock}</td>
      <td class="offer-acts">${(one.stands !== "ended" || one.launch) && rowButton("invite", one.name, t("offers.invite"), () => invite(one), state.busy)} ${one.source === "page" ? own(one, at) : html`<span class="tag" title=${t("offers.config.hint")}>${t("offers.config")}</span>`}</td></tr>`;
    const table = () => html`<div class="scroll"><table class="grid full" id="offers"><thead><tr><th>${t("offers.name")}</th><th>${t("offers.from")}</th><th>${t("offers.to")}</th><th class="num">${t("offers.subsidy")}</th><th>${t("offers.valid")}</th><th>${t("offers.launch")}</th><th class="num">${t("offers.fits")}</th><th class="num">${t("tradein.here")}</th><th></th></tr></thead>
        <tbody>${state.offers.map(line)}</tbody></table></div>`;
    const asking = ({ what, offer }) => html`<div class="choices"><p>${t(`offers.ask.${what}`, offer.name)}${what === "end" && offer.launch && !offer.launched ? t("offers.ask.launch", offer.launch) : ""}</p>
      <${ElButton} id="offer-confirm" type="danger" disabled=${state.busy} onClick=${confirmed}>${t("confirm")}<//></div>`;
    return () => [
      state.fault && html`<p class="fault" role="alert">${state.fault}</p>`,
      state.offers && html`<h3 id="part-offers">${t("offers")} <button class="plain" id="offer-new" onClick=${() => { state.form = { offer: null }; }}>${t("offers.new")}</button>
          ${["csv", "xlsx"].map((kind) => html`<a key=${kind} class="offer-file" data-offers=${kind} href=${`/api/v1/tradein/offers.${kind}`}>${kind.toUpperCase()}</a>`)}</h3>
        <p class="quiet">${t("offers.order")}</p>
        ${state.offers.length ? table() : html`<p class="empty">${t("offers.none")}</p>`}
        ${state.open && html`<${ElDialog} modelValue=${true} onClose=${() => { state.open = null; }} title=${t("offers.invite.title", state.open.name)} width="680px">${panel()}<//>`}
        ${state.form && html`<${OfferForm} offer=${state.form.offer} stock=${props.stock} onDone=${saved} onClose=${() => { state.form = null; }} />`}
        <${ElDialog} modelValue=${state.asked !== null} onClose=${() => { state.asked = null; }} title=${state.asked && t(`offers.${state.asked.what}`)} width="460px">${state.asked && asking(state.asked)}<//>`,
    ];
  },
};
