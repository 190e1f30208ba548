// The lines of the room that is shown: grouped, with days and what is new, and the scroll where it was.
import { html, icon, steady, useLayoutEffect, useRef, useSignal } from "./html.js";
import { isTalk, renderLine } from "./line.js";
import { Waiting } from "./outbox.js";
import { roveLog } from "./people.js";
import { stirred } from "./state.js";
import { _, _n } from "./texts.js";
import { day, dayKey } from "./times.js";

/** @typedef {import("./talk.js").Line} Line */
/** @typedef {import("./talk.js").Talk} Talk */

const GROUPED_MS = 300_000;
const NEAR_END_PX = 48;
const NEAR_START_PX = 400;

/** Lines never change: a new one costs the drawing of one, however many there are. */
const Drawn = steady((/** @type {{line: Line, grouped: boolean}} */ { line, grouped }) => renderLine(line, grouped));

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

/** Nobody counts any further. @param {number} n */
const many = (n) => (n > 999 ? { n: "999+" } : {});

/** How much of the log is below what is in sight. @param {HTMLElement} log */
function below(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight;
}

/** The line of the log that stands first in sight, and where. @param {HTMLElement} log */
function inSight(log) {
  const all = /** @type {NodeListOf<HTMLElement>} */ (log.querySelectorAll("[data-seq]"));
  let [from, to] = [0, all.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (all[middle].offsetTop + all[middle].offsetHeight > log.scrollTop) to = middle;
    else from = middle + 1;
  }
  const line = all[from];
  return line ? { seq: line.dataset.seq, offset: line.offsetTop, scrolled: log.scrollTop } : null;
}

/** A talk goes on where its lines are looked at that the server has drawn: from their end on. @param {Talk} talk */
export function lookAt(talk) {
  const log = document.getElementById("lines");
  if (!log) return;
  talk.sight = inSight(log);
  talk.atEnd = -log.scrollTop < NEAR_END_PX;
}

/** Where the first new line is not on the page, nothing is marked: `newAfter` is 0.
 * @param {Line[]} lines @param {number} newAfter */
function rows(lines, newAfter) {
  const found = [];
  /** @type {Line | null} */
  let before = null;
  let told = newAfter === 0;
  for (const line of lines) {
    if (!before || dayKey(before.at) !== dayKey(line.at)) {
      found.push(html`<li key=${`day ${dayKey(line.at)}`} class="day"><span>${day(line.at)}</span></li>`);
    }
    if (!told && line.seq > newAfter && isTalk(line)) {
      told = true;
      found.push(html`<li key="new" class="new-lines"><span>${_("new")}</span></li>`);
      before = null;
    }
    found.push(html`<${Drawn} key=${line.seq} line=${line} grouped=${isGrouped(before, line)} />`);
    before = line;
  }
  return found;
}

