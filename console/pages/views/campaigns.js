// Campaigns with their progress, and the one that is looked at; without one it is shown who is not to be called.
// Supervisors make campaigns here, and give them lists.
import { ElProgress, html, reactive, watch } from "../lib.js";
import { session } from "../api.js";
import { inWords, t, term } from "../i18n.js";
import { go, route } from "../route.js";
import { Calling } from "./calling.js";
import { behind, contactsBehind } from "./campaign_behind.js";
import { CampaignForm } from "./campaign_form.js";
import { knownCampaigns } from "./campaign_known.js";
import { CampaignOne } from "./campaign_one.js";
import { ListImport } from "./lists.js";
import { isSupervisor } from "./supervise.js";

const NEW = "+"; // in place of the name of the campaign whose form is open
const counts = ({ id, results }) => Object.entries(results).sort((a, b) => b[1] - a[1]).map(([name, count]) => html`<a class=${`tag result-${name}`} key=${name} href=${contactsBehind(id, { state: "done", result: name })}>${term("result", name)} ${count}</a>`);
const people = (id, words, count, which) => html`${words} ${behind(count, contactsBehind(id, which))}`;
const share = (campaign) => (campaign.contacts ? Math.round((campaign.finished / campaign.contacts) * 100) : 0);
const line = (campaign) => html`<li key=${campaign.id} class=${`campaign ${campaign.id === route.id ? "here" : ""}`}>
  <a href=${`#/campaigns/${encodeURIComponent(campaign.id)}`}><strong>${campaign.title}</strong> <span class=${`tag campaign-${campaign.state}`}>${t(`campaign.${campaign.state}`)}</span></a>
  <${ElProgress} percentage=${share(campaign)} strokeWidth=${10} />
  <p class="quiet">${people(campaign.id, t("contacts"), campaign.contacts, { listed: true })} · ${people(campaign.id, t("tried"), campaign.tried, { tried: true })} · ${people(campaign.id, t("finished"), campaign.finished, { state: "done", listed: true })}</p>
  <p class="tags">${counts(campaign)}</p>
  ${campaign.why && html`<p class="campaign-wrong">${inWords(campaign.why)}</p>`}
</li>`;

export const CampaignsView = {
  setup() {
    const { state, load, renew, planOf, of } = knownCampaigns();
    const form = reactive({ of: "" });
    const seesCalling = () => session.who?.role !== "agent";
    watch(() => route.id, (id) => { if (id) renew([id]); });
    async function kept(name) {
      form.of = "";
      await load(); // or a new one would be none that is known yet
      if (name !== route.id) go("campaigns", name); // of a changed one the same part is shown as before
    }
    function removed() {
      go("campaigns");
      load();
    }
    const head = () => html`<h2>${t("campaigns")} ${isSupervisor() && state.fields.length > 0 && html`<button class="plain" id="campaign-new" onClick=${() => { form.of = NEW; }}>${t("campaigns.new")}</button>`} ${isSupervisor() && html`<a class="push" id="to-surveys" href="#/surveys">${t("surveys")}</a> <a id="to-selections" href="#/selections">${t("selections")}</a>`} <a class=${isSupervisor() ? "" : "push"} href="#/tradein">${t("tradein")}</a></h2>`;
    const one = () => html`<${CampaignOne} id=${route.id} campaign=${of(route.id)} plan=${planOf(route.id)} fields=${state.fields} asked=${state.asked} onDone=${load} onEdit=${() => { form.of = route.id; }} onRemoved=${removed} />`;
    const none = () => html`<section class="card grow"><p class="empty" id="campaign-gone">${t("campaigns.gone", route.id)}</p></section>`;
    const isGone = () => state.list !== null && of(route.id) === null;
    return () => html`<div class=${`campaigns ${route.id || seesCalling() ? "two" : ""}`}>
      <section class="card grow">${head()}
        ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
        ${state.list && !state.list.length && html`<p class="empty">${t("empty.campaigns")}</p>`}
        <${ListImport} known=${state.plans.map((plan) => plan.name).join(" ")} shown=${route.id} onTaken=${load} />
        <ul class="list">${(state.list ?? []).map(line)}</ul>
      </section>
      ${route.id ? (isGone() ? none() : one()) : seesCalling() && html`<${Calling} />`}
      ${form.of && html`<${CampaignForm} key=${form.of} plan=${planOf(form.of)} state=${of(form.of)?.state ?? ""} onDone=${kept} onClose=${() => { form.of = ""; }} />`}
    </div>`;
  },
};
