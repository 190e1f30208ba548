// One's letters: the list that is shown, what was searched for, the thread that is open, and what the server tells.
import { LOST, Refused, call, on } from "./connection.js";
import { stay } from "./elsewhere.js";
import { batch, signal } from "./html.js";
import { counts } from "./state.js";
import { Thread } from "./thread.js";

/** @typedef {import("./thread.js").Contact} Contact */
/** @typedef {import("./thread.js").Letter} Letter */
/** @template T @typedef {import("./html.js").Signal<T>} Signal */

const PAGE = 50;
const PAGE_MAX = 100;
const FOUND = 30;
const LOOK_EVERY_MS = 1500;

export const shown = signal("inbox");
/** @type {Signal<Contact[]>} */
export const contacts = signal([]);
export const total = signal(0);
export const loaded = signal(false);
/** @type {Signal<Thread | null>} */
export const open = signal(null);
/** What was searched for and found: contacts by nick, letters by words. Null while nothing is searched for.
 * @type {Signal<{contacts: Contact[], letters: Letter[], of: Map<number, Contact>, more: boolean, before: number} | null>} */
export const found = signal(null);
/** @type {Signal<import("./connection.js").Refusal | null>} */
export const problem = signal(null);

let lookTimer = 0;
let lookedAt = 0;
let sought = "";

/** @param {unknown} error */
function refuse(error) {
  if (!(error instanceof Refused)) throw error;
  if (error.error.code !== LOST) problem.value = error.error;
}

/** The list from its beginning, as long as it is; or a page more of it. @param {boolean} [further] */
export async function look(further = false) {
  lookedAt = Date.now();
  const list = shown.peek();
  const here = contacts.peek();
  const page = further ? { offset: here.length, limit: PAGE } : { limit: Math.min(Math.max(here.length, PAGE), PAGE_MAX) };
  try {
    const answer = await call("threads", { list, ...page });
    if (list !== shown.peek()) return;
    batch(() => {
      const known = new Set(answer.threads.map((/** @type {Contact} */ each) => each.contact));
      contacts.value = further ? [...here.filter((each) => !known.has(each.contact)), ...answer.threads] : answer.threads;
      total.value = answer.total;
      loaded.value = true;
      problem.value = null;
    });
  } catch (error) {
    refuse(error);
  }
}

/** Look again, but not at each of many letters that come at once. */
function stale() {
  if (lookTimer) return;
  lookTimer = setTimeout(
    () => {
      lookTimer = 0;
      look();
      open.peek()?.refresh();
    },
    Math.max(0, lookedAt + LOOK_EVERY_MS - Date.now()),
  );
}

/** @param {string} list */
export function choose(list) {
  batch(() => {
    shown.value = list;
    contacts.value = [];
    loaded.value = false;
  });
  return look();
}

/** Who has such a nick, and which letters have these words. @param {string} text */
export async function seek(text) {
  sought = text;
  if (!text) {
    found.value = null;
    return;
  }
  try {
    const [people, letters] = await Promise.all([
      call("threads", { nick: text, limit: 10 }),
      call("search_letters", { text, limit: FOUND }).catch(noWord),
    ]);
    if (text !== sought) return;
    found.value = { contacts: people.threads, ...inLetters(letters) };
    problem.value = null;
  } catch (error) {
    refuse(error);
  }
}

/** @param {any} answer */
function inLetters({ letters, contacts: of, more, before }) {
  return { letters, of: new Map(of.map((/** @type {Contact} */ each) => [each.contact, each])), more, before };
}

/** What has no word in it finds no letters. @param {unknown} error */
function noWord(error) {
  if (error instanceof Refused && error.error.code === "message_empty") return { letters: [], contacts: [] };
  throw error;
}

export async function seekFurther() {
  const had = found.peek();
  if (!had?.more) return;
  try {
    const more = inLetters(await call("search_letters", { text: sought, before: had.before, limit: FOUND }));
    found.value = { ...more, contacts: had.contacts, letters: [...had.letters, ...more.letters], of: new Map([...had.of, ...more.of]) };
  } catch (error) {
    refuse(error);
  }
}

/** Open the letters exchanged with somebody, or those up to one of them.
 * @param {import("./talk.js").Person} account @param {{list?: string, target?: number, push?: boolean}} [how] */
export function show(account, { list = "inbox", target = 0, push = true } = {}) {
  open.peek()?.keepDraft();
  const known = open.peek();
  const same = known?.account.id === account.id && known.shown === list && !target;
  const thread = same ? known : new Thread(account, list);
  open.value = thread;
  thread.load(target);
  if (push) history.pushState({ with: account.id, list }, "", `/-/letters?with=${account.id}`);
}

export function hide() {
  open.peek()?.keepDraft();
  open.value = null;
  history.pushState({}, "", "/-/letters");
}

/** A deed with all letters of the thread that is open. @param {string} op @param {Record<string, unknown>} members */
export async function actOnAll(op, members) {
  const thread = open.peek();
  const contact = thread?.contact.peek();
  if (!thread || !contact) return;
  if (await thread.act(op, { contacts: [contact.contact], ...members })) {
    if (op === "throw" || op === "erase") hide();
    await Promise.all([look(), thread.load()]);
  }
}

/** @param {number} contact */
function isOpen(contact) {
  return open.peek()?.contact.peek()?.contact === contact;
}

on("hello", async () => {
  try {
    const own = await call("own", { watch: true });
    counts.value = own.counts;
    await Promise.all([look(), open.peek()?.load(), stay(own.marks)]);
  } catch (error) {
    refuse(error);
  }
});
on("counts", (told) => {
  counts.value = { ...counts.peek(), ...told };
});
on("letter", (told) => {
  const thread = open.peek();
  const isNew = told.what === "received" || told.what === "sent";
  if (thread && isNew && !thread.contact.peek() && told.account?.id === thread.account.id) thread.load();
  else if (thread && isOpen(told.contact)) {
    if (!isNew) thread.change(told);
    else if (told.what === "received") thread.writing.value = false;
  }
  stale();
});
on("thread", stale);
on("writing", ({ contact }) => {
  if (isOpen(contact)) open.peek()?.heard();
});
