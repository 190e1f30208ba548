// One room: its lines, its people, what is on its way out, and how far it has been read.
import { Refused, call } from "./connection.js";
import { batch, signal } from "./html.js";
import { Outbox } from "./outbox.js";
import { active, current, me, mentions, stirred } from "./state.js";

/** @typedef {{id: number, nick: string, registered: boolean, sex?: string, karma?: string, star?: string,
 *   away?: boolean}} Person */
/** @typedef {{room: number, seq: number, at: number, kind: string, actor?: Person, target?: Person, text?: string,
 *   number?: number, muted?: boolean, deleted?: boolean}} Line */
/** @typedef {{why: string, reason?: string, until?: number, lock?: string, asks?: boolean, wrong?: boolean,
 *   error?: import("./connection.js").Refusal}} Out */
/** @template T @typedef {import("./html.js").Signal<T>} Signal */

const HISTORY = 50;
const RESUMED = 200;
/** More lines than this leave the page while its end is read. */
const KEPT_MAX = 400;
const KEPT = 250;
const READ_EVERY_MS = 2000;

/** Who is told of what has not been seen: notify.js. */
export const news = { tell: (/** @type {Talk} */ talk, /** @type {Line} */ line) => {} };

/** One room that the member is in, or was just now. */
export class Talk {
  /** @param {number} id @param {string} name */
  constructor(id, name) {
    this.id = id;
    this.name = name;
    /** @type {Signal<Line[]>} */
    this.lines = signal([]);
    this.outbox = new Outbox(
      ({ text, key }) => call("post", { room: this.id, text, key }),
      ({ line }) => {
        if (!this.opening && line.room === this.id && line.seq === this.last + 1) this.add(line);
      },
    );
    /** @type {Signal<Map<number, Person>>} */
    this.people = signal(new Map());
    /** @type {Signal<Out | null>} */
    this.out = signal(null);
    this.loaded = signal(false);
    this.more = signal(false);
    this.loading = signal(false);
    this.unread = signal(0);
    this.mentions = signal(0);
    /** The line after which everything is new, 0 when nothing is. */
    this.newAfter = signal(0);
    this.read = 0;
    this.marked = false;
    /** Where the server said to go on with older lines, 0 where that is the oldest that is here. */
    this.before = 0;
    this.atEnd = true;
    /** The last line that is here when newer ones are left out; 0 when there are none. */
    this.past = signal(0);
    /** The newest line there is, while it is left out. */
    this.head = 0;
    /** The line that the page was led to. */
    this.target = signal(0);
    this.draft = "";
    this.readTimer = 0;
    this.opening = /** @type {Promise<void> | null} */ (null);
  }

  get last() {
    return Math.max(this.past.peek() && this.head, this.lines.peek().at(-1)?.seq ?? 0);
  }

  /** Follow the room, from where the page is up to: also on a new connection, and after a night. */
  open() {
    this.opening ??= this.resume().finally(() => {
      this.opening = null;
    });
    return this.opening;
  }

  async resume() {
    const first = !this.loaded.peek();
    const page = await call("history", { room: this.id, limit: first ? HISTORY : RESUMED });
    batch(() => {
      this.take(page, first);
      this.out.value = null;
    });
    const { people } = await call("people", { room: this.id });
    this.people.value = new Map(people.map((/** @type {Person} */ each) => [each.id, each]));
    await call("follow", this.last ? { room: this.id, after: this.last } : { room: this.id });
    this.outbox.flush();
  }

  /** A page of the newest lines; when lines are missing in between, what the page had before is left behind.
   * @param {{lines: Line[], more: boolean, before?: number}} page @param {boolean} first */
  take(page, first) {
    const joins = !first && (!page.more || !page.lines.length || page.lines[0].seq <= this.last + 1);
    if (joins || this.past.peek()) {
      for (const line of page.lines) this.add(line);
    } else {
      this.lines.value = page.lines;
      this.more.value = page.more;
      this.before = page.before ?? 0;
      this.recount();
    }
    this.loaded.value = true;
  }

  /** What of the lines that have just been loaded is new to the member. */
  recount() {
    if (!this.marked) return;
    const fresh = this.lines.peek().filter((line) => line.seq > this.read && this.isNews(line));
    this.unread.value = Math.max(this.unread.peek(), fresh.length);
    this.mentions.value = Math.max(this.mentions.peek(), fresh.filter(mentions).length);
    if (fresh.length) this.newAfter.value = fresh[0].seq - 1;
  }

