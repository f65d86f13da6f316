// The contacts of a campaign with what came of them, as many as somebody has asked for; kept fresh while they are called.
import { ElButton, html, onMounted, reactive, watch } from "../lib.js";
import { get, query } from "../api.js";
import { rowButton } from "../act.js";
import { gathered } from "../gather.js";
import { said, t, term } from "../i18n.js";
import { phone, shortMoment } from "../format.js";
import { go } from "../route.js";
import { finder, wanted } from "./campaign_finder.js";
import { CampaignFound } from "./campaign_found.js";
import { ANY, onCampaign } from "./campaign_news.js";
import { pathOf } from "./campaign_orders.js";
import { Why } from "./why.js";

const PAGE = 100;
const MOST_ROWS = 500; // that the server gives at once
const EVERY_MS = 1000;

/** What came of a contact, or how he stands: his last result while he waits, or is being called again. */
function stands(row) {
  const result = row.result || row.last;
  return html`${row.state === "dialling" && html`<span class="stage ringing">${t("called.now")}</span> `}${result ? html`<span class=${`tag result-${result}`}>${term("result", result)}</span>` : row.state !== "dialling" && html`<span class="quiet">${t("not.called")}</span>`}`;
}

const tries = (row) => (row.called > 1 || row.again_at) && html`<p class="quiet">${row.called} ${t("why.tries")}${row.again_at ? ` · ${t("why.until", shortMoment(row.again_at))}` : ""}${row.promised_at ? ` · ${t("why.promised")} ${row.wanted_agent}` : ""}</p>`;
const answered = (answer) => html`<p key=${answer.question} class="answer" data-question=${answer.question} title=${answer.text}><span class="quiet">${said(answer.words.asked) || answer.question}</span> ${said(answer.words.said) || answer.value}</p>`;

/** `listed`: it has contacts. `asked`: changes when they are to be asked for anew. */
export const CampaignContacts = {
  props: { campaign: String, listed: Boolean, asked: Number },
  setup(props) {
    const state = reactive({ rows: null, whole: false, why: 0, fault: "" });
    const page = (which) => get(`${pathOf(props.campaign)}/results${query({ ...wanted(), ...which })}`);
    /** As many rows as were shown, however many these are: nobody loses his place because somebody was called. */
    async function load() {
      if (!props.listed) return;
      const asked = JSON.stringify(wanted());
      const limit = Math.max(PAGE, state.rows?.length ?? 0);
      const rows = [];
      let [size, got] = [0, 0];
      try {
        do {
          size = Math.min(MOST_ROWS, limit - rows.length);
          const found = await page({ limit: size, offset: rows.length });
          if (asked !== JSON.stringify(wanted())) return;
          rows.push(...found);
          got = found.length;
        } while (got === size && rows.length < limit);
      } catch (problem) {
        state.fault = problem.message;
        return;
      }
      if (got === size && rows.length < (state.rows?.length ?? 0)) return; // more were asked for meanwhile
      Object.assign(state, { rows, whole: got < size, fault: "" });
    }
    async function more() {
      const next = await page({ limit: PAGE, offset: state.rows.length });
      Object.assign(state, { rows: [...state.rows, ...next], whole: next.length < PAGE });
    }
    const soon = gathered(load, EVERY_MS);
    onCampaign((campaign) => { if ([props.campaign, ANY].includes(campaign)) soon(props.campaign); });
    onMounted(load);
    watch(() => [props.listed, props.asked], load);
    watch(() => JSON.stringify(wanted()), () => { state.rows = null; load(); });

    const line = (row) => html`<tr key=${row.contact} class=${row.call_id ? "link" : ""} onClick=${() => row.call_id && go("call", row.call_id)}>
      <td class="num mono">${row.contact}</td><td>${row.name}</td>
      <td class="mono">${row.call_id ? html`<a href=${`#/call/${row.call_id}`}>${phone(row.number)}</a>` : phone(row.number)}</td>
      <td>${stands(row)} ${tries(row)}</td>
      <td class="mono">${shortMoment(row.at)}</td>
      <td>${row.answers.map(answered)}</td>
      <td>${rowButton("why", row.contact, t("why.title"), () => { state.why = row.contact; })}</td>
    </tr>`;
    return () => html`${finder(html`<${CampaignFound} campaign=${props.campaign} rows=${state.rows} whole=${state.whole} />`)}
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.rows && !state.rows.length && html`<p class="empty">${t("empty.results")}</p>`}
      <div class="scroll"><table class="grid full"><thead><tr><th>#</th><th>${t("name")}</th><th>${t("number")}</th><th>${t("result")}</th><th>${t("time")}</th><th>${t("answers")}</th><th></th></tr></thead>
        <tbody>${(state.rows ?? []).map(line)}</tbody></table>
        ${state.rows && !state.whole && html`<p class="more"><${ElButton} onClick=${more}>${t("more")}<//></p>`}</div>
      ${state.why > 0 && html`<${Why} key=${state.why} campaign=${props.campaign} contact=${state.why} onClose=${() => { state.why = 0; }} />`}`;
  },
};
