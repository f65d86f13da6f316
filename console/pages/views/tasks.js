// What somebody must look after: open tasks with the call behind each, and those that are done.
import { ElButton, ElDialog, ElInput, ElMessage, ElRadioButton, ElRadioGroup, html, model, onBeforeUnmount, onMounted, reactive, watch } from "../lib.js";
import { agentName, get, post, queueTitle, session } from "../api.js";
import { t, term } from "../i18n.js";
import { phone, shortMoment } from "../format.js";
import { onEvent } from "../live.js";

const PAGE = 100;

export const TasksView = {
  setup() {
    const state = reactive({ shown: "open", items: null, open: 0, fault: "", closing: null, note: "" });
    const mayClose = () => ["supervisor", "admin"].includes(session.who?.role);
    async function load() {
      try {
        const page = await get(`/tasks?state=${state.shown}&limit=${PAGE}`);
        Object.assign(state, { items: page.items, open: page.open, fault: "" });
      } catch (problem) {
        state.fault = problem.message;
      }
    }
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
      <td><strong>${term("task", task.kind)}</strong> <span class="mono">${task.detail}</span></td>
      <td class="mono"><a href=${`#/call/${encodeURIComponent(task.call_id)}`}>${phone(task.number)}</a></td>
      <td>${queueTitle(task.queue)}</td><td>${agentName(task.agent)}</td>
      <td class="mono">${shortMoment(task.opened_at)}</td>
      ${state.shown === "closed"
        ? html`<td class="mono">${shortMoment(task.closed_at)}</td><td>${task.closed_by}</td><td>${task.note}</td>`
        : html`<td>${mayClose() && html`<button class="plain" onClick=${() => { state.closing = task; }}>${t("task.close")}</button>`}</td>`}
    </tr>`;
    const heads = () => ["task", "number", "queue", "agent", "task.opened", ...(state.shown === "closed" ? ["task.done", "task.by", "task.note"] : [""])];
    return () => html`<section class="card grow tasks">
      <h2>${t("tasks")} <span class="quiet">${t("task.count", state.open)}</span>
        <span class="push"><${ElRadioGroup} ...${model(state, "shown")}>
          <${ElRadioButton} value="open">${t("task.open")}<//><${ElRadioButton} value="closed">${t("task.done")}<//><//></span></h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.items && (state.items.length ? html`<div class="scroll"><table class="grid full" id="tasks">
        <thead><tr>${heads().map((name) => html`<th key=${name}>${name && t(name)}</th>`)}</tr></thead>
        <tbody>${state.items.map(row)}</tbody></table></div>` : html`<p class="empty">${t(`empty.tasks.${state.shown}`)}</p>`)}
      <${ElDialog} modelValue=${state.closing !== null} onClose=${() => { state.closing = null; }} title=${t("task.close")} width="440px">
        <div class="choices"><p>${t("task.ask")}</p>
          <${ElInput} id="task-note" type="textarea" maxlength="500" ...${model(state, "note")} />
          <${ElButton} id="task-confirm" type="primary" disabled=${!state.note.trim()} onClick=${close}>${t("confirm")}<//></div>
      <//>
    </section>`;
  },
};
