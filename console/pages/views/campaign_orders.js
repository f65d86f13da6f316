// What a supervisor may have a campaign do: start, pause, stop, change; one of which nothing has come may be removed. Each order asks first;
// what stops for good says what is left undone.
import { ElButton, ElDialog, ElMessage, html, reactive } from "../lib.js";
import { act } from "../act.js";
import { del, get, post } from "../api.js";
import { t } from "../i18n.js";
import { isSupervisor } from "./supervise.js";

/** So long the reasons of a refusal are shown. */
export const READ_MS = 6000;
export const pathOf = (name) => `/campaigns/${encodeURIComponent(name)}`;

/** What can be asked of a campaign in its state. */
const ORDERS = {
  "": ["start", "stop"], running: ["pause", "stop"], paused: ["start", "stop"], finished: ["start", "stop"], stopped: [],
};
const REMOVE = "remove";
/** Who waits, was called or is held out keeps it. */
const isUntouched = (campaign) => ["", "stopped"].includes(campaign.state) && !campaign.contacts && !Object.keys(campaign.results).length;
const LAST = { stop: "campaigns.stop.for_good", remove: "campaigns.remove" };
const nameOf = (order, state) => (order === "start" && state === "paused" ? "resume" : order);

export const CampaignOrders = {
  props: { campaign: Object, plan: Object },
  emits: ["done", "edit", "removed"],
  setup(props, { emit, expose }) {
    const state = reactive({ busy: false, asked: "", live: null });
    async function remove() {
      const { id, title } = props.campaign;
      if (!(await act(state, () => del(pathOf(id)), READ_MS))) return emit("done");
      ElMessage.success(t("campaigns.removed", title));
      emit("removed");
    }
    async function order(what) {
      if (what === REMOVE) return remove();
      if (await act(state, () => post(`${pathOf(props.campaign.id)}/${what}`), READ_MS)) state.asked = "";
      emit("done");
    }
    async function ask(what) {
      Object.assign(state, { asked: what, live: null });
      if (["start", REMOVE].includes(what) || props.campaign.bare) return;
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
      ${props.plan.source === "page" && isUntouched(props.campaign) && html`<${ElButton} size="small" id="campaign-remove" type="danger" plain disabled=${state.busy} onClick=${() => ask(REMOVE)}>${t("campaigns.remove")}<//>`}
      <${ElDialog} modelValue=${state.asked !== ""} onClose=${() => { state.asked = ""; }} title=${state.asked && t(`campaigns.${nameOf(state.asked, props.campaign.state)}`)} width="460px">
        ${state.asked && html`<div class="choices"><p>${t(question(), props.campaign.title, left())}</p>
          ${state.live && remains(state.live)}
          <div class="campaign-answer"><${ElButton} id="campaign-confirm" type=${LAST[state.asked] ? "danger" : "primary"} disabled=${state.busy} onClick=${() => order(state.asked)}>${t(LAST[state.asked] ?? "confirm")}<//>
          <${ElButton} id="campaign-rather-not" onClick=${() => { state.asked = ""; }}>${t("cancel")}<//></div></div>`}<//>
    </span>`;
  },
};
