// What one line looks like: a text with its links, a whisper, or what happened in words.
import { smiled } from "./emoji.js";
import { html } from "./html.js";
import { me, mentions } from "./state.js";
import { _, _n, refusal } from "./texts.js";
import { clock } from "./times.js";

/** @typedef {import("./talk.js").Line} Line */
/** @typedef {import("./talk.js").Person} Person */

export const HUES = 12;
const LINK = /(?:https?:\/\/|www\.)[^\s<>"'\u201c\u201d\u00ab\u00bb]+/giu;
const AFTER_LINK = /[.,;:!?)\]}'"\u2026]+$/u;

/** @param {Person} person */
export function hue(person) {
  return `hue-${person.id % HUES}`;
}

/** A nick that opens the member's card; among lines arrows lead to it, and Tab does not.
 * @param {Person | undefined} person @param {number} [tab] */
export function nick(person, tab = 0) {
  if (!person) return _("The server");
  return html`<button type="button" class=${`nick ${hue(person)}`} data-person=${person.id} tabindex=${tab} aria-haspopup="dialog">
    ${person.nick}
  </button>`;
}

/** A text with its links as links, and smileys as pictures. @param {string} text */
export function linked(text) {
  const parts = [];
  let at = 0;
  for (const match of text.matchAll(LINK)) {
    let address = match[0];
    const balanced = address.includes("(") && address.endsWith(")");
    if (!balanced) address = address.replace(AFTER_LINK, "");
    if (!/^(?:https?:\/\/|www\.)./iu.test(address)) continue;
    parts.push(smiled(text.slice(at, match.index), text.charAt(at - 1)));
    const href = /^www\./iu.test(address) ? `https://${address}` : address;
    parts.push(html`<a href=${href} target="_blank" rel="nofollow noopener noreferrer ugc">${address}</a>`);
    at = match.index + address.length;
  }
  parts.push(smiled(text.slice(at), text.charAt(at - 1)));
  return parts;
}

/** @param {number} minutes */
export function duration(minutes) {
  return minutes >= 60 && minutes % 60 === 0
    ? _n("{n} hour", "{n} hours", minutes / 60)
    : _n("{n} minute", "{n} minutes", minutes);
}

/** @type {Record<string, () => string>} */
const LOCKED = {
  "": () => _("{actor} opened the room to all."),
  logged: () => _("{actor} locked the room for guests."),
  y18: () => _("{actor} locked the room for everybody under 18."),
  all: () => _("{actor} locked the room."),
};
/** @type {Record<string, () => string>} */
const NOTICES = {
  ignored: () => _("You ignore {target} now."),
  unignored: () => _("You ignore {target} no longer."),
  admin_already: () => _("{target} is the admin already."),
  lock_already: () => _("The room is so already."),
  account_not_found: () => _("There is nobody of this name."),
};
/** @type {Record<string, (line: Line) => string>} */
const TEXTS = {
  entered: () => _("{actor} came in"),
  left: () => _("{actor} left"),
  auto_left: () => _("{actor} is not here any more"),
  admin: (line) => (line.target ? _("{target} is the admin of the room now") : _("The room has no admin")),
  locked: (line) => (LOCKED[line.text ?? ""] ?? LOCKED.all)(),
  described: (line) => (line.text ? _("{actor} described the room: {text}") : _("{actor} took the description away")),
  kicked: () => _("{actor} took out {target} for {duration}: {text}"),
  unkicked: () => _("{actor} let {target} come back"),
  muted: () => _("{actor} muted {target} for {duration}. /unmute lets you hear him all the same."),
  unmuted: () => _("You hear {target} again."),
  links_allowed: () => _("{actor} let {target} send links for {duration}"),
  line_deleted: () => _("{actor} deleted a line of {target}"),
  lines_deleted: () => _("{actor} deleted all texts of {target}"),
  favourite: (line) => (line.number ? _("This room is a favourite of yours now.") : _("No favourite any more.")),
  announced: () => _("Announcement: {text}"),
  notice: (line) => (NOTICES[line.text ?? ""] ?? (() => refusal({ code: line.text ?? "" })))(),
};

