// The frame: sign-in, navigation, language, and the view that the address names.
import { ElConfigProvider, ElDialog, ElementPlus, ElementPlusLocaleZhCn, createApp, html, onMounted, reactive, watch } from "./lib.js";
import { DialDespite } from "./views/dial.js";
import { banner, lookForAlarms } from "./alarm.js";
import { resume, session, signOut } from "./api.js";
import { language, setLanguage, t } from "./i18n.js";
import { live, start, stop } from "./live.js";
import { go, route } from "./route.js";
import { Password, SignIn } from "./views/signin.js";
import { DeskView } from "./views/desk.js";
import { LiveView } from "./views/live.js";
import "./views/message.js";
import { CallsView } from "./views/calls.js";
import { CallView } from "./views/call.js";
import { ReportsView } from "./views/reports.js";
import { StaffingView } from "./views/staffing.js";
import { AgentReportView } from "./views/agent_report.js";
import { AbandonedView } from "./views/abandoned.js";
import { ClosedView } from "./views/closed.js";
import { InboundView } from "./views/inbound.js";
import { WeeklyView } from "./views/weekly.js";
import { CampaignsView } from "./views/campaigns.js";
import { SelectionsView } from "./views/selections.js";
import { SurveysView } from "./views/surveys.js";
import { TradeinView } from "./views/tradein.js";
import { TasksView } from "./views/tasks.js";
import { SystemView } from "./views/system.js";
import { WallView } from "./views/wall.js";

const DESK = ["desk", DeskView];
const VIEWS = [
  ["live", LiveView],
  ["calls", CallsView],
  ["reports", ReportsView],
  ["staffing", StaffingView],
  ["campaigns", CampaignsView],
  ["tasks", TasksView],
  ["system", SystemView],
];
const REPORTS = { agents: AgentReportView, abandoned: AbandonedView, closed: ClosedView, inbound: InboundView, weekly: WeeklyView };
/** The pages that someone has: an agent his own desk first, a supervisor with a phone at the end. */
function views() {
  if (session.who?.role === "agent") return [DESK, ...VIEWS];
  return session.who?.agent ? [...VIEWS, DESK] : VIEWS;
}
const frame = reactive({ help: false, password: false });

function viewOf(name) {
  if (name === "call") return CallView;
  if (name === "tradein") return TradeinView;
  if (name === "selections") return SelectionsView;
  if (name === "surveys") return SurveysView;
  if (name === "reports" && Object.hasOwn(REPORTS, route.id)) return REPORTS[route.id];
  return (views().find(([id]) => id === name) ?? VIEWS[0])[1];
}

/** Where an agent begins, unless the address names a page. */
function toDesk() {
  if (session.who?.role === "agent" && session.who.agent && !location.hash) go("desk");
}

/** Who signs in next begins at his own page. */
const leave = () => signOut().finally(() => { location.hash = ""; });

/** Single keys work unless someone is typing or a dialog is open. */
function onKey(event) {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (!session.who || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const number = Number(event.key);
  if (number >= 1 && number <= views().length) go(views()[number - 1][0]);
  else if (event.key === "?") frame.help = true;
  else if (event.key === "/") {
    event.preventDefault();
    if (route.name !== "calls") go("calls");
    setTimeout(() => document.querySelector("#filter-number")?.focus(), 50);
  }
}

const SHORTCUTS = [
  [`1 – ${VIEWS.length}`, "key.views"],
  ["/", "key.search"],
  ["Space", "key.play"],
  ["← →", "key.seek"],
  ["Tab / Enter", "key.word"],
  ["A P O E F C D I Q K", "key.desk"],
  ["?", "key.help"],
];

const help = () => html`<${ElDialog} modelValue=${frame.help} onClose=${() => { frame.help = false; }} title=${t("help")} width="460px">
  <dl class="shortcuts">${SHORTCUTS.map(([key, words]) => html`<div><dt><kbd>${key}</kbd></dt><dd>${t(words)}</dd></div>`)}</dl>
<//>`;

const header = () => html`<header class="top">
  <a class="brand" href="#/live"><span class="logo" aria-hidden="true"></span>Line400 <small>${t("brand")}</small></a>
  <nav aria-label="main">${views().map(([name], index) => {
    const here = route.name === name || (name === "calls" && route.name === "call");
    return html`<a href=${`#/${name}`} class=${here ? "here" : ""} aria-current=${here ? "page" : null} title=${`${t(name)} (${index + 1})`}>${t(name)}</a>`;
  })}</nav>
  <div class="right">
    <span class=${`connection ${live.up ? "up" : "down"}`} role="status">${t(live.up ? "link.up" : "link.down")}</span>
    <button class="plain" title=${t("help")} aria-label=${t("help")} onClick=${() => { frame.help = true; }}>?</button>
    <button class="plain" id="language" onClick=${() => setLanguage(language.value === "zh" ? "en" : "zh")}>${language.value === "zh" ? "English" : "中文"}</button>
    <button class="plain" title=${t("password.change")} onClick=${() => { frame.password = true; }}>${session.who.name}</button>
    <button class="plain" id="sign-out" onClick=${leave}>${t("signin.out")}</button>
  </div>
</header>`;

const App = {
  setup() {
    onMounted(() => {
      setLanguage(language.value);
      document.addEventListener("keydown", onKey);
    });
    // A wall screen has its own key and connection: nobody is signed in there.
    watch(() => route.name === "wall", (wall) => { if (!wall && !session.checked) resume().then(toDesk).catch(() => {}); }, { immediate: true });
    watch(() => Boolean(session.who && !session.who.must_change), (signedIn) => {
      if (!signedIn) return stop();
      lookForAlarms();
      toDesk();
      return start();
    });
    watch(() => [route.name, language.value], () => { document.title = `${t(route.name === "call" ? "calls" : route.name)} · Line400`; });
    return () => {
      if (route.name === "wall") return html`<${WallView} />`;
      if (!session.checked) return html`<p class="boot">…</p>`;
      const locale = language.value === "zh" ? ElementPlusLocaleZhCn : undefined;
      let inside;
      if (!session.who) inside = html`<${SignIn} />`;
      else if (session.who.must_change) inside = html`<${Password} must=${true} />`;
      else {
        inside = html`<div class="frame">
          ${header()}
          ${banner()}
          <main id="main"><${viewOf(route.name)} key=${`${route.name} ${route.id}`} /></main>
          ${help()}
          <${DialDespite} />
          <${Password} open=${frame.password} onClose=${() => { frame.password = false; }} />
        </div>`;
      }
      return html`<${ElConfigProvider} locale=${locale}>${inside}<//>`;
    };
  },
};

createApp(App).use(ElementPlus).mount("#app");
