// What the server has drawn of the room before the scripts came: the same as data, and what the reader did meanwhile.
/** @typedef {import("./talk.js").Line} Line */

const app = /** @type {HTMLElement} */ (document.getElementById("app"));

/** The room, its newest lines and its people, as /live has them; once.
 * @type {(import("./window.js").Page & {room: any, mark: any, people: import("./talk.js").Person[]}) | null} */
export const first = JSON.parse(document.getElementById("first")?.textContent || "null");
document.getElementById("first")?.remove();

/** What is left of the reader's when what the server drew makes way: what was typed, where he is, how far he has
 * scrolled. @returns {{draft: string, again: () => void}} */
export function keep() {
  const field = /** @type {HTMLTextAreaElement | null} */ (app.querySelector("#text"));
  const { activeElement: held } = document;
  const { value = "", selectionStart = 0, selectionEnd = 0 } = field ?? {};
  const again = () => {
    const { id, dataset } = /** @type {HTMLElement} */ (held);
    const place = /** @type {HTMLElement | null} */ (held?.isConnected ? held : app.querySelector(id ? `#${id}` : `[data-person="${dataset.person}"]`));
    if (held !== document.body) place?.focus({ preventScroll: true });
    /** @type {HTMLTextAreaElement | null} */ (app.querySelector("#text"))?.setSelectionRange(selectionStart, selectionEnd);
  };
  return { draft: value, again };
}
