// Whom a campaign wants called next, on the agent's page: he reads, dials (Enter) or skips; the time for it runs down.
// By hand there is no limit, and a button for the next one (N). While phones ring it stays, to be read, until the form is there.
import { html, nextTick, onBeforeUnmount, onMounted, reactive } from "../lib.js";
import { act } from "../act.js";
import { get, post } from "../api.js";
import { t, term } from "../i18n.js";
import { length, phone } from "../format.js";
import { onEvent, serverNow } from "../live.js";
import { personRecords } from "./desk_records.js";
import { scriptOf } from "./script.js";

const REASONS = ["wrong_time", "called_lately", "not_suited", "other"];
const EVENTS = ["preview.shown", "preview.over", "agent.state", "talk.started"];

export const PreviewCard = {
  props: ["agent"],
  setup(props) {
    const state = reactive({ shown: null, records: null, skipping: false, busy: false });
    const base = () => `/agents/${encodeURIComponent(props.agent)}/preview`;

    async function load() {
      const shown = await get(base());
      if (shown?.attempt === state.shown?.attempt) {
        if (shown) Object.assign(state, { shown, skipping: state.skipping && !shown.calling });
        return;
      }
      Object.assign(state, { shown, records: null, skipping: false });
      if (!shown) return;
      const records = await get(`/campaigns/${encodeURIComponent(shown.campaign)}/contacts/${shown.contact}/records`);
      if (state.shown?.attempt === shown.attempt) state.records = records;
    }
    async function decide(path, body) {
      await act(state, () => post(`${base()}/${path}`, { attempt: state.shown.attempt, ...body }));
      state.skipping = false;
      load();
    }
    const dial = () => decide("dial", {});
    const skip = (reason) => decide("skip", { reason });
    const next = () => skip(t("preview.next"));
    async function openSkip() {
      state.skipping = true;
      await nextTick();
      document.querySelector("#preview-reasons .choice")?.focus();
    }
    function onKey(event) {
      if (!state.shown || state.shown.calling || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target.closest?.("input, textarea, select, button, a, .el-overlay")) return;
      const work = { Enter: dial, s: openSkip, n: state.shown.manual ? next : null, Escape: () => { state.skipping = false; } }[event.key];
      if (!work) return;
      event.preventDefault();
      work();
    }
    const deaf = onEvent((event) => {
      if (event.kind === "gap" || (EVENTS.includes(event.name) && event.data?.agent === props.agent)) load();
    });
    onMounted(() => { load(); document.addEventListener("keydown", onKey); });
    onBeforeUnmount(() => { deaf(); document.removeEventListener("keydown", onKey); });

    return () => {
      const { shown } = state;
      if (!shown) return null;
      const left = Math.max(0, shown.until - serverNow());
      const share = Math.min(100, (100 * left) / Math.max(1, shown.until - shown.shown_at));
      const rows = Object.entries(shown.fields).filter(([, value]) => value);
      return html`<section class="card preview-card" id="preview">
        <h2>${t(shown.calling ? "preview.calling" : "preview.title", shown.campaign)} ${shown.calling ? false : shown.manual ? html`<span class="push quiet" id="preview-manual">${t("preview.manual")}</span>` : html`<span class="push mono" role="timer" id="preview-left">${length(left)}</span>`}</h2>
        ${!shown.manual && !shown.calling && html`<div class="desk-bar" aria-hidden="true"><span style=${{ width: `${share}%` }}></span></div>`}
        <p class="desk-number mono" id="preview-number">${phone(shown.number)} <span id="preview-name">${shown.name}</span></p>
        <p class="quiet" id="preview-tries">${shown.tries.length ? t("preview.tries", shown.tries.length, shown.tries.map((one) => term("result", one)).join("、")) : t("preview.first")}</p>
        ${rows.length > 0 && html`<dl class="facts contact-fields">${rows.map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`}
        ${scriptOf(shown)}
        <div class="scroll">${personRecords(state.records)}</div>
        ${!shown.calling && html`<div class="desk-buttons">
          <button class="desk-button primary" id="preview-dial" disabled=${state.busy} aria-keyshortcuts="Enter" onClick=${dial}><kbd>Enter</kbd> ${t("preview.dial")}</button>
          ${shown.manual && html`<button class="desk-button" id="preview-next" disabled=${state.busy} aria-keyshortcuts="N" onClick=${next}><kbd>N</kbd> ${t("preview.next")}</button>`}
          <button class="desk-button" id="preview-skip" disabled=${state.busy} aria-keyshortcuts="S" onClick=${openSkip}><kbd>S</kbd> ${t("preview.skip")}</button>
        </div>`}
        ${state.skipping && html`<div class="choices" id="preview-reasons"><p>${t("preview.why")}</p>
          ${REASONS.map((reason) => html`<button class="choice" key=${reason} data-reason=${reason} disabled=${state.busy} onClick=${() => skip(t(`preview.why.${reason}`))}>${t(`preview.why.${reason}`)}</button>`)}</div>`}
      </section>`;
    };
  },
};
