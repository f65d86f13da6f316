// Two papers of one survey beside each other: what differs, item by item, in words.
import { term, t } from "../i18n.js";
import { LEADING, labelOf } from "./survey_items.js";

const CALLED = { goto: "then", unit_en: "unit", yes_text: "yes", no_text: "no" };
const same = (one, other) => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** Keys in one order all the way down: a survey does not change by the order in which they were written. */
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

/** What an item has under `key`, in words; "" where it has nothing there. */
function inWords(nodes, key, value) {
  const label = (name) => { const to = nodes.find((node) => node.name === name); return to ? labelOf(nodes, to) : name; };
  if (value === undefined) return "";
  if (LEADING.includes(key)) return label(value);
  if (key === "required") return t(value ? "surveys.yes" : "surveys.no");
  if (["result", "kind"].includes(key)) return term(`surveys.${key}`, value);
  if (key === "branches") return value.map(({ from, to, goto }) => `${from}–${to} → ${label(goto)}`).join("；");
  if (key === "choices") return value.map((one) => [one.key, one.text, one.text_en, one.goto && `→ ${label(one.goto)}`].filter((part) => part !== undefined && part !== "").join(" ")).join("；");
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Of each item that differs its name and its lines, [what it is called, in theirs, in mine]; `lines` null: it is whole in one of them
 * only. `moved`: they stand in another order. */
export function compared(theirs, mine) {
  const of = (nodes, name) => nodes.find((node) => node.name === name);
  const names = [...new Set([...theirs, ...mine].map((node) => node.name))];
  const items = names.filter((name) => !same(of(theirs, name), of(mine, name))).map((name) => {
    const [one, other] = [of(theirs, name), of(mine, name)];
    if (!one || !other) return { name, one, other, lines: null };
    const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((key) => !same(one[key], other[key]));
    return { name, one, other, lines: keys.map((key) => [term("surveys", CALLED[key] ?? key), inWords(theirs, key, one[key]), inWords(mine, key, other[key])]) };
  });
  const order = (nodes, others) => nodes.map((node) => node.name).filter((name) => of(others, name)).join("\n");
  return { items, moved: order(theirs, mine) !== order(mine, theirs) };
}
