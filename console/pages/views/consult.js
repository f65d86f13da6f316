// An agent asks somebody while his customer hears music: the dialog beside his talk, on the live page and on his desk.
import { ElDialog, ElInput, html, model, nextTick, reactive } from "../lib.js";
import { act, rowButton } from "../act.js";
import { agentName, del, post } from "../api.js";
import { t } from "../i18n.js";
import { actsIn } from "./supervise.js";

const KEYS = { join: "J", complete: "T", return: "X" };
const chosen = reactive({ call: "", to: "", busy: false });

/** Opens the dialog for a talk of one's own, and for a supervisor's any. */
export function openConsult(call) {
  if (actsIn(call)) Object.assign(chosen, { call: call.id, to: "" });
}

export const consultButton = (call) => (actsIn(call) ? rowButton("consult", call.id, t("consult"), () => openConsult(call)) : null);

const ask = (work) => act(chosen, work);

/** What can be done with the consultation now: a name and the work. */
function wishes(consult, path) {
  const all = [
    ["join", consult.stage === "answered", () => post(`${path}/join`)],
    ["complete", consult.stage !== "ringing", () => post(`${path}/complete`)],
    ["return", true, () => del(path)],
  ];
  return all.filter(([, now]) => now).map(([name, , work]) => [name, work]);
}

/** The field for whom to ask; later the dialog itself, so that no button is pressed that has just appeared. */
const focus = () => nextTick(() => (document.querySelector("#consult-to") ?? document.querySelector("#consult"))?.focus());

export function consultDialog(rows) {
  const call = rows.find((one) => one.id === chosen.call);
  const path = `/calls/${encodeURIComponent(chosen.call)}/consult`;
  const close = () => { chosen.call = ""; };
  const begin = () => chosen.to.trim() && ask(() => post(path, { to: chosen.to.trim() }));
  const onKey = (event) => {
    if (["Escape", "Tab"].includes(event.key)) return; // the dialog's own
    event.stopPropagation(); // the digits that lead to other pages do not count here
    if (!call?.consult || event.ctrlKey || event.metaKey || event.altKey) return;
    const wish = wishes(call.consult, path).find(([name]) => KEYS[name] === event.key.toUpperCase());
    if (wish) ask(wish[1]);
  };
  const under = (consult) => html`<p class="quiet" id="consult-stage">${t(`consult.${consult.stage}`, agentName(consult.to))}</p>
    ${wishes(consult, path).map(([name, work]) => html`<button class="choice" key=${name} data-consulting=${name} disabled=${chosen.busy} aria-keyshortcuts=${KEYS[name]} onClick=${() => ask(work)}><kbd>${KEYS[name]}</kbd> ${t(`consult.${name}`)}</button>`)}`;
  return html`<${ElDialog} modelValue=${Boolean(call)} onClose=${close} onOpened=${focus} title=${t("consult")} width="420px">
    ${!call ? html`<p></p>` : html`<div class="choices" id="consult" key=${call.consult?.stage ?? "whom"} tabindex="-1" onVnodeMounted=${focus} onKeydown=${onKey}>
      ${call.consult ? under(call.consult) : html`<${ElInput} id="consult-to" placeholder=${t("consult.to")} aria-label=${t("consult.to")} ...${model(chosen, "to")} onKeyup=${(event) => event.key === "Enter" && begin()} />
        <button class="choice" data-consulting="call" disabled=${chosen.busy} onClick=${begin}>${t("consult.call")}</button>`}
    </div>`}
  <//>`;
}
