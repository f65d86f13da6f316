// "Do not call me again": on the page of a call, for agents and supervisors, with a question before it is done.
import { ElButton, ElDialog, ElInput, ElMessage, html, model, reactive } from "../lib.js";
import { post, session } from "../api.js";
import { act } from "../act.js";
import { t } from "../i18n.js";

export const Refuse = {
  props: { call: String },
  setup(props) {
    const state = reactive({ asking: false, note: "", busy: false });
    const refuse = () => act(state, async () => {
      await post("/calling/refusals", { call_id: props.call, note: state.note.trim() });
      ElMessage.success(t("calling.refused"));
      state.asking = false;
    });
    return () => session.who?.role !== "viewer" && html`<span>
      <${ElButton} id="refuse" type="danger" plain onClick=${() => { state.asking = true; }}>${t("calling.refuse")}<//>
      <${ElDialog} modelValue=${state.asking} onClose=${() => { state.asking = false; }} title=${t("calling.refuse")} width="440px">
        <div class="choices"><p>${t("calling.refuse.ask")}</p>
          <${ElInput} id="refuse-note" maxlength="500" placeholder=${t("calling.note")} ...${model(state, "note")} />
          <${ElButton} id="refuse-confirm" type="danger" disabled=${state.busy} onClick=${refuse}>${t("confirm")}<//></div>
      <//></span>`;
  },
};
