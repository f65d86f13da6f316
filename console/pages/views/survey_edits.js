// Items of the survey that is open are added, moved and taken away; the focus goes with them.
import { nextTick } from "../lib.js";
import { add, move, remove } from "./survey_items.js";

const focus = (selector) => nextTick(() => document.querySelector(selector)?.focus());
const selectorOf = (name, what) => `[data-item="${CSS.escape(name)}"] ${what}`;

/** What is done to the survey that stands in `open` (survey_open.js), by the names of its items. */
export function edits({ state, may, changed }) {
  function append(kind) {
    state.open = add(state.paper.nodes, kind, state.open);
    changed();
    focus(selectorOf(state.open, "textarea"));
  }
  function shift(name, by) {
    move(state.paper.nodes, name, by);
    changed();
    focus(selectorOf(name, by < 0 ? ".survey-up:enabled, .survey-down" : ".survey-down:enabled, .survey-up"));
  }
  function drop(name) {
    const at = state.paper.nodes.findIndex((node) => node.name === name);
    remove(state.paper.nodes, name);
    changed();
    const next = state.paper.nodes[Math.min(at, state.paper.nodes.length - 1)];
    if (next) focus(selectorOf(next.name, ".survey-title"));
  }
  /** Alt with an arrow moves the item in which the focus is. */
  function onKey(event, name) {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || !may()) return;
    event.preventDefault();
    shift(name, event.key === "ArrowUp" ? -1 : 1);
  }
  const toggle = (name) => { state.open = state.open === name ? "" : name; };
  function lookAt(name) {
    state.open = name;
    focus(selectorOf(name, ".survey-title"));
  }
  return { append, shift, drop, onKey, toggle, lookAt };
}
