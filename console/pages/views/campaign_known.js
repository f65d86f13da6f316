// The campaigns that are known, those without a list too, and how each calls; kept fresh by what the log tells of them.
import { onMounted, reactive } from "../lib.js";
import { get } from "../api.js";
import { gathered } from "../gather.js";
import { route } from "../route.js";
import { ANY, onCampaign } from "./campaign_news.js";
import { pathOf } from "./campaign_orders.js";
import { isSupervisor } from "./supervise.js";

const SOON_MS = 1000; // what is looked at
const LATER_MS = 5000; // how far others have come
const OF_PLANS = ["campaign.made", "campaign.changed", "campaign.removed"];

/** A campaign into which no list has come yet. */
const untouched = (plan) => ({ id: plan.name, title: plan.name, state: "", contacts: 0, tried: 0, finished: 0, results: {}, bare: true });

/**
 * `state.list`, null until it is there; `state.asked` counts how often it was loaded because somebody asked, not because
 * an event said that something is new: what is costly waits for that. `renew` asks anew for some by name.
 */
export function knownCampaigns() {
  const state = reactive({ list: null, plans: [], fields: [], fault: "", asked: 0 });
  const counted = (name) => state.list?.some((one) => one.id === name && !one.bare);
  async function kept(work) {
    try {
      await work();
      state.fault = "";
    } catch (problem) {
      state.fault = problem.message;
    }
  }
  async function all(asked) {
    const [list, plans] = await Promise.all([get("/campaigns"), get("/campaign-plans")]);
    if (isSupervisor() && !state.fields.length) state.fields = await get("/campaign-form");
    const known = new Set(list.map((campaign) => campaign.id));
    Object.assign(state, { plans, asked, list: [...list, ...plans.filter((plan) => !known.has(plan.name)).map(untouched)] });
  }
  async function some(names) {
    let told;
    try {
      told = await Promise.all(names.map((name) => get(pathOf(name))));
    } catch (problem) {
      if (problem.status !== 404) throw problem;
      return all(state.asked); // one was removed
    }
    const found = new Map(told.map((one) => [one.id, one]));
    state.list = state.list.map((one) => found.get(one.id) ?? one);
  }
  const load = () => kept(() => all(state.asked + 1));
  const renew = (names) => kept(() => (names.every(counted) ? some(names) : all(state.asked)));
  const [soon, later] = [gathered(renew, SOON_MS), gathered(renew, LATER_MS)];
  onCampaign((campaign, name) => {
    if (campaign === ANY || OF_PLANS.includes(name)) soon(ANY);
    else (campaign === route.id || name.startsWith("campaign.") ? soon : later)(campaign);
  });
  onMounted(load);
  const planOf = (name) => state.plans.find((plan) => plan.name === name) ?? null;
  const of = (name) => state.list?.find((one) => one.id === name) ?? null;
  return { state, load, renew, planOf, of };
}
