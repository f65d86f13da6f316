// Somebody else has kept a version of the survey meanwhile: what he has written beside what stands here, and the ways on from it.
import { ElButton, html, onMounted, reactive, watch } from "../lib.js";
import { get } from "../api.js";
import { t } from "../i18n.js";
import { moment } from "../format.js";
import { compared } from "./survey_compare.js";
import { labelOf, wordsOf } from "./survey_items.js";

/** `newest` is the version that holds, `nodes` what stands here, written on version `after`. */
export const SurveyOvertaken = {
  props: { path: String, newest: Object, nodes: Array, after: Number, busy: Boolean, right: Boolean },
  emits: ["keep", "copy", "discard"],
  setup(props, { emit }) {
    const state = reactive({ theirs: null, fault: "" });
    async function load() {
      const { number } = props.newest;
      try {
        const { nodes } = await get(`${props.path}?number=${number}`);
        if (number === props.newest.number) Object.assign(state, { theirs: nodes, fault: "" });
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    onMounted(load);
    watch(() => props.newest.number, load);
    const whole = (node) => (node ? html`<span class="tag">${t(`surveys.kind.${node.kind}`)}</span> ${wordsOf(node)}` : html`<span class="quiet">${t("surveys.compare.none")}</span>`);
    const item = ({ name, one, other, lines }) => [
      html`<tr key=${name} class="survey-differs"><th scope="row" colspan=${lines ? 3 : 1}>${labelOf(other ? props.nodes : state.theirs, other ?? one)}</th>${!lines && [html`<td key="theirs">${whole(one)}</td>`, html`<td key="mine">${whole(other)}</td>`]}</tr>`,
      ...(lines ?? []).map(([what, theirs, mine]) => html`<tr key=${`${name} ${what}`}><td class="quiet">${what}</td><td>${theirs || "—"}</td><td>${mine || "—"}</td></tr>`),
    ];
    function table() {
      const { items, moved } = compared(state.theirs, props.nodes);
      if (!items.length && !moved) return html`<p id="survey-same">${t("surveys.compare.same")}</p>`;
      return html`<div class="scroll survey-compare"><table class="grid full" id="survey-compare"><thead><tr><th>${t("surveys.compare.item")}</th><th>${t("surveys.version", props.newest.number)} · ${props.newest.by}</th><th>${t("surveys.compare.mine")}</th></tr></thead>
        <tbody>${items.map(item)}${moved && html`<tr key="moved"><td colspan="3">${t("surveys.compare.moved")}</td></tr>`}</tbody></table></div>`;
    }
    return () => html`<div class="notice" id="survey-overtaken" role="alert">
      <p><strong>${t("surveys.overtaken", props.newest.by, moment(props.newest.at), props.newest.number, props.after)}</strong></p>
      ${state.fault ? html`<p class="fault">${state.fault}</p>` : state.theirs && table()}
      <p><${ElButton} size="small" type="primary" id="survey-keep-mine" disabled=${props.busy || !props.right} onClick=${() => emit("keep")}>${t("surveys.keep_mine", props.newest.number + 1)}<//>
        <${ElButton} size="small" id="survey-copy-mine" disabled=${props.busy} onClick=${() => emit("copy")}>${t("surveys.copy_mine")}<//>
        <${ElButton} size="small" id="survey-take-theirs" disabled=${props.busy} onClick=${() => emit("discard")}>${t("surveys.take_theirs", props.newest.number)}<//>
        <span class="quiet survey-hint">${t("surveys.keep_mine.hint", props.newest.number)}</span></p></div>`;
  },
};
