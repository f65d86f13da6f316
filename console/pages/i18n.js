// What people read: Chinese first, English second. `t("key")` follows the language chosen on the page.
import { ref } from "./lib.js";
import { WORDS } from "./words.js";

const KEPT = "line400.language";
export const language = ref(localStorage.getItem(KEPT) === "en" ? "en" : "zh");

export function setLanguage(code) {
  language.value = code;
  localStorage.setItem(KEPT, code);
  document.documentElement.lang = code === "en" ? "en" : "zh-CN";
}

/** The words for `key`, with `{0}`, `{1}`… replaced. An unknown key is shown as it is. */
export function t(key, ...values) {
  const pair = WORDS[key];
  if (!pair) return key;
  const text = language.value === "en" ? pair[1] : pair[0];
  return text.replace(/\{(\d)\}/g, (_, index) => values[Number(index)] ?? "");
}

/** The words for `prefix.value`, or the value itself where there are none (a name from a newer version). */
export const term = (prefix, value) => (value && WORDS[`${prefix}.${value}`] ? t(`${prefix}.${value}`) : value || "");

/** The words for a code with its values, or the text that came with them. */
export const told = (code, values, text) => (code && WORDS[`detail.${code}`] ? t(`detail.${code}`, ...values) : text);

/** Of words in both languages those of the page, or the others where these are missing. */
export const said = (words) => (language.value === "en" ? words?.en || words?.zh : words?.zh || words?.en) ?? "";

/** Of "中文 / English" the part in the language of the page. */
export function inWords(text) {
  const parts = text.split(" / ");
  return parts.length === 2 ? parts[language.value === "en" ? 1 : 0] : text;
}

/** What a figure of the report is called, and how it is counted. */
export const titleOf = (formula) => (language.value === "en" ? formula?.title_en : formula?.title_zh) ?? "";
export const formulaOf = (formula) => (language.value === "en" ? formula?.formula_en : formula?.formula_zh) ?? "";

/** What went wrong, from problem details. */
export function problemText(status, body) {
  const code = (body.type ?? "").split(":").pop();
  if (language.value === "zh" && WORDS[`problem.${code}`]) return t(`problem.${code}`);
  return [body.title, body.mend].filter(Boolean).join(". ") || t("problem.other", status);
}
