// The letters that one exchanged with somebody: what is loaded of them, what is on its way, what is being written.
import { LOST, Refused, call } from "./connection.js";
import { batch, signal } from "./html.js";
import { Outbox } from "./outbox.js";

/** @typedef {import("./talk.js").Person} Person */
/** @typedef {{letter: number, contact: number, received: boolean, text: string, at: number, read?: number, edited?: number,
 *   favourite?: boolean, thrown?: boolean, answers?: {letter: number, text: string}}} Letter */
/** @typedef {{contact: number, account: Person, picture?: string, unread: number, letters: number, list: string,
 *   draft?: string, last?: Letter}} Contact */
/** @template T @typedef {import("./html.js").Signal<T>} Signal */

const PAGE = 50;
const TYPING_EVERY_MS = 3000;
const WRITING_MS = 6000;

export class Thread {
  /** `shown` is the list that it is seen in: of favourites and of what was thrown away only those are shown.
   * @param {Person} account @param {string} shown */
  constructor(account, shown) {
    this.account = account;
    this.shown = shown;
    /** Null while they have exchanged no letter. @type {Signal<Contact | null>} */
    this.contact = signal(null);
    /** The oldest first. @type {Signal<Letter[]>} */
    this.letters = signal([]);
    this.outbox = new Outbox(
      ({ text, key, answers }) => call("send", { account: this.account.id, text, key, ...(answers && { answers: answers.letter }) }),
      ({ letter }) => this.sent(letter),
    );
    this.loaded = signal(false);
    this.loading = signal(false);
    this.more = signal(false);
    /** Whether newer letters are left out, since the page was led to an old one. */
    this.past = signal(false);
    /** The letter that the page was led to. */
    this.target = signal(0);
    /** The first letter that is new, 0 when none is. */
    this.newFrom = signal(0);
    /** @type {Signal<import("./connection.js").Refusal | null>} */
    this.problem = signal(null);
    /** @type {Signal<Letter | null>} */
    this.answers = signal(null);
    /** @type {Signal<Letter | null>} */
    this.editing = signal(null);
    /** Whether the other is writing just now. */
    this.writing = signal(false);
    this.writingTimer = 0;
    this.atEnd = true;
    this.draft = "";
    this.draftTold = "";
    this.typedAt = 0;
  }

  get last() {
    return this.letters.peek().at(-1)?.letter ?? 0;
  }

  /** The newest letters, also after the connection was lost; or those up to one, to which the page leads.
   * @param {number} [target] */
  async load(target = 0) {
    const account = this.account.id;
    const place = target ? { before: target + 1 } : {};
    try {
      this.take(await call("letters", { account, list: this.shown, limit: PAGE, ...place }), target);
      this.outbox.flush();
    } catch (error) {
      this.refuse(error);
    }
  }

  /** @param {{letters: Letter[], contact?: Contact, more: boolean}} page @param {number} target */
  take(page, target) {
    const found = page.letters.toReversed();
    const first = !this.loaded.peek();
    const joins = !target && page.more && this.last >= (found[0]?.letter ?? 0);
    const older = joins && !this.past.peek() ? this.letters.peek().filter((each) => each.letter < found[0].letter) : [];
    batch(() => {
      if (page.contact) this.meet(page.contact);
      if (first) this.draft = this.draftTold = page.contact?.draft ?? "";
      if (!older.length) this.more.value = page.more;
      this.letters.value = [...older, ...found];
      this.past.value = target > 0 && page.contact?.last?.letter !== target;
      this.target.value = target;
      this.atEnd = !target;
      const unread = found.filter((each) => each.received && !each.read);
      if (first && unread.length) this.newFrom.value = unread[0].letter;
      this.loaded.value = true;
      this.problem.value = null;
    });
  }

  /** @param {Contact} contact */
  meet(contact) {
    this.account = contact.account;
    this.contact.value = contact;
  }

  /** Something came or was changed: the newest letters once more, unless older ones are looked at. */
  async refresh() {
    if (!this.past.peek() && this.loaded.peek()) await this.load();
  }

  async loadOlder() {
    const [oldest] = this.letters.peek();
    if (!this.more.peek() || this.loading.peek() || !oldest) return;
    this.loading.value = true;
    try {
      const where = { account: this.account.id, list: this.shown, before: oldest.letter, limit: PAGE };
      const page = await call("letters", where);
      batch(() => {
        this.letters.value = [...page.letters.toReversed(), ...this.letters.peek()];
        this.more.value = page.more;
      });
    } catch (error) {
      this.refuse(error);
    } finally {
      this.loading.value = false;
    }
  }

  /** @param {unknown} error */
  refuse(error) {
    if (!(error instanceof Refused)) throw error;
    if (error.error.code !== LOST) this.problem.value = error.error;
  }

  /** A deed with one letter, or with the whole thread. @param {string} op @param {Record<string, unknown>} members */
  async act(op, members) {
    try {
      this.problem.value = null;
      const answer = await call(op, members);
      if (answer.letter) this.put(answer.letter);
      return true;
    } catch (error) {
      this.refuse(error);
      return false;
    }
  }

  /** @param {Letter} letter */
  put(letter) {
    const others = this.letters.peek().filter((each) => each.letter !== letter.letter);
    this.letters.value = [...others, letter].sort((a, b) => a.letter - b.letter);
  }

  /** What the server tells of a letter that is here. @param {{what: string, letter: number, set?: boolean}} told */
  change({ what, letter, set }) {
    const letters = this.letters.peek();
    const gone = what === "erased" || (what === "thrown" && set === (this.shown !== "garbage"));
    if (gone) this.letters.value = letters.filter((each) => each.letter !== letter);
    else if (what === "kept" && !(this.shown === "favourite" && !set)) {
      this.letters.value = letters.map((each) => (each.letter === letter ? { ...each, favourite: set } : each));
    } else this.refresh();
  }

  /** All that came has been read, if somebody is looking. */
  markRead() {
    const contact = this.contact.peek();
    if (!contact?.unread || document.hidden || !document.hasFocus()) return;
    this.contact.value = { ...contact, unread: 0 };
    call("read_letters", { contacts: [contact.contact] }).catch(() => {});
  }

  heard() {
    this.writing.value = true;
    clearTimeout(this.writingTimer);
    this.writingTimer = setTimeout(() => (this.writing.value = false), WRITING_MS);
  }

  /** The other hears of it, and the draft is kept; once in three seconds at most. @param {string} text */
  type(text) {
    this.draft = text;
    if (Date.now() - this.typedAt >= TYPING_EVERY_MS) this.keepDraft();
  }

  /** What was written stays for the next time, and for other browsers. */
  keepDraft() {
    const contact = this.contact.peek();
    if (!contact || this.draft === this.draftTold || this.editing.peek()) return;
    this.typedAt = Date.now();
    this.draftTold = this.draft;
    call("typing", { contact: contact.contact, draft: this.draft }).catch(() => {});
  }

  /** @param {string} text */
  send(text) {
    const answered = this.answers.peek();
    this.answers.value = null;
    this.newFrom.value = 0;
    this.draft = this.draftTold = "";
    this.outbox.add(text, answered ? { letter: answered.letter, text: answered.text } : undefined);
  }

  /** @param {Letter} letter */
  sent(letter) {
    if (!this.past.peek()) this.put(letter);
    if (!this.contact.peek()) this.load();
  }
}
