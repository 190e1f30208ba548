// The page of letters: on a wide screen the list and a thread side by side, on a phone one of them.
import { Connection, SignedOut } from "./bar.js";
import { connect, status } from "./connection.js";
import { Contacts } from "./contacts.js";
import { forMe } from "./elsewhere.js";
import { effect, html, icon, render } from "./html.js";
import { Letters } from "./letters.js";
import { counts } from "./state.js";
import { open, show } from "./threads.js";
import { showLetters } from "./page.js";
import { _ } from "./texts.js";

const app = /** @type {HTMLElement} */ (document.getElementById("app"));

function App() {
  const thread = open.value;
  return html`<main id="main" class=${thread ? "mail-column thread-open" : "mail-column"} tabindex="-1">
    <${Connection} />
    ${status.value.state === "over" && html`<${SignedOut} />`}
    <div class="mail-halves">
      <${Contacts} />
      ${thread
        ? html`<${Letters} key=${`${thread.account.id} ${thread.shown}`} thread=${thread} />`
        : html`<div class="thread-column none-open">${icon("mail")}<p>${_("Choose whose letters to read.")}</p></div>`}
    </div>
  </main>`;
}

/** @param {number} id */
function byAddress(id) {
  const { with: other, nickWith: nick = "" } = app.dataset;
  show({ id, nick: id === Number(other) ? nick : "", registered: true }, { push: false });
}

const asked = Number(new URLSearchParams(location.search).get("with"));
if (asked && app.dataset.with) byAddress(asked);
app.replaceChildren();
render(html`<${App} />`, app);
addEventListener("popstate", () => {
  const id = Number(new URLSearchParams(location.search).get("with"));
  if (id) byAddress(id);
  else open.value = null;
});
const lookedAt = () => {
  if (open.peek()?.atEnd) open.peek()?.markRead();
};
addEventListener("focus", lookedAt);
document.addEventListener("visibilitychange", lookedAt);
addEventListener("pagehide", () => open.peek()?.keepDraft());
effect(() => {
  const waiting = counts.value.letters;
  showLetters(waiting);
  const count = forMe.value ? `(@${forMe.value}) ` : waiting ? `(${waiting}) ` : "";
  document.title = `${count}${_("Letters")} – Beseda`;
});
connect();
