// Calling hours as rows of days and times; a line that is written in another way is shown as it is.
import { html } from "../lib.js";
import { t, term } from "../i18n.js";

const LINE = /^\s*(daily|[a-z]{3}(?:-[a-z]{3})?)\s+([^\s,-]*)-([^\s,-]*)\s*$/i; // a time may be missing while it is typed
const DAYS = ["mon-sun", "mon-fri", "mon-sat", "sat-sun", "mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MORE = "mon-sun 09:00-12:00";

/** Of a line its days and times; null where it has another form. */
function parts(line) {
  const found = LINE.exec(line);
  if (!found) return null;
  const days = found[1].toLowerCase().replace("daily", "mon-sun");
  return DAYS.includes(days) ? { days, from: found[2], to: found[3] } : null;
}

/** A line as people say it. */
export function hoursWords(line) {
  const found = parts(line);
  return found ? `${term("campaigns.days", found.days)} ${found.from}–${found.to}` : line;
}

/** Rows for `lines`; `changed` is told all of them anew. */
export function hoursRows(id, lines, changed, disabled) {
  const put = (at, line) => changed(lines.map((each, place) => (place === at ? line : each)));
  const text = (at, kind, value, taken) => html`<input key=${kind} id=${`${id}-${kind}-${at}`} class="campaign-time mono" value=${value} disabled=${disabled} placeholder="09:00" aria-label=${t(`campaigns.hours.${kind}`)} onChange=${(event) => taken(event.target.value.trim().replace("：", ":"))} />`;
  const row = (line, at) => {
    const found = parts(line);
    const told = (fresh) => put(at, `${fresh.days} ${fresh.from}-${fresh.to}`);
    return html`<div class="campaign-hours" key=${at}>
      ${found ? [
        html`<select key="days" id=${`${id}-days-${at}`} disabled=${disabled} aria-label=${t("campaigns.hours.days")} onChange=${(event) => told({ ...found, days: event.target.value })}>
          ${DAYS.map((days) => html`<option key=${days} value=${days} selected=${days === found.days}>${term("campaigns.days", days)}</option>`)}</select>`,
        text(at, "from", found.from, (from) => told({ ...found, from })), html`<span key="dash">${t("campaigns.hours.until")}</span>`,
        text(at, "to", found.to, (to) => told({ ...found, to })),
      ] : html`<input id=${`${id}-line-${at}`} class="mono" value=${line} disabled=${disabled} aria-label=${t("campaigns.hours.line")} onChange=${(event) => put(at, event.target.value)} />`}
      <button type="button" class="plain" id=${`${id}-remove-${at}`} disabled=${disabled || lines.length < 2} onClick=${() => changed(lines.filter((_, place) => place !== at))}>${t("campaigns.hours.remove")}</button>
    </div>`;
  };
  return html`<div id=${id} role="group" tabindex="-1" aria-labelledby=${`${id}-title`}>${lines.map(row)}
    <button type="button" class="plain" id=${`${id}-add`} disabled=${disabled} onClick=${() => changed([...lines, MORE])}>${t("campaigns.hours.add")}</button></div>`;
}
