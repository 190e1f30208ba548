// Who reads, and what the page knows beside its rooms: the list, what is unread, when somebody last stirred.
import { call } from "./connection.js";
import { signal } from "./html.js";

/** @template T @typedef {import("./html.js").Signal<T>} Signal */

const AWAKE_EVERY_MS = 60_000;
const app = /** @type {HTMLElement} */ (document.getElementById("app"));
export const me = {
  id: Number(app.dataset.own),
  nick: app.dataset.nick ?? "",
  registered: app.dataset.registered === "1",
};

/** All rooms of the list, by id. @type {Signal<Map<number, any>>} */
export const rooms = signal(new Map());
export const counts = signal({ letters: 0, notices: 0 });
/** @type {Signal<Set<number>>} */
export const favourites = signal(new Set());
/** The room that is shown. */
export const current = signal(Number(app.dataset.room));

/** When somebody last typed, scrolled or clicked here. */
export const active = { at: Date.now(), told: Date.now() };

/** The server hears of it once a minute at most: an open page alone is not presence of mind. */
export function stirred() {
  active.at = Date.now();
  if (active.at - active.told < AWAKE_EVERY_MS) return;
  active.told = active.at;
  call("awake").catch(() => {});
}

const ownNick = new RegExp(
  `(^|[^\\p{L}\\p{N}])${me.nick.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}($|[^\\p{L}\\p{N}])`,
  "iu",
);

/** Whether a line is something to read that somebody else wrote. @param {import("./talk.js").Line} line */
export function isNews(line) {
  return (line.kind === "text" || line.kind === "whisper") && line.actor?.id !== me.id && !line.deleted;
}

/** Whether a line is for the member: whispered, or with the nick in it.
 * @param {import("./talk.js").Line} line */
export function mentions(line) {
  if (line.actor?.id === me.id) return false;
  return line.kind === "whisper" || (line.kind === "text" && ownNick.test(line.text ?? ""));
}
