// The left column: the rooms that the member is in, with what is unread in each; and opening another.
import { badge } from "./badge.js";
import { Refused } from "./connection.js";
import { drawer } from "./drawer.js";
import { effect, html, icon, render } from "./html.js";
import { showLetters } from "./page.js";
import { rove } from "./people.js";
import { counts, current, rooms } from "./state.js";
import { find, go, leave, talks } from "./store.js";
import { _, refusal } from "./texts.js";

function Rooms() {
  const shown = current.value;
  return html`<ul class="my-rooms" aria-label=${_("Rooms that I am in")} onKeyDown=${rove}>
    ${[...talks.value.values()].map(
      (talk) => html`<li key=${talk.id}>
        <a
          href=${`/${encodeURIComponent(talk.name)}`}
          aria-current=${talk.id === shown ? "page" : undefined}
          onClick=${(/** @type {MouseEvent} */ event) => choose(event, talk)}
        >
          ${icon("hash")}<span>${talk.name || rooms.value.get(talk.id)?.name}</span>${badge(talk.unread.value, talk.mentions.value)}
        </a>
        ${talks.value.size > 1 &&
        html`<button type="button" class="close" aria-label=${_("Leave {room}", { room: talk.name })} onClick=${() => leave(talk)}>${icon("x")}</button>`}
      </li>`,
    )}
  </ul>`;
}

/** @param {MouseEvent} event @param {import("./talk.js").Talk} talk */
function choose(event, talk) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(talk);
}

/** @param {{id: number, name: string}} room */
function show({ id, name }) {
  go(id, name);
  history.pushState({ room: id }, "", `/${encodeURIComponent(name)}`);
  drawer.value = "";
}

const opening = /** @type {HTMLDetailsElement | null} */ (document.getElementById("opening"));
opening?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const field = /** @type {HTMLInputElement} */ (opening.querySelector("input"));
  const problem = /** @type {HTMLOutputElement} */ (opening.querySelector("output"));
  problem.value = "";
  try {
    show(await find(field.value));
    field.value = "";
    opening.open = false;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem.value = refusal(error.error);
  }
});

addEventListener("popstate", () => {
  const name = decodeURIComponent(location.pathname.slice(1));
  const talk = [...talks.peek().values()].find((each) => each.name === name);
  if (talk) go(talk.id, talk.name);
  else location.reload();
});

const place = document.getElementById("my-rooms");
if (place) render(html`<${Rooms} />`, place);

effect(() => showLetters(counts.value.letters));
