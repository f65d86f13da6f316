// A supervisor in a talk: who is there already, and the dialog that asks for one's own phone to be rung.
import { ElDialog, ElMessage, html, nextTick, reactive } from "../lib.js";
import { act, rowButton } from "../act.js";
import { agentName, del, post, session } from "../api.js";
import { t, term } from "../i18n.js";
import { phone } from "../format.js";

const MODES = [["listen", "l"], ["whisper", "w"], ["barge", "b"], ["take_over", "t"]];
const chosen = reactive({ call: "", sure: false, busy: false });

export const isSupervisor = () => ["admin", "supervisor"].includes(session.who?.role);

/** Whether one may park, or ask somebody in, this talk: it is one's own, or one is a supervisor. */
export const actsIn = (call) => Boolean(call?.agent) && (call.agent === session.who?.agent || isSupervisor()) && ["talking", "held"].includes(call.stage);

/** Supervisors who are in the talk or on their way to it. */
export const supervisorsOf = (call) => call.supervisors.map((one) => html` <span class="tag supervisor" key=${one.agent}>${t(one.joined ? "supervise.is" : "supervise.rings", agentName(one.agent), t(`supervise.${one.mode}`))}</span>`);

export function superviseButton(call) {
  if (!isSupervisor() || !["talking", "held"].includes(call.stage)) return null;
  return rowButton("supervise", call.id, t("supervise"), () => Object.assign(chosen, { call: call.id, sure: false }));
}

const ask = (work) => act(chosen, work);
const address = () => `/calls/${encodeURIComponent(chosen.call)}/supervise`;

function wish(mode, mine) {
  if (mode === "take_over" && !chosen.sure) {
    chosen.sure = true;
    return;
  }
  ask(async () => {
    await post(address(), { mode });
    if (!mine) ElMessage.success(t("supervise.answer"));
    chosen.call = "";
  });
}

const leave = () => ask(async () => { await del(address()); chosen.call = ""; });

export function superviseDialog(rows) {
  const call = rows.find((one) => one.id === chosen.call);
  const mine = call?.supervisors.find((one) => one.agent === session.who?.agent);
  const onKey = (event) => {
    if (["Escape", "Tab"].includes(event.key)) return; // the dialog's own
    event.stopPropagation(); // the digits that lead to other pages do not count here
    const found = MODES.find(([, key]) => key === event.key.toLowerCase());
    if (event.ctrlKey || event.metaKey || event.altKey || !call) return;
    if (found) wish(found[0], mine);
    else if (event.key.toLowerCase() === "x" && mine) leave();
  };
  const focus = () => nextTick(() => document.querySelector("#supervise .choice")?.focus());
  const close = () => { chosen.call = ""; };
  return html`<${ElDialog} modelValue=${Boolean(call)} onClose=${close} onOpened=${focus} title=${call ? t("supervise.talk", call.agent ? agentName(call.agent) : phone(call.number)) : ""} width="460px">
    ${!call ? html`<p></p>` : !session.who?.agent ? html`<p class="notice" id="supervise">${t("supervise.no_phone", session.who?.name, session.who?.role)}</p>`
      : html`<div class="choices" id="supervise" onKeydown=${onKey}>
        <p class="quiet">${t(mine ? "supervise.hint.in" : "supervise.hint", agentName(session.who.agent))}</p>
        ${MODES.map(([mode, key]) => html`<button class=${`choice ${mine?.mode === mode ? "here" : ""}`} key=${mode} data-mode=${mode} aria-pressed=${mine?.mode === mode} onClick=${() => wish(mode, mine)}>
          <kbd>${key.toUpperCase()}</kbd> <strong>${t(mode === "take_over" && chosen.sure ? "supervise.sure" : `supervise.${mode}`)}</strong> <span class="quiet">${t(`supervise.${mode}.means`)}</span></button>`)}
        ${mine && html`<button class="choice" data-mode="leave" onClick=${leave}><kbd>X</kbd> ${t("supervise.leave")}</button>`}
      </div>`}
  <//>`;
}
