// The page of a room: the head, the talk, the people, and what has to be said when it cannot go on.
import { Connection, SignedOut, StillThere } from "./bar.js";
import { Opened, openByClick } from "./card.js";
import { Composer, send } from "./composer.js";
import { connect, status } from "./connection.js";
import { drawer, toggle } from "./drawer.js";
import { effect, html, icon, render, useSignal } from "./html.js";
import { keep } from "./first.js";
import { Info, telling } from "./info.js";
import { Lines, lookAt } from "./lines.js";
import { start as startNews, Bell } from "./notify.js";
import { People } from "./people.js";
import { Search, searching, toggleSearch } from "./search.js";
import { counts, current, rooms, stirred } from "./state.js";
import { enter, idle, leave, talks } from "./store.js";
import { _, _n, refusal } from "./texts.js";
import { full } from "./times.js";
import "./rooms.js";
import "./page.js";

/** @typedef {import("./talk.js").Talk} Talk */

/** @type {Record<string, () => string>} */
const LOCKS = {
  logged: () => _("for members only"),
  y18: () => _("from 18 years on"),
  all: () => _("locked"),
};

/** @param {{talk: Talk}} props */
function Head({ talk }) {
  const room = rooms.value.get(talk.id);
  const people = talk.people.value.size;
  const elsewhere = [...talks.value.values()].reduce((sum, each) => sum + (each === talk ? 0 : each.unread.value), counts.value.letters);
  const menu = elsewhere ? `${_("Rooms and more")}: ${_n("{n} is new", "{n} are new", elsewhere)}` : _("Rooms and more");
  return html`<header class="talk-head">
    <button type="button" class="quiet icon-only drawer-left" aria-label=${menu} aria-expanded=${drawer.value === "nav-open"} aria-controls="nav" onClick=${() => toggle("nav-open")}>${icon("menu")}${elsewhere > 0 && html`<b class="badge">${elsewhere > 99 ? "99+" : elsewhere}</b>`}</button>
    <div class="talk-title">
      <h1>${talk.name}</h1>
      ${room?.lock && html`<span class="lock" title=${LOCKS[room.lock]?.()}>${icon("lock")}<span class="visually-hidden">${LOCKS[room.lock]?.()}</span></span>`}
      <p class="topic" title=${room?.description}><bdi>${room?.description}</bdi></p>
    </div>
    <button type="button" class="quiet icon-only search-button" aria-label=${_("Search")} title=${_("Search")} aria-pressed=${searching.value} aria-controls="people-column" onClick=${toggleSearch}>${icon("search")}</button>
    <${Bell} />
    <button type="button" class="quiet icon-only" aria-label=${_("About the room")} title=${_("About the room")} aria-haspopup="dialog" onClick=${() => (telling.value = true)}>${icon("info")}</button>
    <button type="button" class="quiet icon-only leave" aria-label=${_("Leave the room")} onClick=${() => leave(talk)}>${icon("log-out")}</button>
    <button type="button" class="quiet drawer-right" aria-label=${_n("{n} person", "{n} people", people)} aria-controls="people-column" aria-expanded=${drawer.value === "people-open" && !searching.value} onClick=${() => ((searching.value = false), toggle("people-open"))}>${icon("users")}<span>${people || ""}</span></button>
  </header>`;
}

/** Why the member is not in the room, and the way back. @param {{talk: Talk}} props */
function Outside({ talk }) {
  const out = /** @type {import("./talk.js").Out} */ (talk.out.value);
  const password = useSignal("");
  /** @param {Event} event */
  const back = (event) => {
    event.preventDefault();
    stirred();
    enter(talk, { password: password.peek() });
  };
  return html`<form class="outside" role="alert" onSubmit=${back}>
    <p>${told(out)}</p>
    ${out.why === "kicked" && out.until && html`<p>${_("You may come back at {time}.", { time: full(out.until) })}</p>`}
    ${out.asks && html`<label for="room-password">${_("Password of the room")}</label>
      <input id="room-password" type="password" required maxlength="64" autocomplete="off"
        onInput=${(/** @type {any} */ event) => (password.value = event.target.value)} />`}
    <p class="actions">
      <button type="submit">${_("Come back")}</button>
      <a class="button quiet" href="/">${_("Other rooms")}</a>
    </p>
  </form>`;
}

/** @param {import("./talk.js").Out} out */
function told(out) {
  if (out.why === "kicked") return _("You were taken out of the room: {reason}", { reason: out.reason ?? "" });
  if (out.why === "idle") return _("You were away for a while, so you were taken out of the room.");
  if (out.why === "locked") {
    if (out.wrong) return _("The password of the room is not right.");
    return out.lock && LOCKS[out.lock] ? _("The room is locked: {lock}.", { lock: LOCKS[out.lock]() }) : _("The room is locked.");
  }
  if (out.error) return refusal(out.error);
  return _("You left the room in another window, or the room was closed.");
}

function App() {
  const talk = talks.value.get(current.value);
  if (!talk) return null;
  const over = status.value.state === "over";
  return html`<main id="main" class="talk-column" tabindex="-1">
      <${Head} talk=${talk} />
      <${Connection} />
      <${StillThere} idleMs=${idle.ms} />
      <${Lines} key=${`lines ${talk.id}`} talk=${talk} />
      ${over ? html`<${SignedOut} />` : talk.out.value ? html`<${Outside} talk=${talk} />` : html`<${Composer} key=${`say ${talk.id}`} talk=${talk} />`}
    </main>
    ${searching.value ? html`<${Search} talk=${talk} />` : html`<${People} key=${`people ${talk.id}`} talk=${talk} />`}
    ${telling.value && html`<${Info} talk=${talk} />`}
    <${Opened} />`;
}

/** Keys, clicks and a drawing that wait have their turn. @returns {Promise<void>} */
function pause() {
  const { scheduler } = /** @type {any} */ (window);
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve));
}

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
await pause();
const kept = keep();
const opening = talks.peek().get(current.peek());
const isSent = kept.draft.endsWith("\n"); // somebody pressed Enter, and nothing was there yet that would send
if (opening) {
  opening.draft = isSent ? "" : kept.draft;
  lookAt(opening);
}
app.replaceChildren();
render(html`<${App} />`, app);
kept.again();
if (opening && isSent) send(opening, kept.draft);
app.addEventListener("click", openByClick);
await pause();

for (const event of ["keydown", "pointerdown"]) addEventListener(event, stirred, { passive: true });
/** Seen again: what came meanwhile is read now, and what is new stays marked. */
function lookedAt() {
  const talk = talks.peek().get(current.peek());
  if (!document.hidden && talk?.atEnd) talk.markRead();
}
addEventListener("focus", lookedAt);
document.addEventListener("visibilitychange", lookedAt);
effect(() => {
  const talk = talks.value.get(current.value);
  if (talk?.loaded.value && talk.atEnd && document.hasFocus()) talk.markRead();
});

startNews();
connect();
