// What one letter looks like, and what can be done with it.
import { Dialog, close, copy } from "./dialog.js";
import { html, icon, useSignal } from "./html.js";
import { linked } from "./line.js";
import { _ } from "./texts.js";
import { clock, full } from "./times.js";

/** @typedef {import("./thread.js").Letter} Letter */
/** @typedef {import("./thread.js").Thread} Thread */

const EDITED_WITHIN_MS = 86_400_000;

/** @param {Letter} letter @param {boolean} isTarget @param {(letter: Letter) => void} open */
export function renderLetter(letter, isTarget, open) {
  const { received, read, edited, favourite } = letter;
  const at = html`<time datetime=${new Date(letter.at).toISOString()}>${clock(letter.at)}</time>`;
  return html`<li key=${letter.letter} class=${`letter ${received ? "received" : "sent"}${isTarget ? " target" : ""}`} data-letter=${letter.letter}>
    <span class="visually-hidden">${received ? _("You received:") : _("You wrote:")}</span>
    ${letter.answers && html`<blockquote dir="auto"><bdi>${letter.answers.text || _("deleted")}</bdi></blockquote>`}
    <p class="words" dir="auto"><bdi class="said">${linked(letter.text)}</bdi></p>
    <p class="state">
      ${favourite && html`<span class="star main" role="img" aria-label=${_("favourite")} title=${_("favourite")}>${icon("star")}</span>`}
      ${edited && html`<span title=${full(edited)}>${_("changed")}</span>`}
      ${!received && html`<span>${read ? _("read") : _("sent")}</span>`}${at}
    </p>
    <button type="button" class="line-menu" tabindex="-1" aria-haspopup="menu" aria-label=${_("What to do with this letter")} onClick=${() => open(letter)} />
  </li>`;
}

/** @param {{thread: Thread, letter: Letter, onClose: () => void}} props */
export function LetterMenu({ thread, letter, onClose }) {
  const asked = useSignal(false);
  const where = { contact: letter.contact, letters: [letter.letter] };
  /** @param {string} op @param {Record<string, unknown>} members @param {{what: string, set?: boolean}} told */
  const act = async (op, members, told) => {
    close();
    if (await thread.act(op, { ...where, ...members })) thread.change({ letter: letter.letter, ...told });
  };
  const young = Date.now() - letter.at < EDITED_WITHIN_MS;
  const inGarbage = thread.shown === "garbage";
  return html`<${Dialog} label=${_("Letter")} onClose=${onClose}>
    <blockquote><bdi>${letter.text}</bdi></blockquote>
    <div class="menu">
      <${Choice} name="copy" text=${_("Copy")} act=${() => copy(letter.text).then(close)} />
      ${!inGarbage && html`<${Choice} name="corner-up-left" text=${_("Answer")} act=${() => (close(), (thread.editing.value = null), (thread.answers.value = letter))} />`}
      <${Choice} name="star" text=${letter.favourite ? _("No favourite any more") : _("Favourite")} act=${() => act("keep", { favourite: !letter.favourite }, { what: "kept", set: !letter.favourite })} />
      ${!letter.received && young && !inGarbage && html`<${Choice} name="pencil" text=${_("Change")} act=${() => (close(), (thread.answers.value = null), (thread.editing.value = letter))} />`}
      ${inGarbage
        ? html`<${Choice} name="archive-restore" text=${_("Take back")} act=${() => act("throw", { thrown: false }, { what: "thrown", set: false })} />
            <${Choice} name="trash-2" text=${_("Erase for ever")} act=${() => act("erase", {}, { what: "erased" })} />`
        : html`<${Choice} name="trash-2" text=${_("Throw away")} act=${() => act("throw", { thrown: true }, { what: "thrown", set: true })} />`}
      ${!letter.received && !asked.value && html`<${Choice} name="x" text=${_("Take back from both mailboxes")} act=${() => (asked.value = true)} />`}
    </div>
    ${asked.value &&
    html`<p>${_("The letter is erased for you and for {nick}. It cannot be brought back.", { nick: thread.account.nick })}</p>
      <p class="actions"><button type="button" class="danger" onClick=${() => act("erase", { for_all: true }, { what: "erased" })}>${_("Erase for both")}</button></p>`}
  </${Dialog}>`;
}

/** @param {{name: string, text: string, act: () => void}} props */
function Choice({ name, text, act }) {
  return html`<button type="button" class="quiet" onClick=${act}>${icon(name)}${text}</button>`;
}