/** @param {{talk: Talk}} props */
export function Lines({ talk }) {
  const log = useRef(/** @type {HTMLElement | null} */ (null));
  const placed = useRef(false);
  const away = useSignal(!talk.atEnd);
  const above = useSignal(false);
  const lines = talk.lines.value;
  const outgoing = talk.outbox.items.value.length;
  const target = talk.target.value;
  const newAfter = talk.newAfter.value && talk.reachesBack(talk.newAfter.value) ? talk.newAfter.value : 0;

  /** Where the first new line is: above what is in sight, or seen. @param {HTMLElement} element */
  const lookForNew = (element) => {
    const marker = /** @type {HTMLElement | null} */ (element.querySelector(".new-lines"));
    const isAbove = marker ? marker.offsetTop + marker.offsetHeight < element.scrollTop : talk.newAfter.peek() > 0 && !newAfter;
    if (marker && !isAbove && marker.offsetTop < element.scrollTop + element.clientHeight) talk.newSeen = true;
    above.value = isAbove && !talk.newSeen;
  };
  /** At the end, or with what was first in sight where it was. It moves by as much as that line did, so that nobody who
   * is scrolling is held back. @param {HTMLElement} element */
  const settle = (element) => {
    const kept = talk.sight;
    const line = kept && /** @type {HTMLElement | null} */ (element.querySelector(`[data-seq="${kept.seq}"]`));
    const scrolled = placed.current || !kept ? element.scrollTop : kept.scrolled;
    if (talk.atEnd) element.scrollTop = element.scrollHeight;
    else if (line && (!placed.current || line.offsetTop !== kept.offset)) {
      element.scrollTop = scrolled + line.offsetTop - kept.offset;
    }
    placed.current = true;
    talk.sight = inSight(element);
  };

  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (log.current);
    const isNew = target?.seq === 0;
    const wanted = target !== talk.led && element.querySelector(isNew ? ".new-lines" : `[data-seq="${target?.seq}"]`);
    talk.led = target;
    if (wanted) {
      element.querySelector(".target")?.classList.remove("target");
      if (!isNew) wanted.classList.add("target");
      wanted.scrollIntoView({ block: isNew ? "start" : "center" });
      talk.sight = inSight(element);
      placed.current = true;
    } else settle(element);
    away.value = !talk.atEnd;
    lookForNew(element);
    if (!talk.loaded.peek() || talk.out.peek() || !element.clientHeight) return;
    if (element.scrollHeight <= element.clientHeight + NEAR_START_PX) talk.loadOlder();
    if (below(element) < NEAR_START_PX) talk.loadNewer();
  });

  useLayoutEffect(() => {
    const element = /** @type {HTMLElement} */ (log.current);
    const watcher = new ResizeObserver(() => settle(element));
    watcher.observe(element);
    return () => watcher.disconnect();
  }, [talk]);

  const toEnd = async () => {
    await talk.toEnd().catch(() => {});
    const element = /** @type {HTMLElement} */ (log.current);
    element.scrollTop = element.scrollHeight;
  };
  const scrolled = () => {
    const element = /** @type {HTMLElement} */ (log.current);
    talk.atEnd = below(element) < NEAR_END_PX && !talk.past.peek();
    if (below(element) < NEAR_START_PX) talk.loadNewer();
    away.value = !talk.atEnd;
    if (talk.atEnd && talk.unread.peek()) talk.markRead();
    if (element.scrollTop < NEAR_START_PX) talk.loadOlder();
    talk.sight = inSight(element);
    lookForNew(element);
    stirred();
  };
  const noMore = () => {
    talk.newSeen = true;
    above.value = false;
  };

  return html`<div class="lines-box">
    <div class="lines" id="lines" ref=${log} role="log" aria-label=${_("Talk")} tabindex="0" onScroll=${scrolled} onKeyDown=${roveLog}><ol>
      ${talk.more.value &&
      html`<li key="older" class="older">
        <button type="button" class="quiet" onClick=${() => talk.loadOlder()}>
          ${talk.loading.value ? _("Loading older lines") : _("Older lines")}
        </button>
      </li>`}
      ${!talk.loaded.value && html`<li key="skeleton" class="skeleton" aria-hidden="true"><i /><i /><i /><i /><i /></li>`}
      ${talk.loaded.value && !lines.some(isTalk) && !outgoing &&
      html`<li key="empty" class="empty">${_("Nobody has spoken here yet. Say hello.")}</li>`}
      ${rows(lines, newAfter)}
      ${!talk.past.value && html`<${Waiting} outbox=${talk.outbox} kind="line" />`}
    </ol></div>
    ${above.value &&
    html`<p class="new-above">
      <button type="button" onClick=${() => talk.toNew().catch(() => {})}>
        ${icon("arrow-down")}<span>${_n("{n} new line, go to it", "{n} new lines, go to the first", talk.newLines.value, many(talk.newLines.value))}</span>
      </button>
      <button type="button" class="icon-only" aria-label=${_("Close")} onClick=${noMore}>${icon("x")}</button>
    </p>`}
    ${away.value &&
    html`<button type="button" class="to-end" onClick=${toEnd}>
      ${icon("arrow-down")}<span>${talk.unread.value ? _("New lines") : _("To the newest lines")}</span>
    </button>`}
  </div>`;
}
