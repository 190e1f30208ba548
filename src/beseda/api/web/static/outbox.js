// What was written here and is on its way, or was refused: sent once, however often the connection is lost.
import { LOST, Refused, newKey } from "./connection.js";
import { batch, html, icon, signal } from "./html.js";
import { linked } from "./line.js";
import { _, refusal } from "./texts.js";

/** @typedef {{key: string, text: string, answers?: {letter: number, text: string}, state: "sending" | "refused",
 *   error?: import("./connection.js").Refusal}} Outgoing */

export class Outbox {
  /** `send` makes the call, `sent` is told its answer. @param {(each: Outgoing) => Promise<any>} send
   * @param {(answer: any) => void} sent */
  constructor(send, sent) {
    this.send = send;
    this.sent = sent;
    /** @type {import("./html.js").Signal<Outgoing[]>} */
    this.items = signal([]);
  }

  /** @param {string} text @param {{letter: number, text: string}} [answers] */
  add(text, answers) {
    const key = newKey();
    this.items.value = [...this.items.peek(), { key, text, answers, state: "sending" }];
    this.deliver(key);
  }

  /** @param {string} key */
  async deliver(key) {
    const outgoing = this.items.peek().find((each) => each.key === key);
    if (!outgoing) return;
    this.change(key, { state: "sending", error: undefined });
    try {
      const answer = await this.send(outgoing);
      batch(() => {
        this.forget(key);
        this.sent(answer);
      });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.error.code !== LOST) this.change(key, { state: "refused", error: error.error });
    }
  }

  /** @param {string} key @param {Partial<Outgoing>} members */
  change(key, members) {
    this.items.value = this.items.peek().map((each) => (each.key === key ? { ...each, ...members } : each));
  }

  /** @param {string} key */
  forget(key) {
    this.items.value = this.items.peek().filter((each) => each.key !== key);
  }

  /** Send again, with the same keys, what was under way when the connection was lost. */
  flush() {
    for (const each of this.items.peek()) if (each.state === "sending") this.deliver(each.key);
  }
}

/** At the end of the talk, or of a thread. @param {{outbox: Outbox, kind: string}} props */
export function Waiting({ outbox, kind }) {
  return outbox.items.value.map(
    (each) => html`<li key=${each.key} class=${`${kind} outgoing ${each.state}`}>
      ${each.answers && html`<blockquote dir="auto"><bdi>${each.answers.text}</bdi></blockquote>`}
      <p class="words" dir="auto"><bdi class="said">${linked(each.text)}</bdi></p>
      ${each.state === "sending"
        ? html`<p class="state">${_("sending")}</p>`
        : html`<p class="state refused" role="alert">
            ${icon("circle-alert")}<span>${each.error && refusal(each.error)}</span>
            <button type="button" class="quiet" onClick=${() => outbox.deliver(each.key)}>${_("Try again")}</button>
            <button type="button" class="quiet" onClick=${() => outbox.forget(each.key)}>${_("Discard")}</button>
          </p>`}
    </li>`,
  );
}
