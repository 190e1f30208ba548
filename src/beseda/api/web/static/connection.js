// The WebSocket to /live: calls with their answers, events, and coming back when it is lost.
import { batch, effect, signal } from "./html.js";

/** @typedef {{code: string, retry_after_s?: number, max_chars?: number, reason?: string, lock?: string,
 *   password_opens?: boolean}} Refusal */
/** @typedef {{op: string, [member: string]: unknown}} CallMembers */
/** @typedef {{frame: string, resolve: (answer: any) => void, reject: (error: Refused) => void}} Waiting */

const FIRST_WAIT_S = 1;
const LONGEST_WAIT_S = 30;
/** The server lets a client send 40 frames at once and then one every half a second; we stay below. */
const BURST = 30;
const FRAME_MS = 550;
const SESSION_OVER = 1008;
/** So many lines at most are told to the page before it is drawn again, however many have come. */
const LINES_AT_ONCE = 8;
const DRAWN_BY_MS = 250;

/** A call that was refused, or that the connection was lost under. */
export class Refused extends Error {
  /** @param {Refusal} error */
  constructor(error) {
    super(error.code);
    this.error = error;
  }
}

export const LOST = "lost";

/**
 * What the page shows of the connection: `state` is connecting, open, waiting (till `retryAt`) or over (the session is).
 * @type {import("./html.js").Signal<{state: string, retryAt: number}>}
 */
export const status = signal({ state: "connecting", retryAt: 0 });

/** What comes without having been asked for, and "open" with the hello. @type {Record<string, (facts: any) => void>} */
const listeners = {};

/** @type {WebSocket | null} */
let socket = null;
/** @type {Map<number, Waiting>} */
const waiting = new Map();
/** @type {string[]} */
const queue = [];
let lastId = 0;
let attempts = 0;
let retryTimer = 0;
let allowance = BURST;
let refilledAt = 0;
let sendTimer = 0;

/** @param {string} event @param {(facts: any) => void} listener */
export function on(event, listener) {
  listeners[event] = listener;
}

/**
 * The answer to a call. Rejects with Refused; with the code `lost` when nobody knows what became of it.
 * @param {string} op @param {Record<string, unknown>} [members] @returns {Promise<any>}
 */
export function call(op, members = {}) {
  return new Promise((resolve, reject) => {
    if (status.peek().state !== "open") {
      reject(new Refused({ code: LOST }));
      return;
    }
    const id = ++lastId;
    waiting.set(id, { frame: op, resolve, reject });
    queue.push(JSON.stringify({ op, id, ...members }));
    drain();
  });
}

/** When the server can be asked: at once, or when it is there again. @returns {Promise<void>} */
export function opened() {
  return new Promise((resolve) => {
    const stop = effect(() => {
      if (status.value.state !== "open") return;
      resolve();
      queueMicrotask(() => stop());
    });
  });
}

/** What makes a post or a letter one, however often it is sent; without randomUUID, which plain http has not. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (each) => each.toString(36)).join("");
}

function drain() {
  const now = Date.now();
  allowance = Math.min(BURST, allowance + (now - refilledAt) / FRAME_MS);
  refilledAt = now;
  while (queue.length && allowance >= 1 && socket?.readyState === WebSocket.OPEN) {
    socket.send(/** @type {string} */ (queue.shift()));
    allowance -= 1;
  }
  clearTimeout(sendTimer);
  if (queue.length) sendTimer = setTimeout(drain, FRAME_MS);
}

export function connect() {
  clearTimeout(retryTimer);
  if (socket !== null) return;
  status.value = { state: "connecting", retryAt: 0 };
  const opened = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live?v=1`);
  socket = opened;
  opened.onmessage = (event) => {
    if (opened === socket) receive(JSON.parse(event.data));
  };
  opened.onclose = (event) => {
    if (opened === socket) lose(event);
  };
}

/** Lines that have come since the page was drawn. @type {any[]} */
const lines = [];
let linesTimer = 0;

/** Tell lines, at most so many; what is left after them. @param {number} most */
function tellLines(most) {
  clearTimeout(linesTimer);
  linesTimer = 0;
  batch(() => lines.splice(0, most).forEach((line) => listeners.line?.(line)));
  if (lines.length) tellSoon();
}

/** With the next drawing of the page; what is behind other windows may not be drawn for long. */
function tellSoon() {
  if (linesTimer) return;
  const most = document.hidden ? Infinity : LINES_AT_ONCE;
  const tell = () => linesTimer && tellLines(most);
  linesTimer = setTimeout(tell, document.hidden ? 0 : DRAWN_BY_MS);
  if (!document.hidden) requestAnimationFrame(tell);
}

/** All in the order in which it came. @param {any} message */
function receive(message) {
  if (message.line && !("re" in message)) {
    lines.push(message.line);
    tellSoon();
    return;
  }
  if (lines.length) tellLines(Infinity);
  if ("re" in message) {
    const call = waiting.get(message.re);
    waiting.delete(message.re);
    if (message.ok) call?.resolve(message);
    else call?.reject(new Refused(message.error));
    return;
  }
  if (message.hello) {
    attempts = 0;
    allowance = BURST;
    status.value = { state: "open", retryAt: 0 };
  }
  const [event] = Object.keys(message);
  listeners[event]?.(message[event]);
}

/** @param {{code: number, reason?: string}} event */
function lose(event) {
  socket = null;
  queue.length = 0;
  if (lines.length) tellLines(Infinity);
  for (const call of waiting.values()) call.reject(new Refused({ code: LOST }));
  waiting.clear();
  if (event.code === SESSION_OVER && /session/.test(event.reason ?? "")) {
    end();
    return;
  }
  const wait = Math.min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** attempts) * (0.5 + Math.random() / 2);
  attempts += 1;
  status.value = { state: "waiting", retryAt: Date.now() + wait * 1000 };
  retryTimer = setTimeout(retry, wait * 1000);
}

/** A refused handshake does not say why: whether the session is over, the server says when it is asked. */
async function retry() {
  if (attempts > 1 && (await isSignedOut())) end();
  else connect();
}

async function isSignedOut() {
  try {
    return (await fetch("/live?v=1", { cache: "no-store" })).status === 401;
  } catch {
    return false;
  }
}

function end() {
  status.value = { state: "over", retryAt: 0 };
  listeners.over?.({});
}

/** Try now: somebody asked for it, the network is back, or the machine woke up. */
export function connectNow() {
  if (status.peek().state !== "waiting") return;
  attempts = 0;
  connect();
}

addEventListener("online", connectNow);
addEventListener("offline", () => {
  const dropped = socket;
  if (dropped === null) return;
  lose({ code: 1006 });
  dropped.close();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) connectNow();
});
