// Moments in the reader's own time zone and way.
import { _, language } from "./texts.js";

/** A way of writing moments, made when it is wanted first: each takes a browser longer than the drawing of a page of lines.
 * @param {Intl.DateTimeFormatOptions} options @returns {(ms: number) => string} */
function format(options) {
  /** @type {Intl.DateTimeFormat | undefined} */
  let made;
  return (ms) => (made ??= new Intl.DateTimeFormat(language, options)).format(ms);
}

/** `20:01`. */
export const clock = format({ hour: "2-digit", minute: "2-digit" });
/** Day and time. */
export const full = format({ dateStyle: "long", timeStyle: "short" });
const longDay = format({ weekday: "long", day: "numeric", month: "long" });
const briefDay = format({ day: "numeric", month: "numeric" });

/** What two lines of one day have in common. @param {number} ms */
export function dayKey(ms) {
  return new Date(ms).toDateString();
}

/** `Thursday 26 November`, or today and yesterday in words. @param {number} ms */
export function day(ms) {
  const key = dayKey(ms);
  if (key === dayKey(Date.now())) return _("Today");
  if (key === dayKey(Date.now() - 86_400_000)) return _("Yesterday");
  return longDay(ms);
}

/** The time of something of today, else the day. @param {number} ms */
export function brief(ms) {
  return dayKey(ms) === dayKey(Date.now()) ? clock(ms) : briefDay(ms);
}

/** Every `time` of the page that the server wrote, in the reader's time zone; but for lines, which scripts draw anew. */
export function localise() {
  for (const element of document.querySelectorAll("time[datetime]:not(#lines *)")) {
    const at = Date.parse(element.getAttribute("datetime") ?? "");
    if (!Number.isNaN(at)) element.textContent = full(at);
  }
}

/** The server writes the next page's times in the reader's zone. */
export function tellZone() {
  const told = `beseda_zone=${new Intl.DateTimeFormat().resolvedOptions().timeZone}`;
  if (!document.cookie.split("; ").includes(told)) document.cookie = `${told}; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
}

/** Whoever points at a moment sees the whole of it. @param {Event} event */
function tellWhole({ target }) {
  const element = /** @type {HTMLElement} */ (target);
  if (element.localName === "time" && !element.title) element.title = full(Date.parse(element.getAttribute("datetime") ?? ""));
}

document.addEventListener("pointerover", tellWhole, { passive: true });
