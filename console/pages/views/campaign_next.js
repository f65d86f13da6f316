// What comes next for a campaign that was not started yet: its list, a dry run in words, the start.
import { ElButton, html, onMounted, reactive, watch } from "../lib.js";
import { get } from "../api.js";
import { inWords, language, t } from "../i18n.js";
import { ruleCounts } from "./campaign_dry.js";
import { pathOf } from "./campaign_orders.js";

const words = (told) => (language.value === "en" ? told.en : told.zh);

export const CampaignNext = {
  props: { campaign: Object, changed: Number },
  emits: ["dry", "start"],
  setup(props, { emit }) {
    const state = reactive({ view: null, feed: null, fault: "" });
    async function load() {
      try {
        const view = await get(`${pathOf(props.campaign.id)}/dry-run`);
        const feeds = view.pending ? [] : (await get("/selections").catch(() => ({ feeds: [] }))).feeds;
        Object.assign(state, { view, feed: feeds.find((feed) => feed.campaign === props.campaign.id) ?? null, fault: "" });
      } catch (problem) {
        state.fault = inWords(problem.message);
      }
    }
    onMounted(load);
    watch(() => [props.campaign.id, props.campaign.contacts, props.changed], load);
    const step = (at, done, title, body) => html`<li key=${at} class=${done ? "done" : ""} id=${`campaign-next-${at}`}><strong>${done ? "✓" : at} ${title}</strong><div>${body}</div></li>`;
    const body = (view) => {
      const listed = view.pending > 0;
      return html`<ol class="campaign-next" id="campaign-next">
        ${step(1, listed, t("campaigns.next.list"), listed ? t("campaigns.next.pending", view.pending)
          : html`${state.feed ? t(state.feed.looking ? "campaigns.next.looking" : "campaigns.next.fed", state.feed.selection, state.feed.accepted) : t("campaigns.next.nobody")}
            <p class="quiet">${t("campaigns.next.how")} <a id="campaign-next-selections" href="#/selections">${t("selections")}</a></p>`)}
        ${step(2, listed && view.allowed > 0 && !view.forbidden, t("campaigns.part.dry"), listed ? [
          html`<p key="sum">${view.forbidden ? html`<span class="campaign-wrong">${t("campaigns.dry.forbidden", words(view.forbidden))}</span>` : t("campaigns.dry.sum", view.allowed, view.looked_at, view.pending)}</p>`,
          ruleCounts(t("campaigns.dry.waiting"), view.waiting), ruleCounts(t("campaigns.dry.never"), view.never),
          html`<${ElButton} key="dry" size="small" id="campaign-next-dry" onClick=${() => emit("dry")}>${t("campaigns.next.dry")}<//>`] : html`<span class="quiet">${t("campaigns.next.dry.hint")}</span>`)}
        ${step(3, false, t("campaigns.start"), listed && !view.forbidden && html`<p>${t(view.allowed ? "campaigns.next.ready" : "campaigns.next.later")}</p>
          <${ElButton} size="small" type="primary" id="campaign-next-start" onClick=${() => emit("start")}>${t("campaigns.start")}…<//>` || html`<span class="quiet">${t("campaigns.next.start.hint")}</span>`)}
      </ol>`;
    };
    return () => (state.fault ? html`<p class="fault" role="alert">${state.fault}</p>` : state.view ? body(state.view) : html`<p class="boot">…</p>`);
  },
};
