// A caller who waits: to one's own phone, to a free agent, or to another queue.
import { ElDialog, ElMessage, html, nextTick, reactive } from "../lib.js";
import { act } from "../act.js";
import { agentName, post, queueTitle, session } from "../api.js";
import { t } from "../i18n.js";
import { phone } from "../format.js";
import { isSupervisor } from "./supervise.js";

const chosen = reactive({ call: "", busy: false });

export function waitingButton(caller) {
  if (!isSupervisor()) return null;
  return html`<button class="plain" data-waiting=${caller.call_id} onClick=${() => { chosen.call = caller.call_id; }}>${t("waiting.send")}</button>`;
}

const ask = (path, body, done) => act(chosen, async () => {
  await post(`/calls/${encodeURIComponent(chosen.call)}/${path}`, body);
  ElMessage.success(done);
  chosen.call = "";
});

export function waitingDialog(now) {
  const queue = now.queues.find((one) => one.waiting.some((caller) => caller.call_id === chosen.call));
  const caller = queue?.waiting.find((one) => one.call_id === chosen.call);
  const free = now.agents.filter((agent) => agent.state === "available" && agent.id !== session.who?.agent);
  const focus = () => nextTick(() => document.querySelector("#waiting-choices .choice")?.focus());
  return html`<${ElDialog} modelValue=${Boolean(caller)} onClose=${() => { chosen.call = ""; }} onOpened=${focus} title=${caller ? t("waiting.caller", phone(caller.number), queue.title) : ""} width="460px">
    ${caller ? html`<div class="choices" id="waiting-choices">
      ${session.who?.agent && html`<button class="choice" data-pull=${session.who.agent} onClick=${() => ask("pull", {}, t("waiting.rings", agentName(session.who.agent)))}>${t("waiting.to_me", agentName(session.who.agent))}</button>`}
      ${now.queues.filter((one) => one.id !== queue.id).map((one) => html`<button class="choice" key=${one.id} data-move=${one.id} onClick=${() => ask("queue", { queue: one.id }, t("waiting.moved", one.title))}>${t("waiting.to_queue", queueTitle(one.id))} <span class="quiet">${t("free")} ${one.available} · ${t("waiting")} ${one.waiting.length}</span></button>`)}
      ${free.map((agent) => html`<button class="choice" key=${agent.id} data-pull=${agent.id} onClick=${() => ask("pull", { agent: agent.id }, t("waiting.rings", agent.name))}>${t("waiting.to_agent", agentName(agent.id))}</button>`)}
    </div>` : html`<p></p>`}
  <//>`;
}
