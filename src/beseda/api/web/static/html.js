// The one place that knows the library: Preact, its signals, and templates by htm.
import { Component, h, render, Fragment } from "./vendor/preact.js";
import { useEffect, useLayoutEffect, useMemo, useRef } from "./vendor/hooks.js";
import { batch, computed, effect, signal, useSignal } from "./vendor/signals.js";
import htm from "./vendor/htm.js";

const html = htm.bind(h);
const sprite = document.getElementById("app")?.dataset.icons ?? "";

/** A picture of the sprite; beside it stands a text or a label. */
function icon(name) {
  return html`<svg class="icon" aria-hidden="true"><use href=${`${sprite}#${name}`} /></svg>`;
}

/** A component that is drawn anew only when something that it was given is another. What it draws is made by `view`.
 * (To keep what was drawn and give it again would keep all that ever stood around it.) */
function steady(view) {
  return class extends Component {
    shouldComponentUpdate(next) {
      return Object.keys(next).some((name) => next[name] !== this.props[name]);
    }

    render(props) {
      return view(props);
    }
  };
}

export { Fragment, batch, computed, effect, html, icon, render, signal, steady, useEffect, useLayoutEffect, useMemo, useRef, useSignal };
