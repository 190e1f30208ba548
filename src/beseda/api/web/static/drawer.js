// On a narrow screen one column is seen, and the two beside it are drawers: that of the rooms, and that of the people.
import { effect, signal } from "./html.js";

/** @typedef {"nav-open" | "people-open"} Drawer */

/** Which of them is open: so is a class of the body called, too. @type {import("./html.js").Signal<Drawer | "">} */
export const drawer = signal("");

/** What is in each, and what opens it. @type {Record<Drawer, [string, string]>} */
const DRAWERS = { "nav-open": ["#nav", ".drawer-left"], "people-open": ["#people-column", ".drawer-right"] };

/** Whoever opens one is in it. @param {Drawer} name */
export function toggle(name) {
  drawer.value = drawer.peek() === name ? "" : name;
  if (drawer.peek()) focus(`${DRAWERS[name][0]} :is(a, button, input)`);
}

/** Whoever was in it is back where it was opened. */
function shut() {
  const name = drawer.peek();
  if (!name) return;
  const inside = document.activeElement?.closest(DRAWERS[name][0]);
  drawer.value = "";
  if (inside) focus(DRAWERS[name][1]);
}

/** @param {string} what */
function focus(what) {
  /** @type {HTMLElement | null} */ (document.querySelector(what))?.focus();
}

effect(() => {
  for (const name of Object.keys(DRAWERS)) document.body.classList.toggle(name, drawer.value === name);
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) shut();
});
addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!target.closest("#nav, .people-column, .drawer-left, .drawer-right, .search-button")) drawer.value = "";
});
