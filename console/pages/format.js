// How moments, lengths, shares and numbers are written. Times are shown, and what is typed is read, in the centre's zone,
// wherever the browser is.
import { language } from "./i18n.js";
import { session } from "./api.js";
import { momentOn } from "./wallclock.js";

const zone = () => session.directory?.zone ?? "Asia/Shanghai";
const formats = new Map();

function format(options) {
  const key = zone() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat("zh-CN", { timeZone: zone(), hourCycle: "h23", ...options }));
  return formats.get(key);
}

const two = { hour: "2-digit", minute: "2-digit" };
export const clock = (at) => (at == null ? "" : format({ ...two, second: "2-digit" }).format(at * 1000));
export const hourMinute = (at) => (at == null ? "" : format(two).format(at * 1000));
export const dayOf = (at) => format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(at * 1000).replaceAll("/", "-");
/** As the API and the date fields write it: the centre's wall clock. */
export const wall = (at) => `${dayOf(at)}T${clock(at)}`;
/** The moment (epoch seconds) of a field for a day, its first one, or for a day and a time; null of an empty one. */
export const typed = (text) => momentOn(zone(), text);
export const moment = (at) => (at == null ? "" : `${dayOf(at)} ${clock(at)}`);
export const shortMoment = (at) => (at == null ? "" : `${dayOf(at).slice(5)} ${clock(at)}`);

/** 75 → "1:15", 3700 → "1:01:40". */
export function length(seconds) {
  if (seconds == null || Number.isNaN(seconds)) return "";
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  if (whole >= 3600) parts.unshift(Math.floor(whole / 3600));
  return parts.map((part, index) => (index ? String(part).padStart(2, "0") : String(part))).join(":");
}

export const seconds = (value) => (value == null ? "—" : `${value.toFixed(value < 10 ? 1 : 0)} ${language.value === "en" ? "s" : "秒"}`);
/** A figure of a report, wherever it stands: "0.5 秒", "42 秒", from a minute on "1:15". */
export const figureTime = (value) => (value == null || value < 59.5 ? seconds(value) : length(value));
export const percent = (share, digits = 1) => (share == null ? "—" : `${(share * 100).toFixed(digits)}%`);

/** +8613812345678 → "138 1234 5678"; other numbers as they are. */
export function phone(number) {
  const mobile = /^\+86(1[\d*]{2})([\d*]{4})([\d*]{4})$/.exec(number);
  if (mobile) return mobile.slice(1).join(" ");
  const line = /^(400|800)(\d{3})(\d{4})$/.exec(number);
  return line ? line.slice(1).join(" ") : number || "—";
}

export function uptime(value, en) {
  const days = Math.floor(value / 86400), hours = Math.floor(value / 3600) % 24, minutes = Math.floor(value / 60) % 60;
  return en ? `${days} d ${hours} h ${minutes} min` : `${days} 天 ${hours} 小时 ${minutes} 分`;
}
