// Where the member writes: Enter sends, Shift+Enter begins a line, Tab completes, Esc closes what is open.
import { commands } from "./line.js";
import { complete, quoted } from "./complete.js";
import { pictured } from "./emoji.js";
import { html, icon, signal, useLayoutEffect, useRef, useSignal } from "./html.js";
import { Palette } from "./palette.js";
import { me, stirred } from "./state.js";
import { _, _n } from "./texts.js";

/** @typedef {import("./talk.js").Talk} Talk */

const TEXT_MAX = 1000;
const TOLD_FROM = 900;
const ROWS_MAX_PX = 160;

/** What another part of the page wants written: the card of a member, the menu of a line. */
export const wanted = signal({ text: "", at: 0 });

/** @param {string} nick */
export function whisperTo(nick) {
  wanted.value = { text: `/w ${quoted(nick)} `, at: Date.now() };
}

/** @param {Talk} talk @param {string} written */
export function send(talk, written) {
  const text = pictured(written.trim());
  if (text.startsWith("/")) talk.say(text.replace(/\s*\n\s*/g, " "));
  else for (const line of text.split("\n")) if (line.trim()) talk.say(line.trim());
}

/** @param {{talk: Talk}} props */
export function Composer({ talk }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const text = useSignal(talk.draft);
  const offer = useSignal(/** @type {import("./complete.js").Completion | null} */ (null));
  const chosen = useSignal(0);
  const palette = useSignal(false);
  const area = () => /** @type {HTMLTextAreaElement} */ (field.current);

  useLayoutEffect(() => {
    text.value = talk.draft;
    offer.value = null;
    if (matchMedia("(hover: hover)").matches) area().focus({ preventScroll: true });
  }, [talk]);

  useLayoutEffect(() => {
    if (!wanted.value.text) return;
    write(wanted.value.text + text.peek().replace(/^\/w\s+("[^"]*"|\S+)\s*/, ""));
    wanted.value = { text: "", at: 0 };
    area().focus();
  }, [wanted.value]);

  useLayoutEffect(() => {
    area().style.height = "auto";
    area().style.height = `${Math.min(area().scrollHeight, ROWS_MAX_PX)}px`;
  }, [text.value]);

  /** @param {string} value @param {number} [caret] */
  const write = (value, caret = value.length) => {
    text.value = value;
    talk.draft = value;
    area().value = value;
    area().setSelectionRange(caret, caret);
  };
  /** @param {boolean} asked */
  const look = (asked) => {
    const nicks = [...talk.people.peek().values()].filter((each) => each.id !== me.id).map((each) => each.nick);
    const { value, selectionEnd } = area();
    offer.value = complete(value, selectionEnd, nicks, commands(), asked);
    chosen.value = 0;
  };
  /** @param {number} place */
  const take = (place) => {
    const found = offer.peek();
    const choice = found?.choices[place];
    if (!found || !choice) return;
    const value = area().value;
    write(value.slice(0, found.from) + choice.text + value.slice(found.to), found.from + choice.text.length);
    offer.value = null;
    area().focus();
  };
  const submit = () => {
    const written = area().value;
    if (!written.trim()) return;
    write("");
    offer.value = null;
    send(talk, written);
  };
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.isComposing) return;
    const open = offer.peek();
    if (event.key === "Tab" && !event.shiftKey && (open || area().value.trim())) {
      if (!open) look(true);
      const found = offer.peek();
      if (!found) return;
      if (open || found.choices.length === 1) take(chosen.peek());
    } else if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      chosen.value = (chosen.peek() + step + open.choices.length) % open.choices.length;
    } else if (event.key === "Escape" && (open || palette.peek())) {
      offer.value = null;
      palette.value = false;
    } else if (event.key === "Enter" && !event.shiftKey) {
      if (open && area().value.slice(open.from, open.to) !== open.choices[chosen.peek()].text.trim()) take(chosen.peek());
      else submit();
    } else return;
    event.preventDefault();
  };
  const input = () => {
    text.value = area().value;
    talk.draft = area().value;
    look(false);
    stirred();
  };
  /** @param {KeyboardEvent} event */
  const shut = (event) => {
    if (event.key !== "Escape" || !palette.peek()) return;
    palette.value = false;
    area().focus();
  };
  const left = TEXT_MAX - [...text.value].length;
  const offered = offer.value;

  return html`<form
    class="composer"
    id="say"
    onKeyDown=${shut}
    onSubmit=${(/** @type {Event} */ event) => {
      event.preventDefault();
      submit();
      area().focus();
    }}
  >
    ${offered &&
    html`<ul class="offer" id="offer" role="listbox" aria-label=${_("Completions")}>
      ${offered.choices.map(
        (each, place) => html`<li key=${each.label} id=${`offer-${place}`} role="option" aria-selected=${place === chosen.value}
          onMouseDown=${(/** @type {Event} */ event) => {
            event.preventDefault();
            take(place);
          }}><b>${each.label}</b><small>${each.help}</small></li>`,
      )}
    </ul>`}
    ${palette.value &&
    html`<${Palette} pick=${(/** @type {string} */ picture) => {
      write(`${area().value}${picture}`);
      area().focus();
    }} />`}
    <label class="visually-hidden" for="text">${_("Write to {room}", { room: talk.name })}</label>
    <textarea
      id="text" name="text" ref=${field} rows="1" autocomplete="off" enterkeyhint="send" dir="auto"
      placeholder=${_("Write to {room}", { room: talk.name })}
      aria-autocomplete="list" aria-controls=${offered ? "offer" : undefined}
      aria-activedescendant=${offered ? `offer-${chosen.value}` : undefined}
      onInput=${input} onKeyDown=${key} onBlur=${() => (offer.value = null)}
    >${talk.draft}</textarea>
    ${left < TEXT_MAX - TOLD_FROM && html`<small class=${left < 0 ? "left over" : "left"} role="status">${_n("{n} character left", "{n} characters left", left)}</small>`}
    <button type="button" class="quiet icon-only" aria-label=${_("Emoji")} aria-expanded=${palette.value} onClick=${() => (palette.value = !palette.peek())}>${icon("smile")}</button>
    <button type="submit" class="icon-only" aria-label=${_("Send")}>${icon("send")}</button>
  </form>`;
}
