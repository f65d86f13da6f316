// SIP messages counted: by method, both ways, answers by class; the codes behind a figure when one points at it.
import { html, reactive } from "../lib.js";
import { get } from "../api.js";
import { follow } from "../follow.js";
import { t } from "../i18n.js";
import { moment } from "../format.js";

const CLASSES = [1, 2, 3, 4, 5, 6];
const MISHAPS = ["repeated", "timed_out", "malformed", "unwanted"];

/** Of one method: how many requests one way, and the answers that went the other way. */
function oneWay(messages, asked) {
  const answered = asked === "received" ? "sent" : "received";
  const requests = messages.find((one) => one.direction === asked && one.status === null)?.count ?? 0;
  const answers = messages.filter((one) => one.direction === answered && one.status !== null);
  return html`<td class="mono num asked">${requests || ""}</td>${CLASSES.map((kind) => {
    const codes = answers.filter((one) => Math.floor(one.status / 100) === kind);
    const sum = codes.reduce((total, one) => total + one.count, 0);
    const bad = kind > 4 && sum > 0 ? "bad" : "";
    return html`<td class=${`mono num ${bad}`} title=${codes.map((one) => `${one.status}: ${one.count}`).join("  ")}>${sum || ""}</td>`;
  })}`;
}

const head = () => html`<thead>
  <tr><th></th><th colspan="7" class="way">${t("sip.received")}</th><th colspan="7" class="way">${t("sip.sent")}</th></tr>
  <tr><th>${t("sip.method")}</th>${[0, 1].map(() => html`<th class="num asked">${t("sip.requests")}</th>${CLASSES.map((kind) => html`<th class="num">${kind}xx</th>`)}`)}</tr>
</thead>`;

export const SipCounts = {
  setup() {
    const state = reactive({ counts: null, fault: "" });
    follow(state, async () => { state.counts = await get("/sip/counts"); });
    const of = (method) => state.counts.messages.filter((one) => one.method === method);
    const methods = () => [...new Set(state.counts.messages.map((one) => one.method))].sort();
    return () => html`<section class="sip"><h2>${t("sip.counts")} ${state.counts && html`<span class="quiet">${t("sip.since", moment(state.counts.since))}</span>`}</h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.counts && (state.counts.messages.length ? html`<div class="scroll"><table class="grid full" id="sip-counts">${head()}
        <tbody>${methods().map((method) => html`<tr key=${method}><td><strong>${method}</strong></td>${oneWay(of(method), "received")}${oneWay(of(method), "sent")}</tr>`)}</tbody></table></div>`
        : html`<p class="quiet">${t("sip.none")}</p>`)}
      ${state.counts && html`<p class="tags" id="sip-mishaps">${MISHAPS.map((kind) => html`<span class="tag" key=${kind} title=${t(`sip.${kind}.means`)}>${t(`sip.${kind}`)} ${state.counts[kind]}</span>`)}</p>`}
    </section>`;
  },
};
