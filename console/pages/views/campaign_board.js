// Where a campaign stands, pushed by the server: list, line, results so far, speed and expected end.
import { html, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { session } from "../api.js";
import { inWords, t, term } from "../i18n.js";
import { behind, callsBehind, contactsBehind } from "./campaign_behind.js";
import { hourMinute, percent, shortMoment } from "../format.js";

const LATER_MS = 2000;

export const CampaignBoard = {
  props: { campaign: String },
  setup(props) {
    const state = reactive({ live: null, up: false });
    let socket = null;
    let timer = 0;
    function open() {
      const url = new URL(`/api/v1/campaign-events/${encodeURIComponent(props.campaign)}`, location.href);
      url.protocol = url.protocol.replace("http", "ws");
      const mine = new WebSocket(url);
      socket = mine;
      mine.onmessage = (event) => { Object.assign(state, { live: JSON.parse(event.data), up: true }); };
      mine.onclose = () => {
        if (socket !== mine) return;
        state.up = false;
        if (session.who) timer = setTimeout(open, LATER_MS);
      };
    }
    function close() {
      clearTimeout(timer);
      const mine = socket;
      socket = null;
      mine?.close();
    }
    onMounted(open);
    onBeforeUnmount(close);
    watch(() => props.campaign, () => { close(); state.live = null; open(); });

    const figure = (key, value, to) => html`<div key=${key}><dt>${t(`campaigns.live.${key}`)}</dt><dd id=${`campaign-live-${key}`}>${behind(value, to)}</dd></div>`;
    const people = (which) => contactsBehind(props.campaign, which);
    const calls = (attempted) => callsBehind(props.campaign, { attempted });
    const ends = (live) => (live.ends_at == null ? "—" : live.ends_at - live.at > 72000 ? shortMoment(live.ends_at).slice(0, 11) : hourMinute(live.ends_at));
    const body = (live) => html`
      <p><span class=${`tag campaign-${live.state}`}>${t(`campaign.${live.state}`)}</span> ${!state.up && html`<span class="quiet">${t("link.down")}</span>`} ${live.why && html`<span class="campaign-wrong" id="campaign-live-why">${inWords(live.why)}</span>`}</p>
      <dl class="figures follow campaign-figures">
        ${figure("pending", live.pending, people({ state: "pending", listed: true }))}${figure("done", `${live.done} / ${live.contacts}`, people({ state: "done", listed: true }))}${figure("penetration", percent(live.penetration), people({ tried: true }))}
        ${figure("ringing", live.ringing, calls("ringing"))}${figure("talking", live.talking, calls("talking"))}${figure("attempts", live.attempts, calls("dialled"))}${figure("answered", live.answered, calls("answered"))}
        ${live.abandoned.of > 0 && figure("abandoned", percent(live.abandoned.share), calls("abandoned"))}
        ${figure("speed", live.speed == null ? "—" : Math.round(live.speed), calls("lately"))}${figure("ends", ends(live))}
      </dl>
      <h3>${t("campaigns.live.results")}</h3>
      ${Object.keys(live.results).length ? html`<table class="grid full" id="campaign-live-results"><tbody>${Object.entries(live.results).map(([name, count]) => html`<tr key=${name}><td class="report-value">${term("result", name)}</td><td class="num mono">${behind(count, people({ state: "done", listed: true, result: name }))}</td><td class="mono">${percent(count / live.done)}</td>
        <td class="campaign-bars"><span class="report-bar"><span class="report-bar-fill" style=${{ width: `${(100 * count / live.done).toFixed(1)}%` }}></span></span></td></tr>`)}</tbody></table>`
        : html`<p class="empty">${t("campaigns.live.empty")}</p>`}`;
    return () => html`<div class="campaign-board campaign-report">${state.live ? body(state.live) : html`<p class="boot">…</p>`}</div>`;
  },
};
