// A survey in the hands of whoever writes it: its items in order, with the keys that a survey file has (docs/surveys.md).
// An item without `goto` leads to the next one.
import { language, t } from "../i18n.js";

export const QUESTIONS = ["scale", "nps", "choice", "yes_no", "number", "speech"];
export const ADDED = [...QUESTIONS, "play", "menu", "hangup"];
export const isEnd = (node) => ["hangup", "promise"].includes(node.kind);
/** Keys that name another item. */
export const LEADING = ["goto", "fallback", "yes", "no", "silent", "call_again"];

/** Texts of a new survey are Chinese, as are the customers: they are said, not shown. */
const ENDS = {
  end: { kind: "hangup", text: "感谢您的参与，再见。", text_en: "Thank you very much. Goodbye.", result: "completed" },
  later: { kind: "hangup", text: "好的，不打扰您了，再见。", text_en: "We will not keep you. Goodbye.", result: "refused" },
  never: { kind: "hangup", text: "已经为您登记，以后不会再给您打这类电话，再见。", text_en: "We have noted it and will not call you about this again. Goodbye.", result: "do_not_call" },
  silent: { kind: "hangup", result: "no_reply" },
};
const FRESH = {
  scale: () => ({ low: 1, high: 5 }),
  nps: () => ({ text: "请问您有多大可能把我们推荐给亲戚和朋友？请用零到十分来表示。", text_en: "How likely are you to recommend us to family and friends, from 0 to 10?" }),
  choice: () => ({ choices: [{ name: "a1", key: "1" }, { name: "a2", key: "2" }] }),
  yes_no: () => ({}),
  number: () => ({ low: 0, high: 1000 }),
  speech: () => ({ text: "请您简单说一说原因。", text_en: "What is the main reason?" }),
  play: () => ({}),
  hangup: () => ({ result: "completed" }),
  menu: () => ({
    keep: true, tries: 2, rejected: ["no_input"],
    text: "您好，这里是客户服务中心。想对您做一个简短的回访，大约需要一分钟，您现在方便吗？", text_en: "This is the customer service centre. May we ask you some questions? It takes a minute.",
    choices: [
      { name: "yes", text: "方便", text_en: "Yes", key: "1", phrases: ["可以", "方便", "好的", "行", "你问吧", "没问题"] },
      { name: "no", text: "不方便", text_en: "Not now", key: "2", goto: "later", phrases: ["不方便", "没时间", "没空", "不用了", "在开会", "在开车", "不行"] },
      { name: "never", text: "以后不要再打", text_en: "Never call again", key: "9", goto: "never", phrases: ["不要再打了", "别再打了", "以后不要打了", "以后别打了"] },
    ],
  }),
};

/** A name that nobody of `items` has: prefix and number. */
function free(items, prefix) {
  for (let number = 1; ; number += 1) if (!items.some((item) => item.name === `${prefix}${number}`)) return `${prefix}${number}`;
}

/** What a survey begins with: may we ask, one question, and the ends. */
export function blankSurvey() {
  const ends = Object.entries(ENDS).map(([name, end]) => ({ name, ...end }));
  return [{ name: "may_i", kind: "menu", ...FRESH.menu() }, { name: "q1", kind: "scale", ...FRESH.scale() }, ...ends];
}

/** Puts a new item of `kind` behind item `open`, at most before the ends (an end: behind them); its name. */
export function add(nodes, kind, open) {
  const opening = kind === "menu" && !nodes.some((node) => node.name === "may_i");
  const name = opening ? "may_i" : free(nodes, QUESTIONS.includes(kind) || kind === "menu" ? "q" : kind === "play" ? "say" : "end");
  const node = { name, kind, ...FRESH[kind]() };
  if (kind === "menu") {
    for (const end of ["later", "never"]) if (!nodes.some((one) => one.name === end)) nodes.push({ name: end, ...ENDS[end] });
  }
  const ends = nodes.findIndex(isEnd);
  const last = ends < 0 ? nodes.length : ends;
  const here = nodes.findIndex((one) => one.name === open) + 1;
  nodes.splice(kind === "hangup" ? nodes.length : opening ? 0 : here > 0 && here < last ? here : last, 0, node);
  return name;
}

/** What leads to an item that goes, leads to the next one then; branches to it go with it. */
export function remove(nodes, name) {
  nodes.splice(nodes.findIndex((node) => node.name === name), 1);
  for (const node of nodes) {
    for (const key of LEADING) if (node[key] === name) delete node[key];
    for (const choice of node.choices ?? []) if (choice.goto === name) delete choice.goto;
    if (node.branches) node.branches = node.branches.filter((branch) => branch.goto !== name);
  }
}

export function move(nodes, name, by) {
  const from = nodes.findIndex((node) => node.name === name);
  const to = from + by;
  if (to < 0 || to >= nodes.length) return;
  nodes.splice(to, 0, ...nodes.splice(from, 1));
}

export function addChoice(node) {
  const taken = node.choices.map((choice) => choice.key);
  const key = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"].find((digit) => !taken.includes(digit));
  node.choices.push({ name: free(node.choices, "a"), ...(key ? { key } : {}) });
}

/** Scores that call for somebody: the highest of them that is usual, as the service has it. */
export function usualLow(node) {
  if (node.kind === "nps" || (node.low === 0 && node.high === 10)) return 6;
  return Math.floor(node.low + 0.3 * (node.high - node.low));
}

/** The words of an item in the language of the page, else in the other. */
export const wordsOf = (node) => (language.value === "en" ? node.text_en || node.text : node.text || node.text_en) ?? "";

/** An item as it is called where another leads to it. */
export function labelOf(nodes, node) {
  const words = wordsOf(node) || t(`surveys.kind.${node.kind}`);
  const short = words.length > 18 ? `${words.slice(0, 18)}…` : words;
  return isEnd(node) ? t("surveys.to_end", node.result ? t(`surveys.result.${node.result}`) : t(`surveys.kind.${node.kind}`), short) : `${nodes.indexOf(node) + 1}. ${short}`;
}
