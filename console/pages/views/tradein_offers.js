// Trade-in offers of the configuration, and the invitation to a launch: whom an offer fits and who is interested, counted, and led into a
// campaign.
import { html, onMounted, reactive } from "../lib.js";
import { get, post } from "../api.js";
import { act, rowButton } from "../act.js";
import { t } from "../i18n.js";
import { LEVELS } from "./desk_interest.js";
import { LeadInto } from "./lead_into.js";

const INVITED = LEVELS.filter((level) => !["none", "refused"].includes(level));
const whole = (value) => value.toLocaleString();

/** From which cars, in words. */
function cars(one) {
  const parts = [...one.models, ...one.segments];
  const old = [parts.join("、") || t("offers.all")];
  if (one.years_from > 0 || one.years_to < 100) old.push(t("offers.years", one.years_from, one.years_to));
  if (one.km_from > 0 || one.km_to < 999999) old.push(t("offers.km", whole(one.km_from), whole(one.km_to)));
  return old.join("，");
}

export const OffersCard = {
  setup() {
    const state = reactive({ offers: null, open: null, levels: ["hot", "warm"], look: null, busy: false });
    onMounted(async () => { state.offers = await get("/tradein/offers"); });
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
    const panel = () => html`<div class="selections-effect" id="invite"><h3>${t("offers.invite.title", state.open.name)}</h3>
      <p class="quiet">${state.open.launch ? t("offers.invite.when", state.open.launch, state.open.invites_on) : t("offers.invite.now", state.open.until)}</p>
      <p>${INVITED.map((level) => html`<label key=${level} class="invite-level"><input type="checkbox" data-level=${level} checked=${state.levels.includes(level)} onChange=${(event) => tick(level, event.target.checked)} /> ${t(`interest.${level}`)}</label> `)}</p>
      ${state.look && html`<p id="invite-count"><strong>${t("offers.invite.count", state.look.left[0], state.look.matching, state.look.callable)}</strong></p>`}
      <${LeadInto} key=${state.open.name} mark="invite" name=${name()} conditions=${conditions()} disabled=${!state.levels.length} />
      <button class="plain" id="invite-close" onClick=${() => { state.open = null; }}>${t("close")}</button></div>`;
    const line = (one) => html`<tr key=${one.name} class=${one.stands === "ended" ? "quiet" : ""}><td>${one.name}</td><td>${cars(one)}</td><td>${one.to}</td>
      <td class="num mono">${whole(one.subsidy_yuan)}</td><td class="mono">${one.since} – ${one.until} <span class="tag">${t(`offers.${one.stands}`)}</span></td>
      <td class="mono">${one.launch ?? "—"}</td><td class="num mono">${one.in_stock}</td><td>${rowButton("invite", one.name, t("offers.invite"), () => invite(one), state.busy)}</td></tr>`;
    return () => state.offers && html`<h3>${t("offers")}</h3>
      ${state.offers.length ? html`<div class="scroll"><table class="grid full" id="offers"><thead><tr><th>${t("offers.name")}</th><th>${t("offers.from")}</th><th>${t("offers.to")}</th><th class="num">${t("offers.subsidy")}</th><th>${t("offers.valid")}</th><th>${t("offers.launch")}</th><th class="num">${t("tradein.here")}</th><th></th></tr></thead>
        <tbody>${state.offers.map(line)}</tbody></table></div>` : html`<p class="empty">${t("offers.none")}</p>`}
      ${state.open && panel()}`;
  },
};
