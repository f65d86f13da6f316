// What a supervisor may have a campaign do: start, pause, stop, change. Each order asks first; what stops for good says what is left undone.
import { ElButton, ElDialog, html, reactive } from "../lib.js";
import { act } from "../act.js";
import { get, post } from "../api.js";
import { t } from "../i18n.js";
import { isSupervisor } from "./supervise.js";

/** So long the reasons of a refusal are shown. */
export const READ_MS = 6000;
export const pathOf = (name) => `/campaigns/${encodeURIComponent(name)}`;

/** What can be asked of a campaign in its state. */
const ORDERS = {
  "": ["start", "stop"], running: ["pause", "stop"], paused: ["start", "stop"], finished: ["start", "stop"], stopped: [],
};
const nameOf = (order, state) => (order === "start" && state === "paused" ? "resume" : order);

export const CampaignOrders = {
  props: { campaign: Object, plan: Object },
  emits: ["done", "edit"],
  setup(props, { emit, expose }) {
    const state = reactive({ busy: false, asked: "", live: null });
    async function order(what) {
      if (await act(state, () => post(`${pathOf(props.campaign.id)}/${what}`), READ_MS)) state.asked = "";
      emit("done");
    }
    async function ask(what) {
      Object.assign(state, { asked: what, live: null });
      if (what === "start" || props.campaign.bare) return;
      state.live = await get(`${pathOf(props.campaign.id)}/live`).catch(() => null);
    }
    expose({ ask });
    const left = () => props.campaign.contacts - props.campaign.finished;
    const question = () => `campaigns.ask.${state.asked}${state.asked === "stop" && props.campaign.state === "finished" ? ".finished" : ""}`;
    const remains = (live) => html`<p id="campaign-remains">${t("campaigns.remains", live.pending, live.ringing, live.talking)}</p>`;
    return () => isSupervisor() && props.plan && html`<span class="campaign-orders">
      ${(ORDERS[props.campaign.state] ?? []).map((what) => html`<${ElButton} key=${what} size="small" id=${`campaign-${what}`} type=${what === "start" ? "primary" : what === "stop" ? "danger" : "default"} plain=${what === "stop"}
        disabled=${state.busy} onClick=${() => ask(what)}>${t(`campaigns.${nameOf(what, props.campaign.state)}`)}<//>`)}
      ${props.plan.source === "page" && props.campaign.state !== "stopped" && html`<${ElButton} size="small" id="campaign-edit" disabled=${state.busy} onClick=${() => emit("edit")}>${t("campaigns.edit")}<//>`}
      <${ElDialog} modelValue=${state.asked !== ""} onClose=${() => { state.asked = ""; }} title=${state.asked && t(`campaigns.${nameOf(state.asked, props.campaign.state)}`)} width="460px">
        ${state.asked && html`<div class="choices"><p>${t(question(), props.campaign.title, left())}</p>
          ${state.live && remains(state.live)}
          <div class="campaign-answer"><${ElButton} id="campaign-confirm" type=${state.asked === "stop" ? "danger" : "primary"} disabled=${state.busy} onClick=${() => order(state.asked)}>${t(state.asked === "stop" ? "campaigns.stop.for_good" : "confirm")}<//>
          <${ElButton} id="campaign-rather-not" onClick=${() => { state.asked = ""; }}>${t("cancel")}<//></div></div>`}<//>
    </span>`;
  },
};
