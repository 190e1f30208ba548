// The start page: finding a room as one types, and the list as it changes.
import { call, connect, on } from "./connection.js";
import { folded } from "./complete.js";
import { effect } from "./html.js";
import { _ } from "./texts.js";
import { showLetters } from "./page.js";

const list = document.getElementById("rooms");
const find = /** @type {HTMLInputElement | null} */ (document.getElementById("find"));
const none = document.getElementById("none-found");
const isSignedIn = document.getElementById("nav-user") !== null;
/** @type {Set<number>} */
let favourites = new Set();
/** @type {Record<string, () => string>} */
const LOCKS = {
  logged: () => _("for members only"),
  y18: () => _("from 18 years on"),
  all: () => _("locked"),
};

/** @returns {HTMLElement[]} */
function rows() {
  return list ? [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("[data-room]"))] : [];
}

function filter() {
  const wanted = folded(find?.value ?? "");
  let shown = 0;
  for (const row of rows()) {
    row.hidden = !folded(row.textContent ?? "").includes(wanted);
    shown += row.hidden ? 0 : 1;
  }
  if (none) none.hidden = shown > 0 || !rows().length;
}

find?.closest("search")?.classList.add(rows().length ? "ready" : "idle");
find?.addEventListener("input", filter);

/** @param {string} tag @param {...(string | Node)} inside */
function made(tag, ...inside) {
  const element = document.createElement(tag);
  element.append(...inside);
  return element;
}

/** What the server draws of a room in its list. @param {any} room */
function row(room) {
  const lock = room.lock && LOCKS[room.lock]?.();
  const facts = [
    favourites.has(room.id) && `★ ${_("favourite")}`, room.permanent && _("permanent"), lock, _("people: {n}", { n: room.people }),
  ];
  const link = /** @type {HTMLAnchorElement} */ (made("a", made("h4", room.name), room.description ?? ""));
  link.href = `/${encodeURIComponent(room.name)}`;
  link.querySelector("h4")?.setAttribute("aria-level", "2");
  const people = Array.from({ length: Math.min(room.people, 12) }, () => made("span"));
  const whole = made("div", link, made("div", facts.filter(Boolean).join(" · "), ...people));
  whole.className = "row";
  whole.setAttribute("role", "listitem");
  whole.dataset.room = room.id;
  return whole;
}

/** @param {Element} element */
function told(element) {
  return (element.textContent ?? "").replace(/\s+/g, " ").trim();
}

/** Where it stood, or as the first of those that nobody is in. @param {any} room */
function put(room) {
  const fresh = row(room);
  const old = list?.querySelector(`[data-room="${Number(room.id)}"]`);
  if (old) {
    if (told(old) === told(fresh)) return;
    const isHeld = old.contains(document.activeElement);
    old.replaceWith(fresh);
    if (isHeld) fresh.querySelector("a")?.focus();
  } else list?.insertBefore(fresh, rows().find((each) => !each.querySelector(":scope > div > span")) ?? null);
}

/** What is unread in a room that the member is in. @param {any} mark */
function setMark(mark) {
  const heading = list?.querySelector(`[data-room="${Number(mark.room)}"] h4`);
  if (!heading || !mark.unread) return;
  const badge = made("b", mark.mentions ? `@ ${mark.mentions}` : mark.unread > 999 ? "999+" : String(mark.unread));
  badge.className = mark.mentions ? "badge mention" : "badge";
  heading.append(" ", badge);
}

if (isSignedIn) {
  const { forMe, marks, stay } = await import("./elsewhere.js");
  const unmark = () => list?.querySelectorAll("h4 .badge").forEach((badge) => badge.remove());
  const mark = () => {
    unmark();
    marks.value.forEach(setMark);
  };
  /** @param {{rooms: any[], gone?: number[]}} changes */
  const change = ({ rooms, gone = [] }) => {
    unmark();
    rooms.forEach(put);
    for (const id of gone) list?.querySelector(`[data-room="${Number(id)}"]`)?.remove();
    mark();
    filter();
  };
  on("hello", async () => {
    const [own, now] = await Promise.all([call("own", { watch: true }), call("rooms", { watch: true })]);
    favourites = new Set(now.favourites);
    const known = new Set(now.rooms.map((/** @type {any} */ room) => room.id));
    await stay(own.marks, now.rooms);
    change({ rooms: now.rooms, gone: rows().map((each) => Number(each.dataset.room)).filter((id) => !known.has(id)) });
    showLetters(own.counts.letters);
  });
  on("changes", change);
  on("counts", (counts) => "letters" in counts && showLetters(counts.letters));
  const { title } = document;
  effect(mark);
  effect(() => {
    document.title = `${forMe.value ? `(@${forMe.value}) ` : ""}${title}`;
  });
  connect();
}
