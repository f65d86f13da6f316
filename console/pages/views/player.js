// The recording as a waveform, one line for each side. The waveform comes ready-made, before a sample is loaded; what was
// not recorded is marked on it.
import { ElOption, ElSelect, html, model, nonce, onBeforeUnmount, onMounted, reactive, ref } from "../lib.js";
import { get } from "../api.js";
import { t, term } from "../i18n.js";
import { length } from "../format.js";
import WaveSurfer from "../vendor/wavesurfer.js";

const COLOURS = {
  caller: ["#e3b98d", "#b8640f"],
  customer: ["#e3b98d", "#b8640f"],
  agent: ["#9dbfe8", "#1f5fbf"],
  system: ["#c5ccd6", "#66758a"],
};
const SPEEDS = [0.75, 1, 1.25, 1.5, 2];

export const Player = {
  props: { address: String, peaks: String, speakers: Array, gaps: { type: Array, default: () => [] } },
  emits: ["time", "ready"],
  setup(props, { emit }) {
    const place = ref(null);
    const state = reactive({ playing: false, at: 0, length: 0, speed: 1, fault: "" });
    let wave = null;
    const toggle = () => wave?.playPause().catch((error) => { state.fault = String(error.message ?? error); });
    const skip = (by) => wave?.skip(by);
    const seek = (at) => {
      if (!wave) return;
      wave.setTime(at);
      wave.play().catch(() => {}); // a browser that forbids play without a gesture still has jumped
    };
    let gone = false;
    onMounted(async () => {
      // Without the waveform the page loads all of the recording and draws it itself.
      const drawn = await get(props.peaks).catch(() => null);
      if (gone) return;
      wave = WaveSurfer.create({
        container: place.value,
        url: props.address,
        ...(drawn?.channels[0]?.length ? { peaks: drawn.channels, duration: drawn.duration_s } : {}),
        cspNonce: nonce,
        height: 54,
        barWidth: 2,
        barGap: 1,
        barRadius: 1,
        cursorColor: "#1c2733",
        normalize: true,
        splitChannels: props.speakers.map((speaker) => {
          const [waveColor, progressColor] = COLOURS[speaker] ?? COLOURS.system;
          return { waveColor, progressColor };
        }),
      });
      wave.on("ready", (whole) => { state.length = whole; });
      wave.on("play", () => { state.playing = true; });
      wave.on("pause", () => { state.playing = false; });
      wave.on("timeupdate", (at) => { state.at = at; emit("time", at); });
      wave.on("error", (error) => { state.fault = String(error?.message ?? error); });
      emit("ready", { seek, toggle, skip });
    });
    onBeforeUnmount(() => { gone = true; emit("ready", { seek: () => {}, toggle: () => {}, skip: () => {} }); wave?.destroy(); });
    return () => html`<div class="player">
      <div class="sides">
        <div class="names">${props.speakers.map((speaker) => html`<span class=${`speaker ${speaker}`}>${term("speaker", speaker)}</span>`)}</div>
        <div class="marked"><div class="wave" id="waveform" ref=${place}></div>
          ${state.length ? props.gaps.map((gap) => html`<span class=${`gap ${gap.why}`} key=${gap.start_s} title=${`${term("gap", gap.why)} ${length(gap.start_s)}–${length(gap.end_s)}`}
            style=${{ left: `${(100 * gap.start_s) / state.length}%`, width: `${(100 * (Math.min(gap.end_s, state.length) - gap.start_s)) / state.length}%` }}></span>`) : null}
        </div>
      </div>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      <div class="controls">
        <button class="round" id="play" aria-label=${t(state.playing ? "pause" : "play")} title=${`${t(state.playing ? "pause" : "play")} (Space)`} onClick=${toggle}><span class=${state.playing ? "icon-pause" : "icon-play"} aria-hidden="true"></span></button>
        <button class="plain" title=${`${t("back5")} (←)`} aria-label=${t("back5")} onClick=${() => skip(-5)}>−5</button>
        <button class="plain" title=${`${t("on5")} (→)`} aria-label=${t("on5")} onClick=${() => skip(5)}>+5</button>
        <span class="mono clock"><b id="position" data-seconds=${state.at.toFixed(3)}>${length(state.at)}</b> / ${length(state.length)}</span>
        <${ElSelect} class="w-speed" size="small" aria-label=${t("speed")} ...${model(state, "speed", (speed) => wave?.setPlaybackRate(speed, true))}>
          ${SPEEDS.map((speed) => html`<${ElOption} key=${speed} value=${speed} label=${`${speed}×`} />`)}
        <//>
        <a class="push" href=${`${props.address}&download=1`} download>${t("download.wav")}</a>
      </div>
    </div>`;
  },
};
