// One room: its lines, its people, what is on its way out, and how far it has been read.
import { call } from "./connection.js";
import { batch, signal } from "./html.js";
import { Outbox } from "./outbox.js";
import { current, isNews, me, mentions, stirred } from "./state.js";
import { Window } from "./window.js";

/** @typedef {{id: number, nick: string, registered: boolean, sex?: string, karma?: string, star?: string,
 *   away?: boolean}} Person */
/** @typedef {{room: number, seq: number, at: number, kind: string, actor?: Person, target?: Person, text?: string,
 *   number?: number, muted?: boolean, deleted?: boolean}} Line */
/** @typedef {{why: string, reason?: string, until?: number, lock?: string, asks?: boolean, wrong?: boolean,
 *   error?: import("./connection.js").Refusal}} Out */
/** @template T @typedef {import("./html.js").Signal<T>} Signal */

const HISTORY = 50;
const RESUMED = 200;
const READ_EVERY_MS = 2000;

/** Who is told of what has not been seen: notify.js. */
export const news = { tell: (/** @type {Talk} */ talk, /** @type {Line} */ line) => {} };

/** One room that the member is in, or was just now. */
export class Talk extends Window {
  /** @param {number} id @param {string} name */
  constructor(id, name) {
    super(id);
    this.name = name;
    this.outbox = new Outbox(
      ({ text, key }) => call("post", { room: this.id, text, key }),
      ({ line }) => {
        if (!this.opening && line.room === this.id && line.seq === this.head + 1) this.add(line);
      },
    );
    /** @type {Signal<Map<number, Person>>} */
    this.people = signal(new Map());
    /** @type {Signal<Out | null>} */
    this.out = signal(null);
    this.loaded = signal(false);
    this.unread = signal(0);
    this.mentions = signal(0);
    /** The line after which everything is new, 0 when nothing is; how much that was, and whether it has been in sight. */
    this.newAfter = signal(0);
    this.newLines = signal(0);
    this.newSeen = false;
    this.read = 0;
    this.marked = false;
    this.draft = "";
    /** Whether all that is here came with the page, and the room is not followed yet. */
    this.isSeeded = false;
    this.readTimer = 0;
    this.opening = /** @type {Promise<void> | null} */ (null);
  }

  /** What stands in the page already. @param {NonNullable<typeof import("./first.js").first>} first */
  seed(first) {
    batch(() => {
      this.setMark(first.mark);
      this.take(first, true);
      this.meet(first.people);
    });
    this.isSeeded = true;
  }

  /** Who is here; whoever is as he was need not be drawn anew. @param {Person[]} people */
  meet(people) {
    const known = this.people.peek();
    const kept = (/** @type {Person} */ each) => {
      const before = known.get(each.id);
      return before && JSON.stringify(before) === JSON.stringify(each) ? before : each;
    };
    this.people.value = new Map(people.map((each) => [each.id, kept(each)]));
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
    const page = await call("history", { room: this.id, limit: first || this.isSeeded ? HISTORY : RESUMED });
    const isWhole = this.isSeeded && this.joins(page);
    batch(() => {
      this.take(page, first);
      this.out.value = null;
    });
    if (!isWhole) this.meet((await call("people", { room: this.id })).people);
    this.isSeeded = false;
    await call("follow", this.head ? { room: this.id, after: this.head } : { room: this.id });
    this.outbox.flush();
  }

  /** Whether nothing is missing between what has been heard and a page of the newest lines.
   * @param {import("./window.js").Page} page */
  joins(page) {
    return !page.more || !page.lines.length || page.lines[0].seq <= this.head + 1;
  }

