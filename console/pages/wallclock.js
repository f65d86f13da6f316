// What people type as a day and a time, read by the clock on the wall of the centre, wherever the browser is.
const WALL = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?)?$/;
const DAY_MS = 86_400_000;

/** How far the wall of `zone` is ahead of UTC at `at` (ms): what it shows then, read as if it were UTC, less `at`. */
function aheadMs(zone, at) {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone, calendar: "gregory", hourCycle: "h23",
    year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  const is = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(is.year, is.month - 1, is.day, is.hour, is.minute, is.second) - at;
}

/**
 * The moment (epoch seconds) of "2026-11-24", its first one, or "2026-11-24T10:00" on the wall of `zone`; null of other
 * text. Where clocks change it is as Python's `zoneinfo` has it: of an hour that comes twice the first one, and a time
 * that is left out is counted by the clock from before.
 */
export function momentOn(zone, text) {
  const parts = WALL.exec(text)?.slice(1).map((part) => Number(part ?? 0));
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts;
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const before = aheadMs(zone, wall - DAY_MS);
  const found = [before, aheadMs(zone, wall + DAY_MS)].map((ahead) => wall - ahead).filter((at) => at + aheadMs(zone, at) === wall);
  return Math.min(...(found.length ? found : [wall - before])) / 1000;
}
