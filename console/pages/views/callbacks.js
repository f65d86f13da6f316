// Customers who are to be called back: on the live board all who still are, on a call's page what became of the promise.
import { ElMessage, html, onBeforeUnmount, reactive } from "../lib.js";
import { agentName, get, post, queueTitle, session } from "../api.js";
import { follow } from "../follow.js";
import { t, term } from "../i18n.js";
import { clock, length, moment, phone } from "../format.js";
import { onEvent, serverNow } from "../live.js";

const stateOf = (one) => {
  if (one.state === "dialled" && one.agent) return t("callback.dialled", agentName(one.agent));
  if (one.state === "resting" && one.again_at > serverNow()) return t("callback.again", length(one.again_at - serverNow()));
  return term("callback.state", one.state);
};

export const Callbacks = {
  setup() {
    const state = reactive({ rows: [], fault: "" });
    const load = follow(state, async () => { state.rows = await get("/callbacks"); }, { everyMs: 15000 });
    let due = 0;
    const deaf = onEvent((event) => {
      if ((event.name?.startsWith("callback.") || event.kind === "gap") && !due) due = setTimeout(() => { due = 0; load(); }, 300);
    });
    onBeforeUnmount(() => { deaf(); clearTimeout(due); });
    async function ask(one, what) {
      try {
        await post(`/callbacks/${encodeURIComponent(one.id)}/${what}`);
        ElMessage.success(t(`callback.asked.${what}`, phone(one.number)));
      } catch (problem) {
        ElMessage.error(problem.message);
      }
      load();
    }
    const may = () => ["supervisor", "admin"].includes(session.who?.role);
    const row = (one) => html`<div class="caller" key=${one.id} data-callback=${one.id}>
      <a class="mono" href=${`#/call/${one.call_id}`}>${phone(one.number)}</a>
      <span class="quiet">${queueTitle(one.queue)} · ${stateOf(one)}${one.tries > 0 && ` · ${t("callback.tries", one.tries)}`}</span>
      <span class="mono push" title=${t("callback.until", moment(one.expires_at))}>${length(serverNow() - one.promised_at)}</span>
      ${may() && one.state !== "dialled" && html`<button class="plain" data-do="call" onClick=${() => ask(one, "call")}>${t("callback.call")}</button>
      <button class="plain" data-do="cancel" onClick=${() => ask(one, "cancel")}>${t("callback.cancel")}</button>`}
    </div>`;
    return () => (state.rows.length || state.fault) && html`<div class="queues callbacks" id="callbacks">
      <h2>${t("callbacks")} <span class="quiet">${state.rows.length}</span></h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.rows.map(row)}
    </div>`;
  },
};

/** On the page of a call: how its promise stands, who called the customer back and when. */
export function promised(one) {
  if (!one) return null;
  const how = one.state === "ended" ? term("callback.outcome", one.outcome) : term("callback.state", one.state);
  return html`<section class="card" id="callback"><h2>${t("callback")} <span class="quiet">${how}${one.by && one.by !== "system" && one.by !== "caller" && ` · ${one.by}`}</span></h2>
    <ol class="story">
      <li><time class="mono">${clock(one.promised_at)}</time><a href=${`#/call/${one.call_id}`}>${t("event.callback.promised")}</a><span class="quiet">${phone(one.number)} · ${queueTitle(one.queue)} · ${t("callback.until", moment(one.expires_at))}</span></li>
      ${one.made.map((each) => html`<li key=${each.call_id}><time class="mono">${clock(each.started_at)}</time><a href=${`#/call/${each.call_id}`}>${agentName(each.agent)}</a><span class="quiet">${each.result === "reached" ? t("callback.outcome.reached") : term("callback.result", each.result)}</span></li>`)}
    </ol></section>`;
}
