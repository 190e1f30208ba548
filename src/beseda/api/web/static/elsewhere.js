// On pages that show no room: whoever is in rooms stays there, and sees in the left column what is new in each.
import { badge } from "./badge.js";
import { Refused, call, on } from "./connection.js";
import { computed, html, icon, render, signal } from "./html.js";
import { mentions, isNews, stirred } from "./state.js";
import { _ } from "./texts.js";

/** @typedef {{room: number, name: string, read: number, unread: number, mentions: number}} Mark */

/** The rooms that the member is in, by id. @type {import("./html.js").Signal<Map<number, Mark>>} */
export const marks = signal(new Map());
/** Lines that mean the member, in all of them. */
export const forMe = computed(() => [...marks.value.values()].reduce((sum, mark) => sum + mark.mentions, 0));

/** After each hello: follow the rooms that `own` told of. @param {any[]} told @param {{id: number, name: string}[]} [list] */
export async function stay(told, list) {
  const rooms = list ?? (told.length ? (await call("rooms")).rooms : []);
  const names = new Map(rooms.map((/** @type {any} */ room) => [room.id, room.name]));
  marks.value = new Map(told.map((mark) => [mark.room, { ...mark, name: names.get(mark.room) ?? "" }]));
  for (const { room } of told) call("follow", { room }).catch(refused);
}

/** @param {unknown} error */
function refused(error) {
  if (!(error instanceof Refused)) throw error;
}

/** @param {number} room @param {(mark: Mark) => Partial<Mark>} change */
function change(room, change) {
  const mark = marks.peek().get(room);
  if (mark) marks.value = new Map(marks.peek()).set(room, { ...mark, ...change(mark) });
}

on("line", (line) => {
  if (!isNews(line)) return;
  change(line.room, (mark) => ({ unread: mark.unread + 1, mentions: mark.mentions + (mentions(line) ? 1 : 0) }));
});
on("mark", (told) => change(told.room, () => told));
on("unfollowed", ({ room }) => {
  const left = new Map(marks.peek());
  left.delete(room);
  marks.value = left;
});
for (const event of ["keydown", "pointerdown"]) addEventListener(event, stirred, { passive: true });

function Rooms() {
  if (!marks.value.size) return null;
  return html`<ul class="my-rooms" aria-label=${_("Rooms that I am in")}>
    ${[...marks.value.values()].map(
      (mark) => html`<li key=${mark.room}>
        <a href=${`/${encodeURIComponent(mark.name)}`}>${icon("hash")}<span>${mark.name}</span>${badge(mark.unread, mark.mentions)}</a>
      </li>`,
    )}
  </ul>`;
}

const place = document.getElementById("my-rooms");
if (place) render(html`<${Rooms} />`, place);
