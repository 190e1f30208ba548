// The rooms that the member is in: entering, leaving, going from one to another, and resuming all of them.
import { LOST, Refused, call, on, status } from "./connection.js";
import { batch, signal } from "./html.js";
import { first } from "./first.js";
import { active, counts, current, favourites, me, rooms } from "./state.js";
import { Talk } from "./talk.js";

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
/** By id. @type {import("./html.js").Signal<Map<number, Talk>>} */
export const talks = signal(new Map());
/** For how long one may be silent. */
export const idle = { ms: 3_600_000 };

const shown = talkOf(current.peek(), app.dataset.name ?? "");
if (first) {
  rooms.value = new Map([[first.room.id, first.room]]);
  shown.seed(first);
}

/** @param {number} id @param {string} name */
export function talkOf(id, name) {
  const known = talks.peek().get(id);
  if (known) return known;
  const talk = new Talk(id, name);
  talks.value = new Map([...talks.peek(), [id, talk]]);
  return talk;
}

/** After the hello: what waits, the list, and every room from where it is up to. */
async function begin() {
  const [own, list] = await Promise.all([call("own", { watch: true }), call("rooms", { watch: true })]);
  batch(() => {
    counts.value = own.counts;
    favourites.value = new Set(list.favourites ?? []);
    rooms.value = new Map(list.rooms.map((/** @type {any} */ room) => [room.id, room]));
    list.rooms.forEach(rename);
    for (const mark of own.marks) talkOf(mark.room, rooms.peek().get(mark.room)?.name ?? "").setMark(mark);
  });
  const inside = new Set(own.marks.map((/** @type {any} */ mark) => mark.room));
  const now = talks.peek().get(current.peek());
  for (const talk of [now, ...talks.peek().values()]) if (talk) await resume(talk, inside.has(talk.id));
}

/** Back into a room. Who was not here when he was taken out is asked first. @param {Talk} talk @param {boolean} inside */
async function resume(talk, inside) {
  if (talk.out.peek()) return;
  if (!inside && Date.now() - active.at >= idle.ms) {
    talk.out.value = { why: "idle" };
    return;
  }
  await enter(talk, { inside });
}

/** Go in, or in again. @param {Talk} talk @param {{inside?: boolean, password?: string}} [how] */
export async function enter(talk, { inside = false, password = "" } = {}) {
  try {
    if (!inside) {
      const { room } = await call("enter", talk.name ? { name: talk.name, password } : { room: talk.id, password });
      if (room !== talk.id) talk = replaced(talk, room);
    }
    await talk.open();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (error.error.code === "not_in_room" && inside) return enter(talk);
    if (error.error.code !== LOST) talk.out.value = out(error.error);
  }
}

/** A temporary room that was opened anew is another one. @param {Talk} talk @param {number} id */
function replaced(talk, id) {
  const next = new Talk(id, talk.name);
  next.outbox.items.value = talk.outbox.items.peek();
  next.draft = talk.draft;
  const left = new Map(talks.peek());
  left.delete(talk.id);
  batch(() => {
    talks.value = left.set(id, next);
    if (current.peek() === talk.id) current.value = id;
  });
  return next;
}

/** @param {import("./connection.js").Refusal} error @returns {import("./talk.js").Out} */
function out(error) {
  const { code, reason, lock, retry_after_s: seconds = 0 } = error;
  if (code === "kicked_out") return { why: "kicked", reason, until: Date.now() + seconds * 1000 };
  if (code === "room_locked") return { why: "locked", lock, asks: error.password_opens };
  if (code === "room_password_wrong") return { why: "locked", asks: true, wrong: true };
  return { why: "refused", error };
}

/** A room may be given another name while one is in it. @param {{id: number, name: string}} room */
function rename({ id, name }) {
  const talk = talks.peek().get(id);
  if (!talk || talk.name === name) return;
  talk.name = name;
  talks.value = new Map(talks.peek());
  if (id === current.peek()) history.replaceState({ room: id }, "", `/${encodeURIComponent(name)}`);
}

/** The room of a name, which is opened if there is none. Raises Refused. @param {string} called */
export async function find(called) {
  const name = plain(called);
  const known = [...rooms.peek().values()].find((room) => plain(room.name).toLowerCase() === name.toLowerCase());
  return known ?? { id: (await call("enter", { name })).room, name };
}

/** As names are kept. @param {string} name */
function plain(name) {
  return name.normalize("NFC").trim().replace(/\s+/gu, " ");
}

/** Show a room, and be in it. @param {number} id @param {string} name */
export function go(id, name) {
  const talk = talkOf(id, name);
  current.value = id;
  if (!talk.loaded.peek() && status.peek().state === "open") enter(talk);
  if (talk.atEnd) talk.markRead();
}

/** Leave a room; the next one is shown, or the start page. @param {Talk} talk */
export async function leave(talk) {
  if (!talk.out.peek()) await call("leave", { room: talk.id }).catch(() => {});
  const left = new Map(talks.peek());
  left.delete(talk.id);
  const [next] = left.values();
  if (!next) {
    location.assign("/");
    return;
  }
  if (current.peek() === talk.id) go(next.id, next.name);
  talks.value = left;
}

on("hello", (hello) => {
  if (hello.idle_timeout_s) idle.ms = hello.idle_timeout_s * 1000;
  begin().catch((error) => {
    if (!(error instanceof Refused)) throw error;
  });
});
on("line", (line) => talks.peek().get(line.room)?.add(line));
on("unfollowed", ({ room }) => {
  const talk = talks.peek().get(room);
  if (talk && !talk.out.peek()) talk.out.value = { why: Date.now() - active.at >= idle.ms ? "idle" : "gone" };
});
on("counts", (told) => {
  counts.value = { ...counts.peek(), ...told };
});
on("mark", (mark) => talks.peek().get(mark.room)?.setMark(mark));
on("changes", ({ rooms: changed, gone }) => {
  const next = new Map(rooms.peek());
  for (const room of changed) next.set(room.id, room);
  for (const id of gone) next.delete(id);
  batch(() => {
    rooms.value = next;
    changed.forEach(rename);
  });
});

export { me };
