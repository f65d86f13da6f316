// Whether each queue takes callers now, who is there for them, and where those go whom it does not serve.
import { html, reactive } from "../lib.js";
import { get } from "../api.js";
import { follow } from "../follow.js";
import { t, term } from "../i18n.js";
import { moment } from "../format.js";

/** Open, or why nobody may enter; when it opens next. */
function state(queue) {
  const shut = queue.refuses !== "";
  const kind = shut ? (queue.status === "open" ? "degraded" : "off") : "ok";
  return html`<span class=${`health ${kind}`}>${term("queue.takes", queue.refuses || "open")}</span>
    ${queue.opens_at !== null && html`<div class="quiet">${t("queue.opens", moment(queue.opens_at))}</div>`}`;
}

/** Rules about agents, and the steps that follow, as they are configured. */
function rules(queue) {
  const lines = [];
  if (queue.hours) lines.push(`${t("queue.hours")} ${queue.hours}`);
  if (queue.enter_while !== "always") lines.push(`${t("queue.enter")} ${term("queue.there", queue.enter_while)}`);
  if (queue.stay_while !== "always") lines.push(`${t("queue.stay")} ${term("queue.there", queue.stay_while)}`);
  for (const key of ["closed", "overflow", "keys"]) {
    if (queue[key].length) lines.push(`${t(`queue.${key}`)} ${queue[key].join(key === "keys" ? " · " : " → ")}`);
  }
  return lines.map((line) => html`<div key=${line}>${line}</div>`);
}

export const QueueRules = {
  setup() {
    const view = reactive({ rows: null, fault: "" });
    follow(view, async () => { view.rows = await get("/queues"); });
    const row = (queue) => html`<tr key=${queue.id} data-queue-rules=${queue.id}>
      <td>${state(queue)}</td><td><strong>${queue.title}</strong></td><td class="mono num">${queue.waiting}</td>
      <td class="mono num">${queue.free} / ${queue.on_duty} / ${queue.signed_in} / ${queue.agents}</td><td class="detail">${rules(queue)}</td></tr>`;
    return () => html`<section class="queuerules"><h2>${t("queues")}</h2>
      ${view.fault && html`<p class="fault" role="alert">${view.fault}</p>`}
      ${view.rows && html`<div class="scroll"><table class="grid full" id="queue-rules">
        <thead><tr><th>${t("trunk.state")}</th><th>${t("queue")}</th><th class="num">${t("waiting")}</th>
          <th class="num" title=${t("queue.crew.means")}>${t("queue.crew")}</th><th>${t("queue.rules")}</th></tr></thead>
        <tbody>${view.rows.map(row)}</tbody></table></div>`}
    </section>`;
  },
};
