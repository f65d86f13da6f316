// What all reports share: the tabs between them, the choice of days, and downloads.
import { ElDatePicker, html, model } from "../lib.js";
import { query } from "../api.js";
import { t } from "../i18n.js";
import { dayOf, hourMinute } from "../format.js";
import { serverNow } from "../live.js";
import { isSupervisor } from "./supervise.js";

const DAY = 86400;
const SHORTCUTS = [["quick_today", 0, 0], ["quick_yesterday", 1, 1], ["quick_week", 6, 0], ["quick_month", 29, 0]];

export const today = () => dayOf(serverNow());

/** The API's from and to of the days from the first to the last. */
export function spanOf([first, last]) {
  const after = new Date(new Date(`${last}T00:00:00Z`).getTime() + DAY * 1000);
  return { from: first, to: after.toISOString().slice(0, 10) };
}

/** A choice of days into `asked.days`. */
export function dayChoice(asked) {
  const choose = (back, until) => {
    const now = serverNow();
    asked.days = [dayOf(now - back * DAY), dayOf(now - until * DAY)];
  };
  return [
    html`<${ElDatePicker} class="w-range" type="daterange" valueFormat="YYYY-MM-DD" clearable=${false} startPlaceholder=${t("from")} endPlaceholder=${t("to")} ...${model(asked, "days")} />`,
    SHORTCUTS.map(([name, back, until]) => html`<button class="plain" key=${name} onClick=${() => choose(back, until)}>${t(name)}</button>`),
  ];
}

/** A bucket's time in a table; `several`: of more days than one. */
export function bucketTime(bucket, row, several) {
  if (bucket === "day") return dayOf(row.start_at);
  if (bucket === "week" || bucket === "month") return `${dayOf(row.start_at).slice(2)} – ${dayOf(row.end_at - 1).slice(5)}`;
  return `${several ? `${dayOf(row.start_at).slice(5)} ` : ""}${hourMinute(row.start_at)}–${hourMinute(row.end_at)}`;
}

export const reportTabs = (here) => html`<nav class="tabs" aria-label=${t("reports")}>
  ${[["", "report.queues"], ["agents", "report.agents"], ["abandoned", "report.abandoned"], ["closed", "report.closed"], ["inbound", "report.inbound"], ...(isSupervisor() ? [["weekly", "weekly"]] : [])].map(([id, name]) =>
    html`<a key=${name} href=${`#/reports${id ? `/${id}` : ""}`} class=${here === id ? "here" : ""} aria-current=${here === id ? "page" : null}>${t(name)}</a>`)}
</nav>`;

export const downloads = (name, asked) => html`<span class="push downloads"><a href=${`/api/v1/reports/${name}.csv${query(asked)}`} download>CSV</a><a href=${`/api/v1/reports/${name}.xlsx${query(asked)}`} download>XLSX</a></span>`;
