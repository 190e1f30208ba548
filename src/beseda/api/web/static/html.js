// The one place that knows the library: Preact, its signals, and templates by htm.
import { h, render, Fragment } from "./vendor/preact.js";
import { useEffect, useLayoutEffect, useRef } from "./vendor/hooks.js";
import { batch, computed, effect, signal, useSignal } from "./vendor/signals.js";
import htm from "./vendor/htm.js";

const html = htm.bind(h);
const sprite = document.getElementById("app")?.dataset.icons ?? "";

/** A picture of the sprite; beside it stands a text or a label. */
function icon(name) {
  return html`<svg class="icon" aria-hidden="true"><use href=${`${sprite}#${name}`} /></svg>`;
}

export { Fragment, batch, computed, effect, html, icon, render, signal, useEffect, useLayoutEffect, useRef, useSignal };
