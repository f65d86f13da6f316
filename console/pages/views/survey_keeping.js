// Versions of the survey that is open: it is kept as the next one, copied, removed; another is looked at, and what is not kept is
// discarded after a question only.
import { html } from "../lib.js";
import { del, get, post, put } from "../api.js";
import { act } from "../act.js";
import { said, t } from "../i18n.js";
import { moment } from "../format.js";
import { go, route } from "../route.js";
import { copied, drafts, NEW, pathOf } from "./survey_open.js";

const READ_MS = 6000;

/** What people order for the survey that stands in `open` (survey_open.js). */
export function keeping(open) {
  const { state, isNew, newest, load, take, show, renew, check, whole } = open;

  /** As the version behind version `after`. */
  const save = (after) => act(state, async () => {
    const [first] = await check();
    if (first) throw new Error(said(first));
    const name = route.id;
    const kept = isNew() ? await post("/surveys", whole()) : await put(pathOf(name), { ...whole(), after }).catch(faster);
    drafts.delete(name);
    await load();
    if (isNew()) go("surveys", kept.name);
    else await take(kept);
  }, READ_MS);
  async function faster(problem) {
    if (problem.code === "changed_since") await Promise.all([renew(), load()]);
    throw problem;
  }
  const older = (number) => act(state, async () => { await take(await get(`${pathOf(route.id)}?number=${number}`)); state.dirty = Number(number) !== newest(); });
  function choose(event) {
    const number = Number(event.target.value);
    if (!drafts.has(route.id)) return older(number);
    event.target.value = state.paper.number;
    state.leaving = { number };
  }
  /** What is not kept goes, once that was confirmed; version `number` comes in its place. */
  const discard = () => {
    if (drafts.has(route.id)) state.leaving = { number: 0 };
    else show();
  };
  function leave() {
    const { number } = state.leaving;
    state.leaving = null;
    drafts.delete(route.id);
    return number ? older(number) : show();
  }
  function copy() {
    state.fresh = { ...copied(state.paper), source: "page", number: 0, versions: [] };
    go("surveys", NEW);
  }
  const forget = () => act(state, async () => {
    await del(pathOf(route.id));
    drafts.delete(route.id);
    state.asked = false;
    go("surveys");
    await load();
  }, READ_MS);
  return { save, choose, discard, leave, copy, forget };
}

/** One of them is chosen. */
export const versionChoice = (paper, choose) => paper.versions.length > 1 && html`<select id="survey-versions" aria-label=${t("surveys.versions")} onChange=${choose}>
  ${paper.versions.map((one) => html`<option key=${one.number} value=${one.number} selected=${one.number === paper.number}>${t("surveys.version", one.number)} · ${one.by} ${moment(one.at)}</option>`)}</select>`;
