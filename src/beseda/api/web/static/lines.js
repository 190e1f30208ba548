// The lines of the room that is shown: grouped, with days and what is new, and the scroll where it was.
import { html, icon, useLayoutEffect, useRef, useSignal } from "./html.js";
import { isSilent, isTalk, linked, renderLine } from "./line.js";
import { stirred } from "./state.js";
import { _, refusal } from "./texts.js";
import { day, dayKey } from "./times.js";

/** @typedef {import("./talk.js").Line} Line */
/** @typedef {import("./talk.js").Talk} Talk */

const GROUPED_MS = 300_000;
const NEAR_END_PX = 48;
const NEAR_START_PX = 400;

/** Lines never change, so what was made of one is kept: a new line costs one, however many there are.
 * @type {WeakMap<Line, {grouped: boolean, made: unknown}>} */
const made = new WeakMap();

/** @param {Line} line @param {boolean} grouped */
function lineOf(line, grouped) {
  const kept = made.get(line);
  if (kept && kept.grouped === grouped) return kept.made;
  const fresh = renderLine(line, grouped);
  made.set(line, { grouped, made: fresh });
  return fresh;
}

/** @param {Line | null} before @param {Line} line */
function isGrouped(before, line) {
  return (
    before !== null &&
    line.kind === "text" &&
    before.kind === "text" &&
    before.actor?.id === line.actor?.id &&
    line.at - before.at < GROUPED_MS &&
    dayKey(before.at) === dayKey(line.at)
  );
}

/** @param {Line[]} lines @param {number} newAfter */
function rows(lines, newAfter) {
  const found = [];
  /** @type {Line | null} */
  let before = null;
  let told = newAfter === 0;
  for (const line of lines) {
    if (isSilent(line)) continue;
    if (!before || dayKey(before.at) !== dayKey(line.at)) {
      found.push(html`<li key=${`day ${dayKey(line.at)}`} class="day"><span>${day(line.at)}</span></li>`);
    }
    if (!told && line.seq > newAfter && isTalk(line)) {
      told = true;
      found.push(html`<li key="new" class="new-lines"><span>${_("new")}</span></li>`);
      before = null;
    }
    found.push(lineOf(line, isGrouped(before, line)));
    before = line;
  }
  return found;
}

/** What was written here and is not yet in the room. @param {{talk: Talk}} props */
function Outbox({ talk }) {
  return talk.outbox.value.map(
    (each) => html`<li key=${each.key} class=${`line outgoing ${each.state}`}>
      <p class="words" dir="auto"><bdi class="said">${linked(each.text)}</bdi></p>
      ${each.state === "sending"
        ? html`<p class="state">${_("sending")}</p>`
        : html`<p class="state refused" role="alert">
            ${icon("circle-alert")}<span>${each.error && refusal(each.error)}</span>
            <button type="button" class="quiet" onClick=${() => talk.deliver(each.key)}>${_("Try again")}</button>
            <button type="button" class="quiet" onClick=${() => talk.forget(each.key)}>${_("Discard")}</button>
          </p>`}
    </li>`,
  );
}

/** @param {{talk: Talk}} props */
export function Lines({ talk }) {
  const log = useRef(/** @type {HTMLElement | null} */ (null));
  const seen = useRef({ id: 0, first: 0, height: 0 });
  const away = useSignal(!talk.atEnd);
  const lines = talk.lines.value;
  const outgoing = talk.outbox.value.length;

  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (log.current);
    const { id, first, height } = seen.current;
    const now = lines[0]?.seq ?? 0;
    if (id === talk.id && now < first && !talk.atEnd) element.scrollTop += element.scrollHeight - height;
    else if (talk.atEnd) element.scrollTop = element.scrollHeight;
    seen.current = { id: talk.id, first: now, height: element.scrollHeight };
    if (talk.loaded.peek() && element.scrollHeight <= element.clientHeight + NEAR_START_PX) talk.loadOlder();
  });

  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (log.current);
    const watcher = new ResizeObserver(() => {
      if (talk.atEnd) element.scrollTop = element.scrollHeight;
    });
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [talk]);

  const toEnd = () => {
    const element = /** @type {HTMLElement} */ (log.current);
    element.scrollTop = element.scrollHeight;
  };
  const scrolled = () => {
    const element = /** @type {HTMLElement} */ (log.current);
    talk.atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
    away.value = !talk.atEnd;
    if (talk.atEnd && talk.unread.peek()) talk.markRead();
    if (element.scrollTop < NEAR_START_PX) talk.loadOlder();
    seen.current.height = element.scrollHeight;
    stirred();
  };

  return html`<div class="lines-box">
    <div class="lines" id="lines" ref=${log} role="log" aria-label=${_("Talk")} tabindex="0" onScroll=${scrolled}><ol>
      ${talk.more.value &&
      html`<li key="older" class="older">
        <button type="button" class="quiet" onClick=${() => talk.loadOlder()}>
          ${talk.loading.value ? _("Loading older lines") : _("Older lines")}
        </button>
      </li>`}
      ${!talk.loaded.value && html`<li key="skeleton" class="skeleton" aria-hidden="true"><i /><i /><i /><i /><i /></li>`}
      ${talk.loaded.value && !lines.some(isTalk) && !outgoing &&
      html`<li key="empty" class="empty">${_("Nobody has spoken here yet. Say hello.")}</li>`}
      ${rows(lines, talk.newAfter.value)}
      <${Outbox} talk=${talk} />
    </ol></div>
    ${away.value &&
    html`<button type="button" class="to-end" onClick=${toEnd}>
      ${icon("arrow-down")}<span>${talk.unread.value ? _("New lines") : _("To the newest lines")}</span>
    </button>`}
  </div>`;
}