/** What happened, with nicks that can be clicked. @param {Line} line */
function happened(line) {
  const text = (TEXTS[line.kind] ?? (() => ""))(line);
  /** @type {Record<string, unknown>} */
  const facts = {
    actor: nick(line.actor, -1),
    target: nick(line.target, -1),
    text: html`<bdi>${line.text}</bdi>`,
    duration: duration(line.number ?? 0),
  };
  return text.split(/\{(\w+)\}/).map((part, place) => (place % 2 ? (facts[part] ?? part) : part));
}

/** Whether a line is not worth a place: somebody is heard of, or not. @param {Line} line */
export function isSilent(line) {
  return line.kind === "presence" || (line.kind === "favourite" && line.actor?.id !== me.id);
}

export const isTalk = (/** @type {Line} */ line) => line.kind === "text" || line.kind === "whisper";

/** @param {number} at */
function time(at) {
  return html`<time datetime=${new Date(at).toISOString()}>${clock(at)}</time>`;
}

/** @param {Line} line @param {boolean} grouped whether the author stands above already */
export function renderLine(line, grouped) {
  if (line.kind === "notice" && line.text === "help") return help(line);
  if (!isTalk(line)) {
    return html`<li class=${`line system ${line.kind}`} data-seq=${line.seq}>
      <span>${happened(line)}</span>${time(line.at)}
    </li>`;
  }
  const whisper = line.kind === "whisper";
  const classes = ["line", line.kind, grouped ? "grouped" : "first", mentions(line) ? "mention" : ""];
  const body = line.deleted
    ? html`<span class="gone">${_("deleted")}</span>`
    : html`<bdi class="said">${linked(line.text ?? "")}</bdi>`;
  return html`<li class=${classes.join(" ")} data-seq=${line.seq} tabindex="-1">
    ${!grouped && html`<p class="author">${nick(line.actor, -1)}${whisper && whispered(line)}${time(line.at)}</p>`}
    <p class="words" dir="auto">
      ${line.muted && html`<small class="tag">${_("is muted")}</small>`}${body}
      ${grouped && html`<span class="aside-time">${time(line.at)}</span>`}
    </p>
    <button type="button" class="line-menu" data-menu=${line.seq} tabindex="-1" aria-haspopup="menu" aria-label=${_("What to do with this line")} />
  </li>`;
}

/** From whom to whom, in words too. @param {Line} line */
function whispered(line) {
  const mine = line.actor?.id === me.id;
  return html`<span class="whispered">
    ⇛ ${mine ? nick(line.target, -1) : _("you")} <small>${mine ? _("you whisper") : _("whispers to you")}</small>
  </span>`;
}

/** The commands there are, with what they do. @returns {[string, string][]} */
export function commands() {
  return [
    ["/w", _("nick text: whisper")],
    ["/i", _("nick: ignore")],
    ["/unignore", _("nick: ignore no longer")],
    ["/unmute", _("nick: hear a muted one all the same")],
    ["/kick", _("nick reason: take out of the room")],
    ["/unkick", _("nick: let come back")],
    ["/mute", _("nick: hide from all, for an hour")],
    ["/smaz", _("nick: delete all texts")],
    ["/link", _("nick: let send links for five minutes")],
    ["/admin", _("nick: hand over the room")],
    ["/na", _("lock the room for guests")],
    ["/l18", _("lock the room for everybody under 18")],
    ["/l", _("lock the room")],
    ["/u", _("open the room to all")],
    ["/help", _("this list")],
  ];
}

/** @param {Line} line */
function help(line) {
  return html`<li class="line system help" data-seq=${line.seq}>
    <dl>${commands().map(([name, text]) => html`<dt>${name}</dt><dd>${text}</dd>`)}</dl>
    <p>${_("A nick with a space stands in quotes.")}</p>
  </li>`;
}
