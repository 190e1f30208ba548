// The card of a member, and the menu of a line: what can be done, where a nick or a line stands.
import { Refused, call } from "./connection.js";
import { whisperTo } from "./composer.js";
import { Dialog, close, copy } from "./dialog.js";
import { html, icon, signal, useLayoutEffect, useSignal } from "./html.js";
import { duration, hue } from "./line.js";
import { current, me } from "./state.js";
import { talks } from "./store.js";
import { _, refusal } from "./texts.js";
import { full } from "./times.js";

/** @typedef {import("./talk.js").Line} Line */

/** What is open: a member's card, a line's menu, or nothing. @type {import("./html.js").Signal<{person?: number, line?: Line} | null>} */
export const opened = signal(null);

/** For how long somebody may be kept out, in minutes; else the rules say. */
const KICKS = [5, 15, 60, 300];

const shut = () => {
  opened.value = null;
};

/** A click on a nick or a menu, wherever it stands. @param {Event} event */
export function openByClick(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  const person = /** @type {HTMLElement | null} */ (target.closest("[data-person]"));
  const menu = /** @type {HTMLElement | null} */ (target.closest("[data-menu]"));
  const talk = talks.peek().get(current.peek());
  if (person) opened.value = { person: Number(person.dataset.person) };
  else if (menu && talk) {
    const line = talk.lines.peek().find((each) => each.seq === Number(menu.dataset.menu));
    if (line) opened.value = { line };
  }
}

/** @param {{id: number}} props */
function Card({ id }) {
  const card = useSignal(/** @type {any} */ (null));
  const problem = useSignal("");
  const reason = useSignal("");
  const minutes = useSignal("");
  const talk = talks.value.get(current.value);
  const load = () =>
    call("card", { account: id, room: current.peek() }).then((answer) => (card.value = answer.card), failed);
  /** @param {unknown} error */
  const failed = (error) => {
    if (!(error instanceof Refused)) throw error;
    problem.value = refusal(error.error);
  };
  useLayoutEffect(() => {
    load();
  }, [id]);
  /** @param {string} op @param {Record<string, unknown>} [members] */
  const act = (op, members = {}) => {
    problem.value = "";
    return call(op, { account: id, ...members }).then(load, failed);
  };
  const shown = card.value;
  if (!shown) {
    return html`<${Dialog} label=${_("Member")} onClose=${shut}><p role="status">${problem.value || _("Loading")}</p></${Dialog}>`;
  }
  const { account } = shown;
  const may = new Set(shown.may);
  return html`<${Dialog} label=${account.nick} onClose=${shut}>
    <header class="card-head">
      <img class="portrait" src=${shown.picture || `/avatar/${id}.png`} alt="" width="64" height="64" />
      <div>
        <h2 class=${`nick ${hue(account)}`}><bdi>${account.nick}</bdi></h2>
        <p>${shown.online ? _("is here now") : shown.seen ? _("last here {time}", { time: full(shown.seen) }) : ""}
        ${account.registered ? "" : ` · ${_("guest")}`}</p>
      </div>
    </header>
    <dl class="facts">
      ${shown.age !== undefined && html`<dt>${_("age")}</dt><dd>${shown.age}</dd>`}
      ${shown.karma_given !== undefined && html`<dt>${_("karma")}</dt><dd>${shown.karma_given}</dd>`}
      ${shown.created && html`<dt>${_("member since")}</dt><dd>${full(shown.created)}</dd>`}
      ${shown.rooms?.length > 0 && html`<dt>${_("in rooms")}</dt><dd>${shown.rooms.map((/** @type {any} */ room) => room.name).join(", ")}</dd>`}
    </dl>
    ${problem.value && html`<p class="refused" role="alert">${problem.value}</p>`}
    <div class="actions">
      ${may.has("whisper") && html`<button type="button" onClick=${() => (close(), whisperTo(account.nick))}>${icon("message-circle")}${_("Whisper")}</button>`}
      ${may.has("letter") && html`<a class="button quiet" href=${`/-/letters?with=${id}`}>${icon("mail")}${_("Letter")}</a>`}
      ${account.registered && html`<a class="button quiet" href=${`/p/${encodeURIComponent(account.nick)}`}>${icon("user")}${_("Profile")}</a>`}
      ${may.has("ignore") && html`<button type="button" class="quiet" onClick=${() => act("ignore", { ignored: !shown.ignored })}>${icon("ban")}${shown.ignored ? _("Ignore no longer") : _("Ignore")}</button>`}
    </div>
    ${may.has("note") && html`<${Note} id=${id} text=${shown.note ?? ""} act=${act} />`}
    ${may.has("karma") && html`<${Gift} act=${act} />`}
    ${talk && (may.has("kick") || may.has("mute") || may.has("hand_over")) &&
    html`<section class="admin-acts" aria-label=${_("As an admin")}>
      <h3>${_("As an admin")}</h3>
      ${may.has("kick") &&
      html`<form class="row-of kick" onSubmit=${(/** @type {Event} */ event) => {
        event.preventDefault();
        act("kick", { room: talk.id, reason: reason.peek(), ...(minutes.peek() && { minutes: Number(minutes.peek()) }) });
      }}>
        <label class="visually-hidden" for="kick-reason">${_("Reason")}</label>
        <input id="kick-reason" required maxlength="200" placeholder=${_("Reason")} onInput=${(/** @type {any} */ event) => (reason.value = event.target.value)} />
        <label class="visually-hidden" for="kick-minutes">${_("For how long")}</label>
        <select id="kick-minutes" onChange=${(/** @type {any} */ event) => (minutes.value = event.target.value)}>
          <option value="">${_("as the rules say")}</option>
          ${KICKS.map((each) => html`<option value=${each}>${duration(each)}</option>`)}
        </select>
        <button type="submit" class="danger">${icon("door-open")}${_("Take out")}</button>
      </form>`}
      <div class="actions">
        ${may.has("mute") && html`<button type="button" class="quiet" onClick=${() => act("mute", { room: talk.id })}>${_("Mute")}</button>`}
        ${may.has("allow_links") && html`<button type="button" class="quiet" onClick=${() => act("allow_links", { room: talk.id })}>${_("Allow links")}</button>`}
        ${may.has("delete_all") && html`<button type="button" class="quiet" onClick=${() => act("delete_all", { room: talk.id })}>${_("Delete all texts")}</button>`}
        ${may.has("hand_over") && html`<button type="button" class="quiet" onClick=${() => act("hand_over", { room: talk.id })}>${_("Hand over the room")}</button>`}
      </div>
    </section>`}
  </${Dialog}>`;
}

