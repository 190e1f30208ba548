// The table of records, edited in place: its own links and forms, without leaving the page. What the server answers is the
// page that it gives without scripts, too; of it the table is taken.
import { localise } from "./times.js";
import { _ } from "./texts.js";

const TABLE = "zone";

const table = () => /** @type {HTMLElement} */ (document.getElementById(TABLE));
let busy = false;

/**
 * The page behind an address; a form's if there are fields. It is read as a document, in which no script runs.
 * @param {string} address @param {FormData} [fields] @returns {Promise<XMLHttpRequest>}
 */
function fetchPage(address, fields) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(fields ? "POST" : "GET", address);
    request.responseType = "document";
    request.onload = () => resolve(request);
    request.onerror = () => reject(new Error("lost"));
    request.send(fields);
  });
}

/** @param {string} text */
function complain(text) {
  const told = document.createElement("p");
  told.className = "alert";
  told.setAttribute("role", "alert");
  told.textContent = text;
  table().querySelector(":scope > .alert")?.remove();
  table().prepend(told);
}

/** What was said above the table is said anew. @param {Document} page */
function retell(page) {
  for (const old of document.querySelectorAll("main > .saved, main > .alert")) old.remove();
  for (const told of page.querySelectorAll("main > .saved, main > .alert")) table().before(document.importNode(told, true));
}

/** @param {string} address @param {FormData} [fields] @param {boolean} [turns] to another part of the list */
async function go(address, fields, turns = false) {
  if (busy) return;
  busy = true;
  table().setAttribute("aria-busy", "true");
  try {
    const answer = await fetchPage(address, fields);
    const next = /** @type {Document | null} */ (answer.response)?.getElementById(TABLE);
    if (next) show(answer, next, turns);
    else if (fields && answer.responseURL.includes("/login")) complain(_("You are signed out. Sign in in another window, then try again."));
    else if (fields) complain(_("That did not work. Please try again in a moment."));
    else location.assign(answer.responseURL || address);
  } catch {
    complain(_("No connection. What you wrote is still here: please try again."));
  } finally {
    busy = false;
    table().removeAttribute("aria-busy");
  }
}

/** @param {XMLHttpRequest} answer @param {HTMLElement} next @param {boolean} turns */
function show(answer, next, turns) {
  const before = position();
  table().replaceChildren(...[...next.childNodes].map((each) => document.importNode(each, true)));
  retell(/** @type {Document} */ (answer.response));
  localise();
  history[turns ? "pushState" : "replaceState"](null, "", answer.responseURL);
  const editing = document.getElementById("editing");
  if (editing) {
    const wrong = editing.querySelector("[aria-invalid]");
    const first = /** @type {HTMLElement | null} */ (wrong ?? editing.querySelector("[autofocus]"));
    first?.focus({ preventScroll: true });
    editing.scrollIntoView({ block: "nearest" });
    return;
  }
  const changed = document.getElementById("changed");
  changed?.scrollIntoView({ block: "nearest" });
  const link = changed?.querySelector(".edit") ?? edits()[Math.min(before, edits().length - 1)] ?? document.getElementById("add");
  /** @type {HTMLElement | null} */ (link)?.focus({ preventScroll: !changed });
}

/** @returns {HTMLElement[]} */
function edits() {
  return [.../** @type {NodeListOf<HTMLElement>} */ (table().querySelectorAll(".records .edit"))];
}

/** Where in the list one is, to be there again: at the form, or at a row. */
function position() {
  const row = document.getElementById("editing") ?? document.activeElement?.closest("tr");
  const place = [...table().querySelectorAll(".records tbody > tr")].indexOf(/** @type {Element} */ (row));
  return Math.max(0, place);
}

document.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest(`#${TABLE} a`));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(link.href.split("#")[0], undefined, Boolean(link.closest(".pages")));
});

document.addEventListener("submit", (event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.closest(`#${TABLE}`)) return;
  event.preventDefault();
  const fields = new FormData(form);
  const pressed = /** @type {HTMLButtonElement | null} */ (event.submitter);
  if (pressed?.name) fields.append(pressed.name, pressed.value);
  if (form.method === "post") {
    go(form.action, fields);
    return;
  }
  const query = new URLSearchParams();
  for (const [name, value] of fields) if (value) query.set(name, String(value));
  go(`${form.action}?${query}`, undefined, true);
});

addEventListener("popstate", () => go(location.href.split("#")[0]));

document.addEventListener("dblclick", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.closest(`#${TABLE} .records td`) && !target.closest("a, .editing, summary")) {
    /** @type {HTMLElement | null | undefined} */ (target.closest("tr")?.querySelector(".edit"))?.click();
  }
});

/** Esc leaves the form, Ctrl+Enter sends it; the arrows lead from record to record. */
document.addEventListener("keydown", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (!target.closest(`#${TABLE}`)) return;
  const form = target.closest("form");
  if (event.key === "Escape" && target.closest(".editing")) {
    /** @type {HTMLElement | null} */ (table().querySelector(".editing .actions a"))?.click();
  } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && target.closest(".editing")) {
    form?.requestSubmit(/** @type {HTMLElement | null} */ (form.querySelector("button[name=do]")));
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && target.closest(".acts")) {
    const links = edits();
    const here = links.indexOf(/** @type {HTMLElement} */ (target.closest(".acts")?.querySelector(".edit")));
    links[here + (event.key === "ArrowDown" ? 1 : -1)]?.focus();
    event.preventDefault();
  }
});
