// How much is unread of something.
import { html } from "./html.js";
import { _n } from "./texts.js";

/** @param {number} unread @param {number} mentions those of them that mean the member */
export function badge(unread, mentions) {
  if (!unread) return null;
  const text = unread > 999 ? "999+" : String(unread);
  const told = mentions ? _n("{n} line for you", "{n} lines for you", mentions) : _n("{n} new line", "{n} new lines", unread);
  return html`<b class=${mentions ? "badge mention" : "badge"} title=${told}>${mentions ? `@ ${mentions}` : text}<span class="visually-hidden"> ${told}</span></b>`;
}
