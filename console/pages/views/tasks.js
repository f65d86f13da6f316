// What somebody must look after: open tasks with the call behind each and who has taken it, and those that are done.
import { ElButton, ElDialog, ElInput, ElMessage, ElOption, ElRadioButton, ElRadioGroup, ElSelect, html, model, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { act, rowButton } from "../act.js";
import { agentName, get, post, put, queueTitle, session, surveyTitle } from "../api.js";
import { said, t, term } from "../i18n.js";
import { phone, shortMoment } from "../format.js";
import { onEvent } from "../live.js";

const PAGE = 100;

export const TasksView = {
  setup() {
    const state = reactive({ shown: "open", items: null, open: 0, fault: "", closing: null, note: "", giving: null, to: "", busy: false });
    const above = () => ["supervisor", "admin"].includes(session.who?.role);
    const own = () => session.who?.agent || session.who?.name;
    const mayTake = (task) => session.who?.role !== "viewer" && task.owner !== own() && (above() || !task.owner);
    const mayClose = (task) => above() || (session.who?.role === "agent" && task.owner === own());
    const asked = () => (state.shown === "mine" ? "state=open&mine=true" : `state=${state.shown}`);
    async function load() {
      try {
        const page = await get(`/tasks?${asked()}&limit=${PAGE}`);
        Object.assign(state, { items: page.items, open: page.open, fault: "" });
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    const give = async (task, owner, done) => {
      await act(state, async () => {
        await put(`/tasks/${encodeURIComponent(task.id)}/owner`, { owner });
        ElMessage.success(t(done));
        Object.assign(state, { giving: null, to: "" });
      });
      load();
    };
    async function close() {
      const task = state.closing;
      try {
        await post(`/tasks/${encodeURIComponent(task.id)}/close`, { note: state.note.trim() });
        ElMessage.success(t("task.closed"));
        Object.assign(state, { closing: null, note: "" });
      } catch (problem) {
        ElMessage.error(problem.message);
      }
      load();
    }
    const deaf = onEvent((event) => { if (event.kind === "gap" || /^task\./.test(event.name)) load(); });
    onMounted(load);
    onBeforeUnmount(deaf);
    watch(() => state.shown, load);

    const row = (task) => html`<tr key=${task.id}>
      <td><strong>${term("task", task.kind)}</strong> ${task.survey && html`<span class="quiet">${surveyTitle(task.survey)}</span> `}${task.detail_zh ? html`<p class="quiet detail">${said({ zh: task.detail_zh, en: task.detail_en })}</p>` : html`<span class="mono">${task.detail}</span>`}</td>
      <td class="mono"><a href=${`#/call/${encodeURIComponent(task.call_id)}`}>${phone(task.number)}</a></td>
      <td>${queueTitle(task.queue)}</td><td>${agentName(task.agent)}</td><td>${task.owner ? agentName(task.owner) : html`<span class="quiet">${t("task.free")}</span>`}</td>
      <td class="mono">${shortMoment(task.opened_at)}</td>
      ${state.shown === "closed"
        ? html`<td class="mono">${shortMoment(task.closed_at)}</td><td>${task.closed_by}</td><td>${task.note}</td>`
        : html`<td>${mayTake(task) && rowButton("take", task.id, t("task.take"), () => give(task, own(), "task.taken"), state.busy)}
          ${above() && rowButton("give", task.id, t("task.give"), () => { state.giving = task; }, state.busy)}
          ${task.owner && (above() || task.owner === own()) && rowButton("back", task.id, t("task.back"), () => give(task, "", "task.free"), state.busy)}
          ${mayClose(task) && rowButton("close", task.id, t("task.close"), () => { state.closing = task; })}</td>`}
    </tr>`;
    const heads = () => ["task", "number", "queue", "agent", "task.owner", "task.opened", ...(state.shown === "closed" ? ["task.done", "task.by", "task.note"] : [""])];
    return () => html`<section class="card grow tasks">
      <h2>${t("tasks")} <span class="quiet">${t("task.count", state.open)}</span>
        <span class="push"><${ElRadioGroup} ...${model(state, "shown")}>
          <${ElRadioButton} value="open">${t("task.open")}<//>${session.who?.role !== "viewer" && html`<${ElRadioButton} value="mine">${t("task.mine")}<//>`}<${ElRadioButton} value="closed">${t("task.done")}<//><//></span></h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.items && (state.items.length ? html`<div class="scroll"><table class="grid full" id="tasks">
        <thead><tr>${heads().map((name) => html`<th key=${name}>${name && t(name)}</th>`)}</tr></thead>
        <tbody>${state.items.map(row)}</tbody></table></div>` : html`<p class="empty">${t(`empty.tasks.${state.shown}`)}</p>`)}
      <${ElDialog} modelValue=${state.closing !== null} onClose=${() => { state.closing = null; }} title=${t("task.close")} width="440px">
        <div class="choices"><p>${t("task.ask")}</p>
          <${ElInput} id="task-note" type="textarea" maxlength="500" ...${model(state, "note")} />
          <${ElButton} id="task-confirm" type="primary" disabled=${!state.note.trim()} onClick=${close}>${t("confirm")}<//></div>
      <//>
      <${ElDialog} modelValue=${state.giving !== null} onClose=${() => { state.giving = null; }} title=${t("task.give")} width="440px">
        <div class="choices"><${ElSelect} id="task-to" filterable aria-label=${t("task.owner")} ...${model(state, "to")}>
            ${(session.directory?.agents ?? []).map((one) => html`<${ElOption} key=${one.id} value=${one.id} label=${agentName(one.id)} />`)}<//>
          <${ElButton} id="task-give" type="primary" disabled=${!state.to || state.busy} onClick=${() => give(state.giving, state.to, "task.given")}>${t("confirm")}<//></div>
      <//>
    </section>`;
  },
};
