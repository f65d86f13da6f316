// One campaign: what it may be told to do, what comes next for it, and its parts, of which one is shown.
import { ElRadioButton, ElRadioGroup, html, model, reactive, ref, watch } from "../lib.js";
import { query, session } from "../api.js";
import { language, t } from "../i18n.js";
import { note, route } from "../route.js";
import { CampaignBoard } from "./campaign_board.js";
import { CampaignContacts } from "./campaign_contacts.js";
import { DryRun } from "./campaign_dry.js";
import { isAnyWanted, wanted } from "./campaign_finder.js";
import { CampaignNext } from "./campaign_next.js";
import { CampaignOrders, pathOf } from "./campaign_orders.js";
import { planFacts } from "./campaign_plan.js";
import { CampaignReport } from "./campaign_report.js";
import { isSupervisor } from "./supervise.js";

/** The part that the address names; whoever asks for contacts is shown those. */
const partOf = () => (isAnyWanted() ? "results" : route.query.part ?? "results");
/** What is asked of the report. */
const askedOf = () => ({ days: Number(route.query.report_days) || 30, round: Number(route.query.report_round) || 0 });

/** `campaign` is null until it is known; `asked`: changes when what is costly is to be asked for anew. */
export const CampaignOne = {
  props: { id: String, campaign: Object, plan: Object, fields: Array, asked: Number },
  emits: ["done", "edit", "removed"],
  setup(props, { emit }) {
    const state = reactive({ shown: partOf(), asked: askedOf() });
    const orders = ref(null);
    const listed = () => props.campaign !== null && !props.campaign.bare;
    const mayTry = () => session.who?.role !== "agent" && props.plan !== null;
    const mayPlan = () => isSupervisor() && props.plan !== null;
    /** Into the address, so that Back and a bookmark lead here again. */
    function noted() {
      const { days, round } = state.asked;
      note({ results: wanted(), report: { part: "report", report_days: days, report_round: round } }[state.shown] ?? { part: state.shown });
    }
    watch(() => [route.id, route.query], ([id], [before]) => {
      if (route.name !== "campaigns") return;
      const other = id !== before;
      if (other || route.query.part === "report") state.asked = askedOf();
      if (other && !route.query.part && !isAnyWanted()) noted(); // of another campaign the same part
      else state.shown = partOf();
    });

    /** Each kept apart by the campaign (key): what was loaded of one is not shown of another. */
    const PARTS = {
      results: () => html`<${CampaignContacts} key=${props.id} campaign=${props.id} listed=${listed()} asked=${props.asked} />`,
      board: () => html`<${CampaignBoard} key=${props.id} campaign=${props.id} />`,
      report: () => html`<${CampaignReport} key=${props.id} campaign=${props.id} changed=${props.asked} asked=${state.asked} onAsked=${(asked) => { state.asked = asked; noted(); }} />`,
      dry: () => html`<${DryRun} key=${props.id} campaign=${props.id} changed=${props.asked} />`,
      plan: () => planFacts(props.plan, props.fields),
    };
    /** Agents see its results only. */
    const parts = () => ["results", ...(props.campaign?.bare ? [] : ["board", "report"]), ...(mayTry() ? ["dry"] : []), ...(mayPlan() ? ["plan"] : [])];
    /** The parts that are there as a file too, with what was asked of each. */
    const FILES = { results: () => query(wanted()), report: () => `?days=${state.asked.days}&round=${state.asked.round}` };
    const files = (part) => part in FILES && !props.campaign?.bare && ["csv", "xlsx"].map((kind) => html`<a key=${kind} href=${`/api/v1${pathOf(props.id)}/${part}.${kind}${FILES[part]()}`} download>${kind.toUpperCase()}</a>`);
    const chooser = () => html`<p class="campaign-parts"><${ElRadioGroup} size="small" ...${model(state, "shown", noted)}>${parts().map((part) => html`<${ElRadioButton} key=${part} value=${part}>${t(`campaigns.part.${part}`)}<//>`)}<//></p>`;
    const faults = () => (props.campaign?.state === "stopped" ? [] : props.plan?.faults ?? []);
    const cannot = (told) => html`<p class="campaign-wrong" id="campaign-cannot" role="alert">${t("campaigns.cannot")}${told.map((one) => (language.value === "en" ? one.en : one.zh)).join(t("campaigns.cannot.and"))}</p>`;
    return () => {
      const shown = parts().includes(state.shown) ? state.shown : "results";
      return html`<section class="card grow">
        <h2>${props.campaign?.title ?? props.id} ${props.campaign && html`<${CampaignOrders} key=${props.id} ref=${orders} campaign=${props.campaign} plan=${props.plan} onDone=${() => emit("done")} onEdit=${() => emit("edit")} onRemoved=${() => emit("removed")} />`}
          <span class="push downloads">${files(shown)}</span></h2>
        ${faults().length > 0 && cannot(faults())}
        ${props.campaign?.state === "" && mayPlan() && !faults().length && html`<${CampaignNext} key=${`next-${props.id}`} campaign=${props.campaign} changed=${props.asked} onDry=${() => { state.shown = "dry"; noted(); }} onStart=${() => orders.value?.ask("start")} />`}
        ${parts().length > 1 && chooser()}
        ${PARTS[shown]()}
      </section>`;
    };
  },
};
