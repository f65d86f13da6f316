// How many contacts of a campaign were found in all, and how many of them are listed.
import { html, reactive, watch } from "../lib.js";
import { get, Problem, query } from "../api.js";
import { gathered } from "../gather.js";
import { t } from "../i18n.js";
import { wanted } from "./campaign_finder.js";
import { pathOf } from "./campaign_orders.js";

const EVERY_MS = 5000; // to count those of a long list takes its time

/** `rows` are listed (null: not known yet); `whole`: these are all, so that nobody need be asked. */
export const CampaignFound = {
  props: { campaign: String, rows: Array, whole: Boolean },
  setup(props) {
    const state = reactive({ of: "", contacts: 0 });
    let asking = "";
    const question = () => `${pathOf(props.campaign)}/results/count${query(wanted())}`;
    async function count() {
      const of = question();
      if (of === asking) return;
      asking = of;
      try {
        Object.assign(state, { of, ...(await get(of)) });
      } catch (problem) {
        if (!(problem instanceof Problem)) throw problem; // what is wrong stands where the rows are
      } finally {
        if (asking === of) asking = "";
      }
    }
    const soon = gathered(count, EVERY_MS);
    watch(() => [props.rows, question()], () => {
      if (!props.rows || props.whole) return;
      if (state.of === question()) soon("");
      else count();
    });
    function words(listed) {
      const all = props.whole ? listed : state.of === question() ? Math.max(listed, state.contacts) : null;
      if (all === null) return t("campaigns.find.shown", listed);
      return all > listed ? t("campaigns.find.some", all, listed) : t("campaigns.find.all", all);
    }
    return () => props.rows && html`<span class="quiet" id="campaign-found">${words(props.rows.length)}</span>`;
  },
};
