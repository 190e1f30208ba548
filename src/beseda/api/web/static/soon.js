// A page is seen before its scripts come: they are asked for, all at once, when it has been drawn.
const { entry = "", modules = "" } = /** @type {HTMLElement} */ (document.querySelector("script[data-entry]")).dataset;
const DRAWN_BY_MS = 1000;
let isBegun = false;

function begin() {
  if (isBegun) return;
  isBegun = true;
  for (const name of modules.split(" ")) {
    const link = document.createElement("link");
    link.rel = "modulepreload";
    link.href = new URL(name, import.meta.url).href;
    document.head.append(link);
  }
  import(entry).then(() => document.documentElement.classList.add("alive"));
  // The first format of moments takes a browser longer than all modules together: it is made while they come.
  setTimeout(() => new Intl.DateTimeFormat(document.documentElement.lang));
}

// What is behind other windows is not drawn.
if (document.hidden) begin();
else requestAnimationFrame(() => setTimeout(begin));
setTimeout(begin, DRAWN_BY_MS);
