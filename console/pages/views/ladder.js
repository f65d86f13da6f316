// The ladder of a call: its SIP messages as arrows between the parties, from the trace. Nothing where the trace was off.
import { html, onMounted, reactive, watch } from "../lib.js";
import { get } from "../api.js";
import { t } from "../i18n.js";
import { clock } from "../format.js";

const US = "line400";
const LANE = 180;
const ROW = 30;
const HEAD = 34;
const TIME = 92;

/** Parties from left to right: whoever came first, with ourselves in the middle of two. */
function lanesOf(rungs) {
  const others = [...new Set(rungs.flatMap((rung) => [rung.source, rung.target]))].filter((name) => name !== US);
  return [...others.slice(0, 1), US, ...others.slice(1)];
}

const kindOf = (text) => (/^[2]\d\d /.test(text) ? "good" : /^[3-6]\d\d /.test(text) ? "bad" : /^1\d\d /.test(text) ? "quiet" : "plain");

export const Ladder = {
  props: ["call"],
  setup(props) {
    const state = reactive({ rungs: [], chosen: 0 });
    async function load() {
      try {
        state.rungs = await get(`/calls/${encodeURIComponent(props.call)}/ladder`);
      } catch {
        state.rungs = []; // a call that is not there is told by the page
      }
    }
    onMounted(load);
    watch(() => props.call, load);

    const arrow = (rung, index, lanes) => {
      const x = (name) => TIME + LANE * lanes.indexOf(name) + LANE / 2;
      const [from, to] = [x(rung.source), x(rung.target)];
      const y = HEAD + ROW * index + ROW / 2 + 6;
      const tip = to > from ? -7 : 7;
      return html`<g key=${rung.serial} class=${`rung ${kindOf(rung.text)} ${state.chosen === rung.serial ? "chosen" : ""}`} tabindex="0" role="button"
        onClick=${() => { state.chosen = state.chosen === rung.serial ? 0 : rung.serial; }} onKeydown=${(event) => { if (event.key === "Enter") state.chosen = rung.serial; }}>
        <rect x="0" y=${y - ROW / 2 - 4} width=${TIME + LANE * lanes.length} height=${ROW} class="hit" />
        <text x="4" y=${y} class="at">${clock(rung.at)}</text>
        <line x1=${from} y1=${y} x2=${to} y2=${y} />
        <path d=${`M ${to} ${y} l ${tip} -4 v 8 z`} />
        <text x=${(from + to) / 2} y=${y - 5} text-anchor="middle">${rung.text}${rung.sdp ? " · SDP" : ""}</text>
      </g>`;
    };

    return () => {
      if (!state.rungs.length) return null;
      const lanes = lanesOf(state.rungs);
      const height = HEAD + ROW * state.rungs.length + 12;
      const width = TIME + LANE * lanes.length;
      const chosen = state.rungs.find((rung) => rung.serial === state.chosen);
      return html`<section class="card ladder"><h2>${t("ladder")}</h2><div class="scroll">
        <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${t("ladder")}>
          ${lanes.map((name, index) => html`<g key=${name} class="lane"><text x=${TIME + LANE * index + LANE / 2} y="16" text-anchor="middle">${name === US ? t("ladder.us") : name}</text>
            <line x1=${TIME + LANE * index + LANE / 2} y1="24" x2=${TIME + LANE * index + LANE / 2} y2=${height - 4} /></g>`)}
          ${state.rungs.map((rung, index) => arrow(rung, index, lanes))}
        </svg></div>
        ${chosen && html`<pre class="message">${chosen.message}</pre>`}
      </section>`;
    };
  },
};