/** @typedef {(op: string, members?: Record<string, unknown>) => Promise<unknown>} Act */

/** @param {{id: number, text: string, act: Act}} props */
function Note({ id, text, act }) {
  const note = useSignal(text);
  return html`<form class="row-of" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    act("note", { text: note.peek() });
  }}>
    <label class="visually-hidden" for=${`note-${id}`}>${_("A note that only you see")}</label>
    <input id=${`note-${id}`} maxlength="500" value=${text} placeholder=${_("A note that only you see")} onInput=${(/** @type {any} */ event) => (note.value = event.target.value)} />
    <button type="submit" class="quiet">${_("Save")}</button>
  </form>`;
}

/** @param {{act: Act}} props */
function Gift({ act }) {
  const amount = useSignal("1");
  return html`<form class="row-of" onSubmit=${(/** @type {Event} */ event) => {
    event.preventDefault();
    act("give_karma", { amount: Number(amount.peek()) });
  }}>
    <label for="karma">${_("Give karma")}</label>
    <input id="karma" type="number" min="1" max="1000" required value="1" onInput=${(/** @type {any} */ event) => (amount.value = event.target.value)} />
    <button type="submit" class="quiet">${icon("gift")}${_("Give")}</button>
  </form>`;
}

/** @param {{line: Line}} props */
function Menu({ line }) {
  const problem = useSignal("");
  const done = useSignal("");
  const reporting = useSignal(false);
  const mine = line.actor?.id === me.id;
  const isAdmin = Boolean(talks.value.get(line.room)?.people.value.get(me.id)?.star);
  const where = { room: line.room, seq: line.seq };
  /** @param {string} op @param {Record<string, unknown>} members @param {string} told */
  const act = (op, members, told) =>
    call(op, { ...where, ...members }).then(
      () => (told ? (done.value = told) : close()),
      (error) => (problem.value = error instanceof Refused ? refusal(error.error) : ""),
    );
  return html`<${Dialog} label=${_("Line")} onClose=${shut}>
    <blockquote><bdi>${line.deleted ? _("deleted") : line.text}</bdi></blockquote>
    ${problem.value && html`<p class="refused" role="alert">${problem.value}</p>`}
    ${done.value && html`<p class="saved" role="status">${done.value}</p>`}
    <div class="menu">
      ${!line.deleted && html`<button type="button" class="quiet" onClick=${() => copy(line.text ?? "").then(close)}>${icon("copy")}${_("Copy")}</button>`}
      ${!mine && line.actor && html`<button type="button" class="quiet" onClick=${() => (close(), whisperTo(line.actor?.nick ?? ""))}>${icon("message-circle")}${_("Whisper to {nick}", { nick: line.actor.nick })}</button>`}
      ${!mine && me.registered && line.actor?.registered && html`<a class="button quiet" href=${`/-/letters?with=${line.actor.id}`}>${icon("mail")}${_("Letter to {nick}", { nick: line.actor.nick })}</a>`}
      ${!mine && !line.deleted && me.registered && line.kind === "text" && html`<button type="button" class="quiet" onClick=${() => (reporting.value = true)}>${icon("flag")}${_("Report")}</button>`}
      ${(mine || isAdmin) && line.kind === "text" && !line.deleted && html`<button type="button" class="quiet" onClick=${() => act("delete", {}, "")}>${icon("trash-2")}${_("Delete")}</button>`}
    </div>
    ${reporting.value && html`<form class="row-of" onSubmit=${(/** @type {any} */ event) => {
      event.preventDefault();
      act("report", { reason: event.target.elements.reason.value }, _("The admins of the room will see it."));
    }}>
      <label class="visually-hidden" for="reason">${_("Reason")}</label>
      <input id="reason" name="reason" required maxlength="200" placeholder=${_("Reason")} />
      <button type="submit">${_("Report")}</button>
    </form>`}
  </${Dialog}>`;
}

export function Opened() {
  const what = opened.value;
  if (!what) return null;
  return what.line ? html`<${Menu} line=${what.line} />` : html`<${Card} key=${what.person} id=${what.person ?? 0} />`;
}

