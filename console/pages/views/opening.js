// Which queues are closed by their hours, for the live board: clocks decide that, not events.
import { html, reactive } from "../lib.js";
import { get } from "../api.js";
import { follow } from "../follow.js";
import { t, term } from "../i18n.js";
import { shortMoment } from "../format.js";

const EVERY_MS = 20000;
const view = reactive({ rows: [], fault: "" });

/** For as long as the page is there. */
export function followHours() {
  follow(view, async () => { view.rows = await get("/queues/hours"); }, { everyMs: EVERY_MS });
}

/** That the queue is closed, or closed for a holiday, and until when; nothing where it is open. */
export function closedTag(id) {
  const queue = view.rows.find((row) => row.id === id);
  if (!queue || queue.status === "open") return null;
  const opens = queue.opens_at == null ? "" : t("queue.opens", shortMoment(queue.opens_at).slice(0, -3));
  return html` <span class="tag closed" data-closed=${id} title=${opens}>${term("queue.takes", queue.status)}${opens && ` · ${opens}`}</span>`;
}
