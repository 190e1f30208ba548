// What every page does: times in the reader's zone, the open tab in sight, new letters counted, and the shell for when
// there is no connection.
import { localise, tellZone } from "./times.js";

/** Browsers have service workers by https and on this machine alone; without one all else works. */
function shell() {
  if (!("serviceWorker" in navigator)) return;
  /** @type {any} */
  const types = /** @type {any} */ (window).trustedTypes;
  const policy = types?.createPolicy("beseda", { createScriptURL: (/** @type {string} */ url) => url });
  const address = "/-/worker.js";
  navigator.serviceWorker.register(policy ? policy.createScriptURL(address) : address, { scope: "/" }).catch(() => {});
}

/** Tabs that do not fit on a phone are moved, so that the one that is open is seen. */
function showTab() {
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
}

/** How many letters are new, beside the way to them. @param {number} count */
export function showLetters(count) {
  const letters = document.getElementById("letters-unread");
  if (!letters) return;
  letters.hidden = !count;
  letters.textContent = count ? String(count) : "";
}

/** What is shown once is copied whole. */
function selectMade() {
  const made = /** @type {HTMLInputElement | null} */ (document.getElementById("made"));
  made?.addEventListener("focus", () => made.select());
  made?.focus();
}

/** Whoever unfolds the form of the left column writes at once; Esc folds it, and no more than that. */
function opening() {
  const form = /** @type {HTMLDetailsElement | null} */ (document.getElementById("opening"));
  form?.addEventListener("toggle", () => form.open && form.querySelector("input")?.focus());
  form?.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !form.open) return;
    form.open = false;
    form.querySelector("summary")?.focus();
    event.stopPropagation();
  });
}

localise();
selectMade();
opening();
showTab();
shell();
(window.requestIdleCallback ?? setTimeout)(tellZone);
