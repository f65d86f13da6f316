// The live connection: keeps `live.board` as the server pushes it, connects again by itself, and resumes where it was.
import { reactive, shallowRef } from "./lib.js";
import { get, session } from "./api.js";

export const live = reactive({ up: false, offset: 0, tick: 0 });
export const board = shallowRef(null);
const listeners = new Set();
let socket = null;
let last = null;
let tries = 0;
let timer = 0;
let stopped = true;

setInterval(() => { live.tick += 1; }, 1000);

/** The server's time now, in epoch seconds; reading it in a render function makes that render again each second. */
export function serverNow() {
  return live.tick >= 0 ? Date.now() / 1000 + live.offset : 0;
}

/** Hear each event of the log from now on; the returned function ends that. */
export function onEvent(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function take(message) {
  if (message.kind === "board") {
    live.offset = message.at - Date.now() / 1000;
    board.value = message;
    last ??= message.seq;
  } else if (message.kind === "event") {
    last = message.seq;
    for (const listener of listeners) listener(message);
  } else if (message.kind === "gap") {
    last = null;
    for (const listener of listeners) listener(message);
  }
}

function open() {
  const url = new URL("/api/v1/events?board=1", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  if (last !== null) url.searchParams.set("after", last);
  const mine = new WebSocket(url);
  socket = mine;
  mine.onopen = () => { live.up = true; tries = 0; };
  mine.onmessage = (event) => take(JSON.parse(event.data));
  mine.onclose = async () => {
    if (socket !== mine || stopped) return;
    live.up = false;
    // Asks who we are: an ended session shows the sign-in page instead of trying for ever.
    try { await get("/session"); } catch { /* the server is away, or we are signed out: session.who tells */ }
    if (!session.who || stopped) return;
    tries += 1;
    timer = setTimeout(open, Math.min(15000, 500 * 2 ** tries) * (0.7 + Math.random() * 0.6));
  };
}

export function start() {
  if (!stopped) return;
  stopped = false;
  tries = 0;
  open();
}

export function stop() {
  stopped = true;
  clearTimeout(timer);
  live.up = false;
  last = null;
  board.value = null;
  socket?.close();
  socket = null;
}
