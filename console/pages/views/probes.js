// Test calls to our own number: a calendar of a month, each run a mark that opens the call; and one right now.
import { ElButton, ElMessage, ElTooltip, html, onBeforeUnmount, onMounted, reactive } from "../lib.js";
import { agentName, get, post, query, queueTitle, session } from "../api.js";
import { t, term } from "../i18n.js";
import { dayOf, hourMinute, moment, seconds } from "../format.js";
import { onEvent, serverNow } from "../live.js";

const DAY_MS = 86_400_000;
const LEVEL = { answered: "ok", gave_up: "down", cut_off: "down", no_answer: "down", busy: "down", refused: "degraded", strayed: "degraded", failed: "degraded", interrupted: "off", "": "off" };

/** The days of `month` ("2026-11"), with empty places before the first so that weeks begin on Monday. */
function daysOf(month) {
  const first = new Date(`${month}-01T00:00:00Z`);
  const blank = (first.getUTCDay() + 6) % 7;
  const days = [];
  for (let day = first; day.getUTCMonth() === first.getUTCMonth(); day = new Date(day.getTime() + DAY_MS)) days.push(day.toISOString().slice(0, 10));
  return [...Array(blank).fill(""), ...days];
}

function shifted(month, by) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

const story = (run) => [
  `${moment(run.started_at)} ${run.probe}: ${run.result ? term("probe", run.result) : t("probe.under_way")}`,
  run.ring_s != null && `${t("probe.ring")} ${seconds(run.ring_s)}`,
  run.menu_s != null && `${t("probe.menu")} ${seconds(run.menu_s)}`,
  run.wait_s != null && `${t("probe.wait")} ${seconds(run.wait_s)}${run.queue ? ` (${queueTitle(run.queue)})` : ""}`,
  run.agent && `${t("agent")} ${agentName(run.agent)}`,
].filter(Boolean).join(" · ");

export const Probes = {
  setup() {
    const state = reactive({ month: dayOf(serverNow()).slice(0, 7), view: null, fault: "" });
    const period = () => ({ from: `${state.month}-01`, to: `${shifted(state.month, 1)}-01` });
    async function load() {
      try {
        state.view = await get(`/probes${query(period())}`);
        state.fault = "";
      } catch (problem) {
        state.fault = problem.message;
      }
    }
    async function run(name) {
      try {
        await post(`/probes/${encodeURIComponent(name)}/run`, {});
        ElMessage.success(t("probe.begun"));
      } catch (problem) {
        ElMessage.error(problem.message);
      }
    }
    function turn(by) {
      state.month = shifted(state.month, by);
      load();
    }
    const deaf = onEvent((event) => { if (event.kind === "gap" || /^probe\./.test(event.name)) load(); });
    onMounted(load);
    onBeforeUnmount(deaf);

    const mark = (one) => html`<${ElTooltip} key=${one.id} content=${story(one)} placement="top">
      <a class=${`probe-run ${LEVEL[one.result] ?? "off"}`} href=${`#/call/${encodeURIComponent(one.inbound || one.call_id)}`} aria-label=${story(one)}>${hourMinute(one.started_at)}</a><//>`;
    const day = (date, index) => html`<div key=${date || index} class=${`probe-day ${date ? "" : "blank"}`}>
      ${date && html`<span class="quiet mono">${Number(date.slice(8))}</span>`}
      ${date && state.view.runs.filter((one) => dayOf(one.started_at) === date).reverse().map(mark)}</div>`;
    const answered = () => state.view.runs.filter((one) => one.result === "answered").length;
    return () => html`<section class="card probes"><h2>${t("probes")}
        <button class="plain" aria-label=${t("probe.before")} onClick=${() => turn(-1)}>‹</button><span class="mono" id="probe-month">${state.month}</span><button class="plain" aria-label=${t("probe.after")} onClick=${() => turn(1)}>›</button>
        ${state.view && state.view.runs.length > 0 && html`<span class="quiet">${t("probe.share", answered(), state.view.runs.filter((one) => one.result).length)}</span>`}
        <span class="push downloads">${["csv", "xlsx"].map((kind) => html`<a href=${`/api/v1/probes.${kind}${query(period())}`} download>${kind.toUpperCase()}</a>`)}</span></h2>
      ${state.fault && html`<p class="fault" role="alert">${state.fault}</p>`}
      ${state.view && !state.view.probes.length && !state.view.runs.length && html`<p class="empty">${t("empty.probes")}</p>`}
      ${state.view && state.view.probes.map((one) => html`<p key=${one.name} class="probe-plan"><strong>${one.name}</strong> <span class="mono">${one.number}</span>
        <span class="quiet">${t("probe.due", one.due_at == null ? "—" : moment(one.due_at))}</span>
        ${["supervisor", "admin"].includes(session.who?.role) && html`<${ElButton} size="small" data-probe=${one.name} onClick=${() => run(one.name)}>${t("probe.now")}<//>`}</p>`)}
      ${state.view && (state.view.probes.length > 0 || state.view.runs.length > 0) && html`<div class="probe-calendar">
        ${[1, 2, 3, 4, 5, 6, 7].map((weekday) => html`<div key=${`w${weekday}`} class="quiet">${t(`weekday.${weekday}`)}</div>`)}
        ${daysOf(state.month).map(day)}</div>`}
    </section>`;
  },
};
