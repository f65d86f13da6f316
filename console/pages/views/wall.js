// The board for a screen on the wall: large numbers by queue, alarms, the time. Nobody signs in: `#/wall?key=…`, with
// `&queues=sales,service` for some only, `&per=4` so many at a time, `&seconds=15` until the next.
import { html, onBeforeUnmount, onMounted, reactive } from "../lib.js";
import { sentence } from "../alarm.js";
import { length, percent } from "../format.js";
import { language } from "../i18n.js";
import { route } from "../route.js";
import { WORDS } from "../words.js";

const QUIET_MS = 12_000; // the server says something every 5 seconds
const MOST_ALARMS = 3;

/** Two languages, the reader's own first and large. */
function label(key) {
  const [zh, en] = WORDS[key];
  const [first, second] = language.value === "en" ? [en, zh] : [zh, en];
  return html`<span class="wall-label">${first} <small>${second}</small></span>`;
}

/** Keeps `state.board` as the server sends it, and tries for ever. */
function connection(state) {
  let socket = null;
  let timer = 0;
  let tries = 0;
  let stopped = false;

  async function opened() {
    const { key } = route.query;
    if (!key) return true;
    const body = JSON.stringify({ key });
    const answer = await fetch("/api/v1/wall/open", { method: "POST", headers: { "Content-Type": "application/json" }, body });
    return answer.status !== 401;
  }
  function again() {
    state.up = false;
    socket = null;
    clearTimeout(timer);
    tries += 1;
    if (!stopped) timer = setTimeout(connect, Math.min(15_000, 500 * 2 ** Math.min(tries, 5)) * (0.7 + Math.random() * 0.6));
  }
  async function connect() {
    try {
      state.refused = !(await opened());
    } catch { /* the server is away: so will the socket be */ }
    if (stopped) return;
    if (state.refused) {
      again();
      return;
    }
    const url = new URL("/api/v1/events?wall=1", location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const mine = new WebSocket(url);
    socket = mine;
    mine.onmessage = ({ data }) => {
      if (socket !== mine) return;
      const board = JSON.parse(data);
      tries = 0;
      Object.assign(state, { board, up: true, heard: Date.now(), offset: board.at - Date.now() / 1000 });
    };
    mine.onclose = () => {
      if (socket !== mine) return;
      state.closed = !route.query.key && !state.board;
      again();
    };
  }
  const watch = setInterval(() => {
    state.tick += 1;
    if (!state.up || Date.now() - state.heard <= QUIET_MS) return;
    const silent = socket; // cut without a word: do not wait for the system to notice
    again();
    silent?.close();
  }, 1000);
  connect();
  return () => {
    stopped = true;
    clearInterval(watch);
    clearTimeout(timer);
    const last = socket;
    socket = null;
    last?.close();
  };
}

/** The queues that are asked for, and those of them whose turn it is. */
function shown(board, tick) {
  const wanted = (route.query.queues ?? "").split(",").filter(Boolean);
  const queues = wanted.length ? board.queues.filter((queue) => wanted.includes(queue.id)) : board.queues;
  const per = Math.min(12, Math.max(1, Number(route.query.per) || 6));
  const seconds = Math.max(3, Number(route.query.seconds) || 10);
  const pages = Math.max(1, Math.ceil(queues.length / per));
  const page = Math.floor(tick / seconds) % pages;
  return { queues: queues.slice(page * per, (page + 1) * per), page, pages };
}

function card(queue, board, now) {
  const { figures } = queue;
  const waited = queue.since === null ? null : now - queue.since;
  const late = waited !== null && waited > board.late_wait_s;
  const level = late || (queue.waiting && !queue.free) ? "bad" : queue.waiting ? "some" : "calm";
  const low = figures.answer_rate != null && figures.answer_rate < board.answer_rate_target;
  return html`<section key=${queue.id} class=${`wall-card ${level}`} data-wall=${queue.id}>
    <h2>${queue.title}</h2>
    <div class="wall-now">
      <div class="wall-waiting"><b>${queue.waiting}</b>${label("wall.waiting")}</div>
      <div class=${`wall-longest ${late ? "bad" : ""}`}><b>${waited === null ? "–" : length(waited)}</b>${label("wall.longest")}</div>
    </div>
    <div class="wall-agents">
      <div class=${queue.free ? "good" : "bad"}><b>${queue.free}</b>${label("wall.free")}</div>
      <div><b>${queue.talking}</b>${label("wall.talking")}</div>
      <div><b>${queue.paused + queue.wrap_up}</b>${label("wall.paused")}</div>
    </div>
    <div class="wall-day">
      <div class=${low ? "bad" : "good"}><b>${percent(figures.answer_rate, 0)}</b>${label("wall.answer_rate")}</div>
      <div><b>${percent(figures.service_level_b, 0)}</b>${label("wall.level")}</div>
      <div><b>${figures.offered ?? 0}</b>${label("wall.offered")}</div>
    </div>
  </section>`;
}

function message(state) {
  if (state.refused) return label("wall.refused");
  return label(state.closed ? "wall.needs_key" : "wall.opening");
}

export const WallView = {
  setup() {
    const state = reactive({ board: null, up: false, refused: false, closed: false, heard: 0, offset: 0, tick: 0 });
    let end = () => {};
    onMounted(() => { end = connection(state); });
    onBeforeUnmount(() => end());
    const wall = (at, options, zone) => new Intl.DateTimeFormat(language.value === "en" ? "en-GB" : "zh-CN", { timeZone: zone, hourCycle: "h23", ...options }).format(at * 1000);
    const time = { hour: "2-digit", minute: "2-digit", second: "2-digit" };
    return () => {
      const { board, up, offset, tick } = state;
      if (!board) return html`<div class="wall"><p class="wall-message" role="status">${message(state)}</p></div>`;
      const now = Date.now() / 1000 + offset;
      const { queues, page, pages } = shown(board, tick);
      const title = (id) => board.queues.find((queue) => queue.id === id)?.title || id;
      const { total } = board;
      const low = total.figures.answer_rate != null && total.figures.answer_rate < board.answer_rate_target;
      return html`<div class=${`wall ${up ? "" : "old"}`} data-tick=${tick}>
        <header>
          <div class="wall-total"><b id="wall-waiting">${total.waiting}</b>${label("wall.waiting")}</div>
          <div class="wall-total"><b class=${total.free ? "good" : "bad"}>${total.free}</b>${label("wall.free")}</div>
          <div class="wall-total"><b class=${low ? "bad" : "good"} id="wall-rate">${percent(total.figures.answer_rate)}</b>${label("wall.answer_rate")}</div>
          <div class="wall-total"><b>${percent(total.figures.service_level_b)}</b>${label("wall.level")}</div>
          <div class="wall-total"><b>${total.figures.abandoned ?? 0}</b>${label("wall.abandoned")}</div>
          <div class="wall-clock"><b>${wall(now, time, board.zone)}</b><span>${wall(now, { month: "long", day: "numeric", weekday: "long" }, board.zone)}</span></div>
        </header>
        ${!up && html`<p class="wall-old" role="alert" id="wall-old">${label("wall.old")} ${wall(board.at, time, board.zone)}</p>`}
        ${board.alarms.slice(0, MOST_ALARMS).map((one) => html`<p class="wall-alarm" role="alert" key=${`${one.alarm} ${one.subject}`}>${sentence(one, board.at, title, now)}</p>`)}
        ${board.alarms.length > MOST_ALARMS && html`<p class="wall-alarm">+ ${board.alarms.length - MOST_ALARMS}</p>`}
        <main class=${`wall-grid of-${Math.min(queues.length, 6)}`}>${queues.map((queue) => card(queue, board, now))}</main>
        ${pages > 1 && html`<footer aria-hidden="true">${Array.from({ length: pages }, (_, place) => html`<i key=${place} class=${place === page ? "here" : ""}></i>`)}</footer>`}
      </div>`;
    };
  },
};
