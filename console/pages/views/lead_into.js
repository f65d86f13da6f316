// Conditions into a campaign in one click: they are kept as a selection by name, and whoever matches comes in, from now on.
import { ElButton, html, onMounted, reactive } from "../lib.js";
import { get, post } from "../api.js";
import { act } from "../act.js";
import { t } from "../i18n.js";

/** `mark` begins the ids of its fields, `name` is the selection's, `conditions` are what is kept; `disabled` where nothing is chosen. */
export const LeadInto = {
  props: ["mark", "name", "conditions", "disabled"],
  setup(props) {
    const state = reactive({ campaigns: [], selections: [], campaign: "", busy: false, done: "" });
    onMounted(async () => {
      const { campaigns, selections } = await get("/selections");
      Object.assign(state, { campaigns, selections, campaign: campaigns[0] ?? "" });
    });
    const make = () => act(state, async () => {
      const { name, conditions } = props;
      await post("/selections", { name, conditions, replaces: state.selections.find((one) => one.name === name)?.at ?? null });
      if (state.campaign) await post(`/selections/${encodeURIComponent(name)}/take`, { campaign: state.campaign, living: true });
      state.done = t(state.campaign ? "lead.led" : "lead.kept", name, state.campaign);
    });
    return () => html`<div class="selections-take"><select id=${`${props.mark}-campaign`} aria-label=${t("campaigns")} onChange=${(event) => { state.campaign = event.target.value; }}>
        ${state.campaigns.map((one) => html`<option key=${one} value=${one} selected=${one === state.campaign}>${one}</option>`)}<option value="" selected=${!state.campaign}>${t("lead.no_campaign")}</option></select>
      <${ElButton} id=${`${props.mark}-make`} type="primary" disabled=${state.busy || props.disabled} onClick=${make}>${t(state.campaign ? "lead.make" : "lead.keep")}<//>
      ${state.done && html`<span id=${`${props.mark}-done`}>${state.done} <a href="#/selections">${t("selections")}</a> · <a href="#/campaigns">${t("campaigns")}</a></span>`}</div>`;
  },
};
