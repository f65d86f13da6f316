// An agent asks somebody while his customer hears music: the dialog beside his talk on the live page.
import { ElDialog, ElInput, html, model, reactive } from "../lib.js";
import { act, rowButton } from "../act.js";
import { agentName, del, post, session } from "../api.js";
import { t } from "../i18n.js";
import { isSupervisor } from "./supervise.js";

const chosen = reactive({ call: "", to: "", busy: false });

/** For one's own talk, and a supervisor's for any. */
export function consultButton(call) {
  const mine = call.agent && (call.agent === session.who?.agent || isSupervisor());
  if (!mine || !["talking", "held"].includes(call.stage)) return null;
  return rowButton("consult", call.id, t("consult"), () => Object.assign(chosen, { call: call.id, to: "" }));
}

const ask = (work) => act(chosen, work);

export function consultDialog(rows) {
  const call = rows.find((one) => one.id === chosen.call);
  const path = `/calls/${encodeURIComponent(chosen.call)}/consult`;
  const close = () => { chosen.call = ""; };
  const begin = () => chosen.to.trim() && ask(() => post(path, { to: chosen.to.trim() }));
  const choice = (name, work) => html`<button class="choice" data-consulting=${name} disabled=${chosen.busy} onClick=${() => ask(work)}>${t(`consult.${name}`)}</button>`;
  const under = (consult) => html`<p class="quiet" id="consult-stage">${t(`consult.${consult.stage}`, agentName(consult.to))}</p>
    ${consult.stage === "answered" && choice("join", () => post(`${path}/join`))}
    ${consult.stage !== "ringing" && choice("complete", () => post(`${path}/complete`))}
    ${choice("return", () => del(path))}`;
  return html`<${ElDialog} modelValue=${Boolean(call)} onClose=${close} title=${t("consult")} width="420px">
    ${!call ? html`<p></p>` : html`<div class="choices" id="consult" onKeydown=${(event) => event.key !== "Escape" && event.key !== "Tab" && event.stopPropagation()}>
      ${call.consult ? under(call.consult) : html`<${ElInput} id="consult-to" placeholder=${t("consult.to")} aria-label=${t("consult.to")} ...${model(chosen, "to")} onKeyup=${(event) => event.key === "Enter" && begin()} />
        <button class="choice" data-consulting="call" disabled=${chosen.busy} onClick=${begin}>${t("consult.call")}</button>`}
    </div>`}
  <//>`;
}
