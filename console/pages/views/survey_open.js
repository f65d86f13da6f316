// The survey that is open on the page of surveys: where it comes from, how it stands here, what the service says of it as it
// stands, and what of it is not kept yet.
import { onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { get, post } from "../api.js";
import { t } from "../i18n.js";
import { route } from "../route.js";
import { Unkept } from "../unkept.js";
import { isSupervisor } from "./supervise.js";
import { blankSurvey } from "./survey_items.js";

export const NEW = "+";
const CHECK_AFTER_MS = 300;
export const pathOf = (name) => `/surveys/${encodeURIComponent(name)}`;
export const copied = (value) => JSON.parse(JSON.stringify(value));
/** Changes that are not kept yet, by survey, and the version after which they were made: whoever looks at another one meanwhile finds them again. */
export const drafts = new Unkept();

/** `state`: the `list` of all, the `paper` that is open (null: none), written by `name` on version `after`, with the item `open`, and what is `told` of it
 * (null: not known yet); `fresh` is what a new one begins with. What is asked of people stands in `asked` (remove it?) and `leaving` (discard what is not kept?). */
export function openSurvey() {
  const state = reactive({ list: null, paper: null, name: "", open: "", told: null, fault: "", busy: false, dirty: false, asked: false, trying: null, after: 0, leaving: null, fresh: null });
  let due = 0;
  let asked = 0;
  const isNew = () => route.id === NEW;
  const may = () => isNew() || state.paper?.source === "page";
  const newest = () => state.paper.versions[0]?.number ?? 0;
  const overtaken = () => !isNew() && may() && newest() > state.after;
  const right = () => state.told !== null && state.told.faults.length === 0;
  const whole = () => ({ name: state.name.trim() || "?", nodes: state.paper.nodes });

  async function load() {
    try {
      state.list = await get("/surveys");
    } catch (problem) {
      state.fault = problem.message;
    }
  }
  function take(paper, name = paper.name, after = paper.versions[0]?.number ?? 0) {
    Object.assign(state, { paper: copied(paper), name, after, told: null, fault: "", dirty: false });
    if (!state.paper.nodes.some((node) => node.name === state.open)) state.open = "";
    return check();
  }
  async function show() {
    clearTimeout(due);
    const draft = drafts.get(route.id);
    if (draft && !state.fresh) {
      await take(draft.paper, draft.name, draft.after);
      state.dirty = true;
      await renew();
    } else if (!route.id) Object.assign(state, { paper: null, told: null });
    else if (isNew()) await take(state.fresh ?? { nodes: blankSurvey(), source: "page", number: 0, versions: [] }, "");
    else {
      try {
        await take(await get(pathOf(route.id)));
      } catch (problem) {
        Object.assign(state, { paper: null, fault: problem.message });
      }
    }
    state.fresh = null;
  }
  onMounted(() => { if (isSupervisor()) { load(); show(); } });
  onBeforeUnmount(() => clearTimeout(due));
  watch(() => route.id, show);

  /** What others have kept meanwhile is listed; what stands here stays. */
  async function renew() {
    const name = route.id;
    if (isNew()) return;
    try {
      const { versions } = await get(pathOf(name));
      if (name === route.id) state.paper.versions = versions;
    } catch (problem) {
      if (name === route.id) state.fault = problem.status === 404 ? t("surveys.gone") : problem.message;
    }
  }
  /** What is said of it as it stands now; of one that was changed meanwhile nothing is shown. */
  async function check() {
    clearTimeout(due);
    const mine = ++asked;
    const told = await post(`/survey-check${isNew() ? "?new=true" : ""}`, whole());
    if (mine === asked) state.told = told;
    return told.faults;
  }
  function changed() {
    state.dirty = true;
    drafts.set(route.id, { paper: copied(state.paper), name: state.name, after: state.after });
    asked += 1;
    clearTimeout(due);
    due = setTimeout(() => check().catch((problem) => { state.fault = problem.message; }), CHECK_AFTER_MS);
  }
  return { state, isNew, may, newest, overtaken, right, whole, load, take, show, renew, check, changed };
}
