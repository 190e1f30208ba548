// Where a letter is written, answered or changed: Enter sends, Shift+Enter begins a line, Esc gives up.
import { pictured } from "./emoji.js";
import { html, icon, useLayoutEffect, useRef, useSignal } from "./html.js";
import { Palette } from "./palette.js";
import { stirred } from "./state.js";
import { _, _n } from "./texts.js";

/** @typedef {import("./thread.js").Thread} Thread */

const TEXT_MAX = 10_000;
const TOLD_FROM = 9_500;
const ROWS_MAX_PX = 220;

/** @param {{thread: Thread}} props */
export function Writer({ thread }) {
  const field = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const text = useSignal(thread.draft);
  const palette = useSignal(false);
  const area = () => /** @type {HTMLTextAreaElement} */ (field.current);
  const editing = thread.editing.value;
  const answers = thread.answers.value;

  /** @param {string} value */
  const write = (value) => {
    text.value = value;
    area().value = value;
    if (!thread.editing.peek()) thread.draft = value;
  };
  useLayoutEffect(() => {
    if (!area().value && thread.draft) write(thread.draft);
    if (matchMedia("(hover: hover)").matches) area().focus({ preventScroll: true });
  }, [thread, thread.loaded.value]);
  useLayoutEffect(() => {
    if (editing) write(editing.text);
    if (editing || answers) area().focus();
  }, [editing, answers]);
  useLayoutEffect(() => {
    area().style.height = "auto";
    area().style.height = `${Math.min(area().scrollHeight, ROWS_MAX_PX)}px`;
  }, [text.value]);

  const giveUp = () => {
    palette.value = false;
    thread.answers.value = null;
    if (!editing) return;
    thread.editing.value = null;
    write(thread.draft);
  };
  const submit = async () => {
    const written = pictured(area().value.trim());
    if (!written || [...written].length > TEXT_MAX) return;
    if (!editing) {
      write("");
      thread.atEnd = true;
      if (thread.past.peek()) await thread.load();
      thread.send(written);
    } else if (await thread.act("edit", { contact: editing.contact, letter: editing.letter, text: written })) {
      thread.editing.value = null;
      write(thread.draft);
    }
  };
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") giveUp();
    else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  };
  const input = () => {
    text.value = area().value;
    if (!thread.editing.peek()) thread.type(area().value);
    stirred();
  };
  /** @param {KeyboardEvent} event */
  const shut = (event) => {
    if (event.key !== "Escape" || !palette.peek()) return;
    palette.value = false;
    area().focus();
  };
  const left = TEXT_MAX - [...text.value].length;
  const label = _("Write to {nick}", { nick: thread.account.nick });
  return html`<form class="composer" onKeyDown=${shut} onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    submit();
    area().focus();
  }}>
    ${(editing || answers) &&
    html`<div class="about">
      ${icon(editing ? "pencil" : "corner-up-left")}<span><b>${editing ? _("You are changing a letter") : _("Your answer to")}</b> <bdi>${(editing ?? answers)?.text}</bdi></span>
      <button type="button" class="quiet icon-only" aria-label=${_("Cancel")} onClick=${giveUp}>${icon("x")}</button>
    </div>`}
    ${palette.value && html`<${Palette} pick=${(/** @type {string} */ picture) => (write(area().value + picture), area().focus())} />`}
    <label class="visually-hidden" for="text">${label}</label>
    <textarea id="text" name="text" ref=${field} rows="1" autocomplete="off" dir="auto" enterkeyhint="send" placeholder=${label}
      onInput=${input} onKeyDown=${key} onBlur=${() => thread.keepDraft()}>${thread.draft}</textarea>
    ${left < TEXT_MAX - TOLD_FROM && html`<small class=${left < 0 ? "left over" : "left"} role="status">${_n("{n} character left", "{n} characters left", left)}</small>`}
    <button type="button" class="quiet icon-only" aria-label=${_("Emoji")} aria-expanded=${palette.value} onClick=${() => (palette.value = !palette.peek())}>${icon("smile")}</button>
    <button type="submit" class="icon-only" aria-label=${_("Send")}>${icon("send")}</button>
  </form>`;
}
