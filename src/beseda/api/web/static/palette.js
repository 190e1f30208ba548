// Emoji to choose from.
import { EMOJI } from "./emoji.js";
import { html } from "./html.js";
import { _ } from "./texts.js";

/** @param {{pick: (picture: string) => void}} props */
export function Palette({ pick }) {
  return html`<div class="palette" role="group" aria-label=${_("Emoji")}>
    ${[...EMOJI].map(
      ([name, picture]) =>
        html`<button key=${name} type="button" title=${`:${name}:`} aria-label=${name} onClick=${() => pick(picture)}>${picture}</button>`,
    )}
  </div>`;
}
