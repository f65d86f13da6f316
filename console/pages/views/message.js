// Messages from supervisors: written in the dialog of an agent, shown on his own pages until he closes them.
import { ElButton, ElInput, ElMessage, ElNotification, html, model, reactive } from "../lib.js";
import { act } from "../act.js";
import { post, session } from "../api.js";
import { t } from "../i18n.js";
import { onEvent } from "../live.js";

const draft = reactive({ text: "", busy: false });

const send = (agent) => draft.text.trim() && act(draft, async () => {
  const { pages } = await post(`/agents/${encodeURIComponent(agent)}/message`, { text: draft.text.trim() });
  if (pages) ElMessage.success(t("message.shown"));
  else ElMessage.warning(t("message.unseen"));
  draft.text = "";
});

export const messageForm = (agent) => html`<form class="message" onSubmit=${(event) => { event.preventDefault(); send(agent); }}>
  <${ElInput} id="message-text" maxlength="300" aria-label=${t("message")} placeholder=${t("message")} ...${model(draft, "text")} />
  <${ElButton} id="message-send" nativeType="submit">${t("message.send")}<//>
</form>`;

onEvent((event) => {
  if (event.name !== "agent.message" || !session.who?.agent || event.data.agent !== session.who.agent) return;
  ElNotification({ title: t("message.from", event.data.by), message: event.data.text, type: "warning", duration: 0 });
});