  async loadOlder() {
    const [oldest] = this.lines.peek();
    if (!this.more.peek() || this.loading.peek() || (oldest === undefined && !this.before)) return;
    this.loading.value = true;
    try {
      const page = await call("history", { room: this.id, before: this.before || oldest?.seq, limit: HISTORY });
      this.before = page.more ? page.before : 0;
      batch(() => {
        const from = this.lines.peek()[0]?.seq ?? Infinity;
        this.lines.value = [...page.lines.filter((/** @type {Line} */ line) => line.seq < from), ...this.lines.peek()];
        this.more.value = page.more;
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    } finally {
      this.loading.value = false;
    }
  }

  /** Only these lines are shown, though there are newer ones. @param {Line[]} lines */
  leaveNewer(lines) {
    this.head = this.last;
    this.lines.value = lines;
    this.past.value = lines.at(-1)?.seq ?? 0;
  }

  /** Lines between those that are here and the newest. */
  async loadNewer() {
    if (!this.past.peek() || this.loading.peek()) return;
    this.loading.value = true;
    try {
      const page = await call("history", { room: this.id, after: this.past.peek(), limit: HISTORY });
      batch(() => {
        const lines = [...this.lines.peek(), ...page.lines];
        this.lines.value = lines;
        const last = lines.at(-1)?.seq ?? 0;
        this.past.value = page.newer ? page.after : last < this.head ? last : 0;
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    } finally {
      this.loading.value = false;
    }
  }

  /** Lead the page to a line, with what stands around it. @param {number} seq */
  async jump(seq) {
    await this.opening;
    this.atEnd = false;
    if (!this.lines.peek().some((line) => line.seq === seq)) {
      const page = await call("history", { room: this.id, around: seq, limit: HISTORY });
      batch(() => {
        this.before = page.more ? page.before : 0;
        this.more.value = page.more;
        if (page.newer) this.leaveNewer(page.lines);
        else this.lines.value = page.lines;
      });
    }
    this.target.value = seq;
  }

  /** Back to the newest lines. */
  async toEnd() {
    if (this.past.peek()) {
      const page = await call("history", { room: this.id, limit: HISTORY });
      batch(() => {
        this.past.value = 0;
        this.lines.value = page.lines;
        this.more.value = page.more;
        this.before = page.before ?? 0;
      });
    }
    this.target.value = 0;
    this.atEnd = true;
  }

  /** @param {Line} line */
  add(line) {
    const lines = this.lines.peek();
    if (line.seq <= this.last) return;
    batch(() => {
      const kept = this.atEnd && lines.length >= KEPT_MAX ? lines.slice(-KEPT) : lines;
      if (kept !== lines) {
        this.more.value = true;
        this.before = 0;
      }
      if (this.past.peek()) this.head = line.seq;
      this.lines.value = this.past.peek() ? applied(kept, line) : [...applied(kept, line), line];
      this.move(line);
      if (this.isNews(line)) this.count(line);
      else if (line.actor?.id === me.id && (line.kind === "text" || line.kind === "whisper")) this.newAfter.value = 0;
    });
  }

  /** Whether a line is something to read that somebody else wrote. @param {Line} line */
  isNews(line) {
    return (line.kind === "text" || line.kind === "whisper") && line.actor?.id !== me.id && !line.deleted;
  }

  /** @param {Line} line */
  count(line) {
    const seen = this.id === current.peek() && this.atEnd && !document.hidden && document.hasFocus();
    if (seen) {
      this.markRead();
      return;
    }
    if (!this.unread.peek() && !this.newAfter.peek()) this.newAfter.value = line.seq - 1;
    this.unread.value += 1;
    if (mentions(line)) this.mentions.value += 1;
    news.tell(this, line);
  }

  /** All has been read; the server hears of it once in two seconds at most. */
  markRead() {
    this.unread.value = 0;
    this.mentions.value = 0;
    if (this.last <= this.read || this.readTimer) return;
    this.readTimer = setTimeout(() => {
      this.readTimer = 0;
      if (this.last <= this.read) return;
      this.read = this.last;
      call("read", { room: this.id, seq: this.last }).catch(() => {});
    }, READ_EVERY_MS);
  }

  /** @param {any} mark */
  setMark(mark) {
    if (mark.read < this.read) return;
    this.read = mark.read;
    this.marked = true;
    if (this.id === current.peek() && this.atEnd && !document.hidden && this.loaded.peek()) return;
    this.unread.value = mark.unread;
    this.mentions.value = mark.mentions;
  }

  /** What a line says of who is here. @param {Line} line */
  move(line) {
    const { actor, target } = line;
    const people = new Map(this.people.peek());
    if (line.kind === "entered" && actor) people.set(actor.id, { ...actor });
    else if ((line.kind === "left" || line.kind === "auto_left") && actor) people.delete(actor.id);
    else if (line.kind === "kicked" && target) people.delete(target.id);
    else if (line.kind === "presence" && actor) change(people, actor.id, { away: !line.number });
    else if (line.kind === "admin") {
      for (const [id, each] of people) if (each.star === "temporary") people.set(id, { ...each, star: undefined });
      if (target && !people.get(target.id)?.star) change(people, target.id, { star: "temporary" });
    } else return;
    this.people.value = people;
    if (line.kind === "kicked" && target?.id === me.id) {
      this.out.value = { why: "kicked", reason: line.text, until: line.at + (line.number ?? 0) * 60_000 };
    } else if (line.kind === "auto_left" && actor?.id === me.id) this.out.value = { why: "idle" };
  }

  /** @param {string} text */
  say(text) {
    stirred();
    this.outbox.add(text);
  }
}

/** @param {Map<number, Person>} people @param {number} id @param {Partial<Person>} members */
function change(people, id, members) {
  const person = people.get(id);
  if (person) people.set(id, { ...person, ...members });
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
