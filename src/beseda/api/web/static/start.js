// The start page: finding a room as one types, and the counts as they change.
import { call, connect, on } from "./connection.js";
import { folded } from "./complete.js";
import { _ } from "./texts.js";
import { showLetters } from "./page.js";

const list = document.getElementById("rooms");
const find = /** @type {HTMLInputElement | null} */ (document.getElementById("find"));
const none = document.getElementById("none-found");
const isSignedIn = document.getElementById("nav-user") !== null;

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

if (find && rows().length) {
  find.hidden = false;
  find.closest("search")?.classList.add("ready");
  find.addEventListener("input", filter);
}

/** How many are in a room now; the words around the number stay. @param {any} room */
function update(room) {
  const row = list?.querySelector(`[data-room="${Number(room.id)}"] > div`);
  if (!row) return;
  const told = row.firstChild;
  if (told) told.textContent = (told.textContent ?? "").replace(/[^·]*$/, ` ${_("people: {n}", { n: room.people })}`);
  const people = row.querySelectorAll(":scope > span");
  for (let place = people.length; place < room.people; place += 1) row.append(document.createElement("span"));
  for (let place = room.people; place < people.length; place += 1) people[place].remove();
}

/** What is unread in a room that the member is in. @param {any} mark */
function setMark(mark) {
  const heading = list?.querySelector(`[data-room="${Number(mark.room)}"] h4`);
  if (!heading) return;
  heading.querySelector(".badge")?.remove();
  if (!mark.unread) return;
  const badge = document.createElement("b");
  badge.className = mark.mentions ? "badge mention" : "badge";
  badge.textContent = mark.mentions ? `@ ${mark.mentions}` : String(mark.unread);
  heading.append(" ", badge);
}

if (isSignedIn) {
  on("hello", async () => {
    const [own, now] = await Promise.all([call("own", { watch: true }), call("rooms", { watch: true })]);
    now.rooms.forEach(update);
    own.marks.forEach(setMark);
    showLetters(own.counts.letters);
  });
  on("changes", (changes) => changes.rooms.forEach(update));
  on("mark", setMark);
  on("counts", (counts) => "letters" in counts && showLetters(counts.letters));
  connect();
}