  /** A page of the newest lines. When lines are missing in between, what the page had before is left behind; but
   * whoever reads above goes on there. @param {import("./window.js").Page} page @param {boolean} first */
  take(page, first) {
    const joins = !first && this.joins(page);
    if (!joins && !first && !this.atEnd && !this.past.peek()) this.past.value = this.head;
    if (joins || this.past.peek()) {
      for (const line of page.lines) if (line.seq > this.head) this.hear(line);
      this.reach(page.after);
    } else this.show(page);
    if (this.isSeeded && this.seen) this.markRead(); // it came under the reader's eyes, as any other
    else this.recount();
    this.loaded.value = true;
  }

  /** What is new to the member, now that lines have been loaded: what is here is counted, of what is not here the server
   * has said how much there is. */
  recount() {
    if (!this.marked) return;
    const fresh = this.lines.peek().filter((line) => line.seq > this.read && isNews(line));
    const whole = !this.past.peek() && this.reachesBack(this.read);
    this.unread.value = whole ? fresh.length : Math.max(this.unread.peek(), fresh.length);
    this.mentions.value = Math.max(whole ? 0 : this.mentions.peek(), fresh.filter(mentions).length);
    if (this.unread.peek()) this.begin(whole ? fresh[0].seq - 1 : this.read, this.unread.peek());
    if (this.seen) this.markRead();
  }

  /** From here on it is new. @param {number} after @param {number} [lines] */
  begin(after, lines = 0) {
    this.newAfter.value = after;
    this.newLines.value = lines;
    this.newSeen = false;
  }

  /** @param {number} seq */
  async jump(seq) {
    await this.opening;
    await super.jump(seq);
  }

  /** To the first line that is new. */
  async toNew() {
    await this.opening;
    const after = this.newAfter.peek();
    this.atEnd = false;
    if (!this.reachesBack(after)) this.show(await call("history", { room: this.id, after, limit: HISTORY }));
    this.target.value = { seq: 0 };
  }

  /** Whether somebody is reading the newest lines. */
  get seen() {
    return this.id === current.peek() && this.atEnd && !document.hidden && document.hasFocus();
  }

  /** @param {Line} line */
  add(line) {
    if (line.seq <= this.head) return;
    batch(() => {
      this.hear(line);
      if (isNews(line)) this.count(line);
      else if (line.actor?.id === me.id && (line.kind === "text" || line.kind === "whisper")) this.newAfter.value = 0;
    });
  }

  /** @param {Line} line */
  hear(line) {
    this.append(line);
    this.move(line);
  }

  /** @param {Line} line */
  count(line) {
    if (this.seen) {
      this.markRead();
      return;
    }
    const away = this.id !== current.peek() || document.hidden || !document.hasFocus();
    if (!this.unread.peek() && (away || this.newSeen || !this.newAfter.peek())) this.begin(line.seq - 1);
    this.unread.value += 1;
    this.newLines.value += 1;
    if (mentions(line)) this.mentions.value += 1;
    news.tell(this, line);
  }

  /** All has been read; the server hears of it once in two seconds at most. */
  markRead() {
    this.unread.value = 0;
    this.mentions.value = 0;
    if (this.head <= this.read) return;
    this.read = this.head;
    this.tellRead();
  }

  tellRead() {
    this.readTimer ||= setTimeout(() => {
      this.readTimer = 0;
      call("read", { room: this.id, seq: this.read }).catch(() => {});
    }, READ_EVERY_MS);
  }

  /** @param {any} mark */
  setMark(mark) {
    this.marked = true;
    if (mark.read < this.read) {
      this.tellRead();
      return;
    }
    this.read = mark.read;
    if (this.id === current.peek() && this.atEnd && !document.hidden && this.loaded.peek()) return;
    this.unread.value = mark.unread + (mark.more ? 1 : 0);
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

  /** Whoever read above is led to where his words stand. @param {string} text */
  say(text) {
    stirred();
    this.outbox.add(text);
    if (!this.atEnd) this.toEnd().catch(() => {});
  }
}

/** @param {Map<number, Person>} people @param {number} id @param {Partial<Person>} members */
function change(people, id, members) {
  const person = people.get(id);
  if (person) people.set(id, { ...person, ...members });
}
