// What was said: each word can be clicked to play from it, and the word being spoken is marked.
import { ElInput, html, model, onMounted, onBeforeUnmount, reactive, ref, watch } from "../lib.js";
import { t, term } from "../i18n.js";
import { length } from "../format.js";

/** The index of the last word that has begun at `at`, by bisection; -1 before the first. */
function spoken(words, at) {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (words[middle].start_s <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

export const Transcript = {
  props: { transcript: Object, at: Number },
  emits: ["jump"],
  setup(props, { emit }) {
    const place = ref(null);
    const state = reactive({ find: "" });
    // Words in the order of their start: sides may speak at once, so segments' words are sorted over all.
    const words = props.transcript.segments
      .flatMap((segment, at) => segment.words.map((word, index) => ({ key: `${at}.${index}`, start_s: word.start_s, end_s: word.end_s })))
      .sort((a, b) => a.start_s - b.start_s);
    let marked = null;

    // The mark is moved in the document itself: rendering thousands of words anew many times a second would be slow.
    function mark(at) {
      const index = spoken(words, at + 0.02);
      const word = words[index];
      const on = word && at <= word.end_s + 0.25 ? place.value?.querySelector(`[data-word="${word.key}"]`) : null;
      if (on === marked) return;
      marked?.classList.remove("now");
      on?.classList.add("now");
      marked = on;
      if (on) follow(on);
    }
    function follow(element) {
      const box = place.value.getBoundingClientRect();
      const word = element.getBoundingClientRect();
      if (word.top < box.top + 8 || word.bottom > box.bottom - 40) {
        place.value.scrollTop += word.top - box.top - box.height / 3;
      }
    }
    function onKey(event) {
      const word = event.target.closest("[data-word]");
      if (!word) return;
      if (event.key === "Enter") emit("jump", Number(word.dataset.start));
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const every = [...place.value.querySelectorAll("[data-word]")];
      every[every.indexOf(word) + step]?.focus();
    }
    const onClick = (event) => {
      const word = event.target.closest("[data-word]");
      if (!word) return;
      if (event.detail > 0) word.blur(); // a mouse: the arrows go on to move through the recording
      emit("jump", Number(word.dataset.start));
    };
    onMounted(() => mark(props.at));
    onBeforeUnmount(() => { marked = null; });
    watch(() => props.at, mark);

    return () => {
      const wanted = state.find.trim();
      const first = `${props.transcript.segments.findIndex((segment) => segment.words.length)}.0`;
      return html`<div class="said">
        <${ElInput} size="small" clearable placeholder=${t("transcript.search")} aria-label=${t("transcript.search")} ...${model(state, "find")} />
        <div class="segments" ref=${place} onClick=${onClick} onKeydown=${onKey}>
          ${props.transcript.segments.map((segment, at) => html`<p key=${at} class=${`segment ${segment.speaker} ${wanted && !segment.text.includes(wanted) ? "faint" : ""}`}>
            <span class="who"><b>${term("speaker", segment.speaker)}</b><span class="mono quiet">${length(segment.start_s)}</span></span>
            <span class="words">${segment.words.map((word, index) => {
              const key = `${at}.${index}`;
              return html`<span key=${key} class=${wanted && word.text.includes(wanted) ? "hit" : ""} data-word=${key} data-start=${word.start_s} role="button"
                tabindex=${key === first ? 0 : -1} title=${length(word.start_s)}>${word.text}</span>`;
            })}</span>
          </p>`)}
        </div>
      </div>`;
    };
  },
};
