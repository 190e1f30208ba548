// What opens above the page, and copying out of it.
import { html, icon, useLayoutEffect, useRef } from "./html.js";
import { _ } from "./texts.js";

/** A dialog that Esc, its cross and a click beside it close; the focus goes back to where it was.
 * @param {{label: string, onClose: () => void, children?: unknown}} props */
export function Dialog({ label, onClose, children }) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useLayoutEffect(() => {
    element.current?.showModal();
  }, []);
  return html`<dialog class="sheet" ref=${element} aria-label=${label} onClose=${onClose}
    onClick=${(/** @type {Event} */ event) => event.target === element.current && close()}>
    <div class="sheet-inside">
      <button type="button" class="quiet icon-only close" aria-label=${_("Close")} onClick=${close}>${icon("x")}</button>
      ${children}
    </div>
  </dialog>`;
}

export function close() {
  [...document.querySelectorAll("dialog")].at(-1)?.close();
}

/** Also by plain http, where browsers have no clipboard for scripts. @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const field = document.createElement("textarea");
  field.value = text;
  (document.querySelector("dialog") ?? document.body).append(field);
  field.select();
  document.execCommand("copy");
  field.remove();
}
