// The lines of a room that are on the page: a window over all there are, which moves with the reader both ways.
import { Refused, call, opened } from "./connection.js";
import { batch, signal } from "./html.js";
import { isSilent } from "./line.js";

/** @typedef {import("./talk.js").Line} Line */
/** @typedef {{lines: Line[], before: number, more: boolean, after: number, newer: boolean}} Page */
/** @template T @typedef {import("./html.js").Signal<T>} Signal */

const PAGE = 30;
/** Of what is led to, more than fits on a screen on either side. */
const AROUND = 60;
/** More lines than this are never on the page: the farthest from the reader leave, and come back by history. */
const MOST = 400;
/** So many stay at once where new ones come all the time. */
const KEPT = 360;
const AGAIN_MS = 2000;

export class Window {
  /** @param {number} id */
  constructor(id) {
    this.id = id;
    /** @type {Signal<Line[]>} */
    this.lines = signal([]);
    this.more = signal(false);
    this.loading = signal(false);
    /** Whether the end of what is here is read. */
    this.atEnd = true;
    /** The newest line there is, on the page or not. */
    this.head = 0;
    /** All up to this line is here or older, and newer ones are left out; 0 when none are. */
    this.past = signal(0);
    /** Where the server said to go on with older lines, 0 where that is the oldest that is here. */
    this.before = 0;
    /** Where the page was led to: a line, or with 0 what is new. Each time is another, also to the same place.
     * @type {Signal<{seq: number} | null>} */
    this.target = signal(null);
    /** The last of these that the page went to. @type {{seq: number} | null} */
    this.led = null;
    /** Which line was first in sight, where it stood, and how far the page was scrolled.
     * @type {{seq: string | undefined, offset: number, scrolled: number} | null} */
    this.sight = null;
  }

  /** Whether all after this line is here that is older than what is here. @param {number} seq */
  reachesBack(seq) {
    return !this.more.value || (this.before || (this.lines.value[0]?.seq ?? 0)) <= seq + 1;
  }

  /** All up to this line has been heard of. @param {number} seq */
  reach(seq) {
    this.head = Math.max(this.head, seq);
  }

  /** These and no others. @param {Page} page */
  show(page) {
    this.reach(page.after);
    batch(() => {
      this.lines.value = told(page.lines);
      this.more.value = page.more;
      this.before = page.before;
      this.past.value = page.after < this.head ? page.after : 0;
    });
  }

  /** One that is newer than all others. @param {Line} line */
  append(line) {
    const newest = this.head;
    this.head = line.seq;
    let lines = applied(this.lines.peek(), line);
    if (!this.past.peek() && !isSilent(line)) {
      if (lines.length < MOST) lines = [...lines, line];
      else if (this.atEnd) lines = this.withoutOldest([...lines, line], KEPT);
      else this.past.value = newest;
    }
    this.lines.value = lines;
  }

  /** What leaves at the top comes back by history. @param {Line[]} lines @param {number} kept */
  withoutOldest(lines, kept) {
    if (lines.length <= kept) return lines;
    this.more.value = true;
    this.before = 0;
    return lines.slice(-kept);
  }

  async loadOlder() {
    const where = () => this.more.peek() && (this.before || this.lines.peek()[0]?.seq);
    await this.load("before", where, (page) => {
      const lines = [...told(page.lines), ...this.lines.peek()];
      this.more.value = page.more;
      this.before = page.before;
      this.lines.value = lines.slice(0, MOST);
      if (lines.length > MOST) this.past.value = lines[MOST - 1].seq;
    });
  }

  /** Lines between those that are here and the newest. */
  async loadNewer() {
    await this.load("after", () => this.past.peek(), (page) => {
      this.lines.value = this.withoutOldest([...this.lines.peek(), ...told(page.lines)], MOST);
      this.past.value = page.after < this.head ? page.after : 0;
    });
  }

  /** A page from somewhere, one at a time; what has come to be somewhere else meanwhile is of no use. Whatever
   * was refused is not asked for again at once.
   * @param {string} side @param {() => number | false | undefined} where @param {(page: Page) => void} use */
  async load(side, where, use) {
    const from = where();
    if (!from || this.loading.peek()) return;
    this.loading.value = true;
    try {
      await opened();
      const page = await call("history", { room: this.id, [side]: from, limit: PAGE });
      if (where() === from) batch(() => use(page));
      this.loading.value = false;
    } catch (error) {
      setTimeout(() => (this.loading.value = false), AGAIN_MS);
      if (!(error instanceof Refused)) throw error;
    }
  }

  /** Lead the page to a line, with what stands around it. @param {number} seq */
  async jump(seq) {
    this.atEnd = false;
    if (!this.lines.peek().some((line) => line.seq === seq)) {
      this.show(await call("history", { room: this.id, around: seq, limit: AROUND }));
    }
    this.target.value = { seq };
  }

  /** Back to the newest lines. */
  async toEnd() {
    const page = this.past.peek() ? await call("history", { room: this.id, limit: PAGE }) : null;
    this.target.value = null;
    this.atEnd = true;
    if (page) this.show(page);
    await this.loadNewer();
  }
}

/** @param {Line[]} lines */
function told(lines) {
  return lines.filter((line) => !isSilent(line));
}

/** The lines after one that deletes some. @param {Line[]} lines @param {Line} line */
function applied(lines, line) {
  const { kind, number, target, seq } = line;
  if (kind === "line_deleted") return lines.map((each) => (each.seq === number ? entombed(each) : each));
  if (kind !== "lines_deleted") return lines;
  return lines.map((each) => (each.kind === "text" && each.actor?.id === target?.id && each.seq < seq ? entombed(each) : each));
}

/** @param {Line} line @returns {Line} */
function entombed(line) {
  return { ...line, text: "", deleted: true };
}
