// Moments in the reader's own time zone and way.
import { _, language } from "./texts.js";

const clockFormat = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" });
const dayFormat = new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" });
const briefFormat = new Intl.DateTimeFormat(language, { day: "numeric", month: "numeric" });
const fullFormat = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });

/** `20:01`. @param {number} ms */
export function clock(ms) {
  return clockFormat.format(ms);
}

/** What two lines of one day have in common. @param {number} ms */
export function dayKey(ms) {
  return new Date(ms).toDateString();
}

/** `Thursday 26 November`, or today and yesterday in words. @param {number} ms */
export function day(ms) {
  const key = dayKey(ms);
  if (key === dayKey(Date.now())) return _("Today");
  if (key === dayKey(Date.now() - 86_400_000)) return _("Yesterday");
  return dayFormat.format(ms);
}

/** The time of something of today, else the day. @param {number} ms */
export function brief(ms) {
  return dayKey(ms) === dayKey(Date.now()) ? clockFormat.format(ms) : briefFormat.format(ms);
}

/** Day and time. @param {number} ms */
export function full(ms) {
  return fullFormat.format(ms);
}

/** Every `time` of the page that the server wrote, in the reader's time zone. */
export function localise() {
  for (const element of document.querySelectorAll("time[datetime]")) {
    const at = Date.parse(element.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at)) element.textContent = full(at);
  }
}
