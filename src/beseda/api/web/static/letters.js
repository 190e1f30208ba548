// The right half of the letters: what was written with one member, and where the next letter is written.
import { Dialog } from "./dialog.js";
import { html, icon, useLayoutEffect, useRef, useSignal } from "./html.js";
import { LetterMenu, renderLetter } from "./letter.js";
import { hue } from "./line.js";
import { Waiting } from "./outbox.js";
import { roveLog } from "./people.js";
import { stirred } from "./state.js";
import { actOnAll, hide, show } from "./threads.js";
import { _, refusal } from "./texts.js";
import { day, dayKey } from "./times.js";
import { Writer } from "./writer.js";

/** @typedef {import("./thread.js").Thread} Thread */
/** @typedef {import("./thread.js").Letter} Letter */

const NEAR_END_PX = 48;
const NEAR_START_PX = 400;

/** @param {{thread: Thread}} props */
function Head({ thread }) {
  const { id, nick } = thread.account;
  const contact = thread.contact.value;
  const archived = contact?.list === "archive";
  const spam = contact?.list === "spam";
  const asked = useSignal(false);
  const throws = thread.shown !== "garbage";
  return html`<header class="talk-head">
    <button type="button" class="quiet icon-only back" aria-label=${_("Back to the list")} onClick=${hide}>${icon("arrow-left")}</button>
    <img class="portrait" src=${contact?.picture || `/avatar/${id}.png`} alt="" width="36" height="36" />
    <div class="talk-title">
      <h1><a class=${`nick ${hue(thread.account)}`} href=${`/p/${encodeURIComponent(nick)}`}><bdi>${nick}</bdi></a></h1>
      <p class="topic" role="status">${thread.writing.value ? _("is writing") : ""}</p>
    </div>
    ${contact && throws &&
    html`<${Act} name=${archived ? "archive-restore" : "archive"} label=${archived ? _("Back among the letters") : _("Put away")} act=${() => actOnAll("archive", { archived: !archived })} />
      <${Act} name="shield-alert" label=${spam ? _("This is no spam") : _("This is spam")} act=${() => actOnAll("spam", { spam: !spam })} />`}
    ${contact && !throws && html`<${Act} name="archive-restore" label=${_("Take all back")} act=${() => actOnAll("throw", { thrown: false })} />`}
    ${contact && html`<${Act} name="trash-2" label=${throws ? _("Throw all letters away") : _("Erase all for ever")} act=${() => (asked.value = true)} />`}
    ${asked.value &&
    html`<${Dialog} label=${_("Letters")} onClose=${() => (asked.value = false)}>
      <p>${throws ? _("Throw away all letters with {nick}? You can take them back.", { nick }) : _("Erase all letters with {nick}, also those that are not thrown away? They cannot be brought back.", { nick })}</p>
      <p class="actions"><button type="button" class="danger" onClick=${() => {
        asked.value = false;
        if (throws) actOnAll("throw", { thrown: true });
        else actOnAll("erase", {});
      }}>${throws ? _("Throw away") : _("Erase")}</button></p>
    </${Dialog}>`}
  </header>`;
}

/** @param {{name: string, label: string, act: () => void}} props */
function Act({ name, label, act }) {
  return html`<button type="button" class="quiet icon-only" aria-label=${label} title=${label} onClick=${act}>${icon(name)}</button>`;
}

/** @param {Thread} thread @param {(letter: Letter) => void} open */
function rows(thread, open) {
  const made = [];
  let before = "";
  let told = thread.newFrom.value === 0;
  for (const letter of thread.letters.value) {
    const key = dayKey(letter.at);
    if (key !== before) made.push(html`<li key=${`day ${key}`} class="day"><span>${day(letter.at)}</span></li>`);
    before = key;
    if (!told && letter.letter >= thread.newFrom.value) {
      told = true;
      made.push(html`<li key="new" class="new-lines"><span>${_("new")}</span></li>`);
    }
    made.push(renderLetter(letter, thread.target.value === letter.letter, open));
  }
  return made;
}

/** Keeps the scroll where it was: at the end, at an old letter, or above what was loaded.
 * @param {Thread} thread @param {import("./html.js").Ref<HTMLElement | null>} log */
function useScroll(thread, log) {
  const seen = useRef({ first: 0, height: 0, target: 0 });
  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (log.current);
    const { first, height, target } = seen.current;
    const now = thread.letters.value[0]?.letter ?? 0;
    if (thread.target.value && thread.target.value !== target) {
      element.querySelector(".target")?.scrollIntoView({ block: "center" });
    } else if (thread.atEnd) element.scrollTop = element.scrollHeight;
    else if (now < first) element.scrollTop += element.scrollHeight - height;
    seen.current = { first: now, height: element.scrollHeight, target: thread.target.value };
    if (thread.atEnd && thread.loaded.value) thread.markRead();
  });
  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (log.current);
    const watcher = new ResizeObserver(() => {
      if (thread.atEnd) element.scrollTop = element.scrollHeight;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [thread]);
  return () => {
    const element = /** @type {HTMLElement} */ (log.current);
    thread.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    if (thread.atEnd) thread.markRead();
    if (element.scrollTop < NEAR_START_PX) thread.loadOlder();
    seen.current.height = element.scrollHeight;
    stirred();
  };
}

/** @param {{thread: Thread}} props */
export function Letters({ thread }) {
  const log = useRef(/** @type {HTMLElement | null} */ (null));
  const menu = useSignal(/** @type {Letter | null} */ (null));
  const scrolled = useScroll(thread, log);
  const { nick } = thread.account;
  const empty = thread.loaded.value && !thread.letters.value.length && !thread.outbox.items.value.length;
  return html`<section class="thread-column" aria-label=${_("Letters with {nick}", { nick })}>
    <${Head} thread=${thread} />
    <div class="lines letters" id="letters" ref=${log} role="log" aria-label=${_("Letters with {nick}", { nick })} tabindex="0" onScroll=${scrolled} onKeyDown=${roveLog}><ol>
      ${thread.shown === "favourite" &&
      html`<li key="all" class="older"><button type="button" class="quiet" onClick=${() => show(thread.account)}>${_("All letters with {nick}", { nick })}</button></li>`}
      ${thread.more.value &&
      html`<li key="older" class="older"><button type="button" class="quiet" onClick=${() => thread.loadOlder()}>${thread.loading.value ? _("Loading older letters") : _("Older letters")}</button></li>`}
      ${!thread.loaded.value && !thread.problem.value && html`<li key="skeleton" class="skeleton" aria-hidden="true"><i /><i /><i /></li>`}
      ${empty && html`<li key="empty" class="empty">${_("You have not written each other yet.")}</li>`}
      ${rows(thread, (letter) => (menu.value = letter))}
      <${Waiting} outbox=${thread.outbox} kind="letter sent" />
      ${thread.past.value &&
      html`<li key="newer" class="older"><button type="button" class="quiet" onClick=${() => thread.load()}>${_("To the newest letters")}</button></li>`}
    </ol></div>
    ${thread.problem.value && html`<p class="refused notice-bar" role="alert">${refusal(thread.problem.value)}</p>`}
    ${thread.shown !== "garbage" && html`<${Writer} key=${thread.account.id} thread=${thread} />`}
    ${menu.value && html`<${LetterMenu} thread=${thread} letter=${menu.value} onClose=${() => (menu.value = null)} />`}
  </section>`;
}
