// Looking for words in the room that is shown, or in all rooms that one is in; and going to the line.
import { Refused, call } from "./connection.js";
import { folded } from "./complete.js";
import { drawer } from "./drawer.js";
import { html, icon, signal, useLayoutEffect, useRef, useSignal } from "./html.js";
import { hue } from "./line.js";
import { rove } from "./people.js";
import { rooms } from "./state.js";
import { go, talkOf } from "./store.js";
import { _, refusal } from "./texts.js";
import { brief } from "./times.js";

/** @typedef {import("./talk.js").Line} Line */

const SEEK_AFTER_MS = 500;
const FOUND = 30;

/** Whether the search stands in place of the people. */
export const searching = signal(false);

export function toggleSearch() {
  searching.value = !searching.peek();
  drawer.value = searching.peek() ? "people-open" : "";
  if (!searching.peek()) /** @type {HTMLElement | null} */ (document.querySelector(".search-button"))?.focus();
}

/** The text with what was searched for marked. @param {string} text @param {string} sought */
export function marked(text, sought) {
  const wanted = folded(sought).match(/[\p{L}\p{N}]+/gu) ?? [];
  return text.split(/([\p{L}\p{M}\p{N}]+)/u).map((part, place) => {
    const word = place % 2 ? folded(part) : "";
    return word && wanted.some((each, last) => (last === wanted.length - 1 ? word.startsWith(each) : word === each))
      ? html`<mark>${part}</mark>`
      : part;
  });
}

/** @param {{line: Line, sought: string, everywhere: boolean}} props */
function Hit({ line, sought, everywhere }) {
  const name = rooms.value.get(line.room)?.name ?? "";
  const open = async () => {
    drawer.value = "";
    const talk = talkOf(line.room, name);
    go(line.room, name);
    await talk.jump(line.seq).catch(() => {});
  };
  return html`<li>
    <button type="button" class="hit" onClick=${open}>
      <span class="hit-head"><b class=${line.actor ? `nick ${hue(line.actor)}` : "nick"}><bdi>${line.actor?.nick}</bdi></b>
        <time datetime=${new Date(line.at).toISOString()}>${brief(line.at)}</time></span>
      ${everywhere && html`<small>${name}</small>`}
      <bdi class="hit-text" dir="auto">${marked(line.text ?? "", sought)}</bdi>
    </button>
  </li>`;
}

/** @param {{talk: import("./talk.js").Talk}} props */
export function Search({ talk }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  const timer = useRef(0);
  const lines = useSignal(/** @type {Line[] | null} */ (null));
  const more = useSignal(0);
  const sought = useSignal("");
  const everywhere = useSignal(false);
  const problem = useSignal("");
  useLayoutEffect(() => field.current?.focus(), []);

  /** @param {number} [before] */
  const seek = async (before = 0) => {
    const text = field.current?.value.trim() ?? "";
    sought.value = text;
    problem.value = "";
    if (!text) {
      lines.value = null;
      return;
    }
    try {
      const where = everywhere.peek() ? {} : before ? { room: talk.id, before } : { room: talk.id };
      const answer = await call("search", { text, limit: FOUND, ...where });
      if (text !== sought.peek()) return;
      lines.value = [...(before ? (lines.peek() ?? []) : []), ...answer.lines];
      more.value = answer.more && !everywhere.peek() ? answer.before : 0;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      lines.value = [];
      if (error.error.code !== "message_empty") problem.value = refusal(error.error);
    }
  };
  useLayoutEffect(() => {
    seek();
  }, [talk.id]);
  const typed = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(seek, SEEK_AFTER_MS);
  };
  return html`<aside class="people-column search-column" id="people-column" aria-label=${_("Search")}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Escape" && toggleSearch()}>
    <header class="search-head">
      <label class="visually-hidden" for="seek">${_("Search")}</label>
      <input id="seek" ref=${field} type="search" maxlength="200" autocomplete="off" placeholder=${_("Search")} onInput=${typed} />
      <button type="button" class="quiet icon-only" aria-label=${_("Close")} onClick=${toggleSearch}>${icon("x")}</button>
    </header>
    <label class="inline"><input type="checkbox" checked=${everywhere.value} onChange=${(/** @type {any} */ event) => {
      everywhere.value = event.target.checked;
      seek();
    }} /> ${_("in all rooms that I am in")}</label>
    ${problem.value && html`<p class="refused" role="alert">${problem.value}</p>`}
    ${!problem.value && lines.value && !lines.value.length && html`<p class="empty" role="status">${_("Nothing was found.")}</p>`}
    <ul class="hits" onKeyDown=${rove}>
      ${lines.value?.map((line) => html`<${Hit} key=${`${line.room} ${line.seq}`} line=${line} sought=${sought.value} everywhere=${everywhere.value} />`)}
      ${more.value > 0 && html`<li class="older"><button type="button" class="quiet" onClick=${() => seek(more.peek())}>${_("Show more")}</button></li>`}
    </ul>
  </aside>`;
}
