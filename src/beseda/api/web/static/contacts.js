// The left half of the letters: with whom, in which list, and what was searched for.
import { Dialog, close } from "./dialog.js";
import { Refused, call } from "./connection.js";
import { drawer, toggle } from "./drawer.js";
import { html, icon, useRef, useSignal } from "./html.js";
import { hue } from "./line.js";
import { rove } from "./people.js";
import { choose, contacts, found, loaded, look, open, problem, seek, seekFurther, show, shown, total } from "./threads.js";
import { _, _n, refusal } from "./texts.js";
import { brief } from "./times.js";

/** @typedef {import("./thread.js").Contact} Contact */
/** @typedef {import("./thread.js").Letter} Letter */
/** @typedef {import("./talk.js").Person} Person */

const SEEK_AFTER_MS = 500;
const FIND_AFTER_MS = 300;

/** @type {Record<string, () => string>} */
const LISTS = {
  inbox: () => _("Letters"),
  unread: () => _("Unread"),
  favourite: () => _("Favourites"),
  archive: () => _("Archive"),
  spam: () => _("Spam"),
  garbage: () => _("Thrown away"),
};
/** @type {Record<string, () => string>} */
const EMPTY = {
  inbox: () => _("No letter yet. You can write one to every member."),
  unread: () => _("You have read everything."),
  favourite: () => _("No letter is a favourite yet. The menu of a letter makes it one."),
  archive: () => _("Nothing is put away. A new letter brings back what is."),
  spam: () => _("No spam."),
  garbage: () => _("Nothing is thrown away."),
};

/** @param {{contact: Contact}} props */
function Row({ contact }) {
  const { account, last, draft } = contact;
  const isOpen = open.value?.account.id === account.id;
  const unread = isOpen ? (open.value?.contact.value?.unread ?? 0) : contact.unread;
  /** @param {MouseEvent} event */
  const go = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    show(account, { list: shown.peek() === "unread" ? "inbox" : shown.peek() });
  };
  const told = _n("{n} unread letter", "{n} unread letters", unread);
  return html`<li>
    <a class="contact" href=${`/-/letters?with=${account.id}`} aria-current=${isOpen ? "page" : undefined} onClick=${go}>
      <img class="portrait" src=${contact.picture || `/avatar/${account.id}.png`} alt="" width="40" height="40" />
      <span class="contact-words">
        <span class="contact-head"><b class="nick"><bdi>${account.nick}</bdi></b>${last && html`<time datetime=${new Date(last.at).toISOString()}>${brief(last.at)}</time>`}</span>
        <span class="snippet">${draft && !isOpen ? html`<i>${_("Draft:")} </i><bdi>${draft}</bdi>` : last && html`${!last.received && html`<i>${_("You:")} </i>`}<bdi>${last.text}</bdi>`}</span>
      </span>
      ${unread > 0 && html`<b class="badge mention">${unread > 999 ? "999+" : unread}<span class="visually-hidden"> ${told}</span></b>`}
    </a>
  </li>`;
}

/** A letter that was found. @param {{letter: Letter, contact: Contact | undefined}} props */
function Hit({ letter, contact }) {
  if (!contact) return null;
  const { account } = contact;
  return html`<li>
    <a class="contact" href=${`/-/letters?with=${account.id}`} onClick=${(/** @type {Event} */ event) => {
      event.preventDefault();
      show(account, { target: letter.letter });
    }}>
      <span class="contact-words">
        <span class="contact-head"><b class=${`nick ${hue(account)}`}><bdi>${account.nick}</bdi></b><time datetime=${new Date(letter.at).toISOString()}>${brief(letter.at)}</time></span>
        <span class="snippet">${!letter.received && html`<i>${_("You:")} </i>`}<bdi>${letter.text}</bdi></span>
      </span>
    </a>
  </li>`;
}

function Found() {
  const { contacts: people, letters, of, more } = /** @type {NonNullable<typeof found.value>} */ (found.value);
  if (!people.length && !letters.length) return html`<p class="empty" role="status">${_("Nothing was found.")}</p>`;
  return html`<div class="contacts" onKeyDown=${rove}>
    ${people.length > 0 && html`<h2>${_("People")}</h2><ul>${people.map((each) => html`<${Row} key=${each.contact} contact=${each} />`)}</ul>`}
    ${letters.length > 0 && html`<h2>${_("Letters")}</h2><ul>${letters.map((each) => html`<${Hit} key=${each.letter} letter=${each} contact=${of.get(each.contact)} />`)}</ul>`}
    ${more && html`<p class="older"><button type="button" class="quiet" onClick=${seekFurther}>${_("Show more")}</button></p>`}
  </div>`;
}

function Listed() {
  if (!loaded.value) return html`<div class="skeleton" aria-hidden="true"><i /><i /><i /><i /></div>`;
  if (!contacts.value.length) return html`<p class="empty">${EMPTY[shown.value]()}</p>`;
  return html`<div class="contacts" onKeyDown=${rove}>
    <ul>${contacts.value.map((each) => html`<${Row} key=${each.contact} contact=${each} />`)}</ul>
    ${contacts.value.length < total.value && html`<p class="older"><button type="button" class="quiet" onClick=${() => look(true)}>${_("Show more")}</button></p>`}
  </div>`;
}

/** Whom to write to. @param {{onClose: () => void}} props */
function Somebody({ onClose }) {
  const people = useSignal(/** @type {Person[] | null} */ (null));
  const refused = useSignal("");
  const timer = useRef(0);
  /** @param {string} nick */
  const find = (nick) =>
    call("find", { nick }).then(
      (answer) => (people.value = answer.people),
      (error) => (refused.value = error instanceof Refused ? refusal(error.error) : ""),
    );
  /** @param {any} event */
  const typed = (event) => {
    const nick = event.target.value.trim();
    clearTimeout(timer.current);
    refused.value = "";
    if (nick) timer.current = setTimeout(() => find(nick), FIND_AFTER_MS);
    else people.value = null;
  };
  return html`<${Dialog} label=${_("New letter")} onClose=${onClose}>
    <h2>${_("New letter")}</h2>
    <div>
      <label for="somebody">${_("To whom? The beginning of a nick is enough.")}</label>
      <input id="somebody" type="search" maxlength="15" autocomplete="off" onInput=${typed} />
    </div>
    ${refused.value && html`<p class="refused" role="alert">${refused.value}</p>`}
    ${people.value && !people.value.length && html`<p class="empty" role="status">${_("There is nobody of this name.")}</p>`}
    <ul class="menu" onKeyDown=${rove}>
      ${people.value?.map(
        (each) => html`<li key=${each.id}><button type="button" class="quiet" onClick=${() => {
          close();
          show(each);
        }}><img class="portrait" src=${`/avatar/${each.id}.png`} alt="" width="32" height="32" /><span class=${`nick ${hue(each)}`}>${each.nick}</span></button></li>`,
      )}
    </ul>
  </${Dialog}>`;
}

export function Contacts() {
  const writing = useSignal(false);
  const timer = useRef(0);
  /** @param {any} event */
  const typed = (event) => {
    const text = event.target.value.trim();
    clearTimeout(timer.current);
    timer.current = setTimeout(() => seek(text), text ? SEEK_AFTER_MS : 0);
  };
  return html`<section class="contacts-column" aria-labelledby="letters-title">
    <header class="talk-head">
      <button type="button" class="quiet icon-only drawer-left" aria-label=${_("Rooms and more")} aria-expanded=${drawer.value === "nav-open"} aria-controls="nav" onClick=${() => toggle("nav-open")}>${icon("menu")}</button>
      <div class="talk-title"><h1 id="letters-title">${_("Letters")}</h1></div>
      <button type="button" class="quiet icon-only" aria-label=${_("New letter")} title=${_("New letter")} onClick=${() => (writing.value = true)}>${icon("square-pen")}</button>
    </header>
    <search class="contacts-tools">
      <label class="visually-hidden" for="seek">${_("Search letters and people")}</label>
      <input id="seek" type="search" maxlength="100" placeholder=${_("Search letters and people")} autocomplete="off" onInput=${typed} />
      <label class="visually-hidden" for="list">${_("List")}</label>
      <select id="list" value=${shown.value} onChange=${(/** @type {any} */ event) => choose(event.target.value)}>
        ${Object.entries(LISTS).map(([name, told]) => html`<option key=${name} value=${name} selected=${name === shown.value}>${told()}</option>`)}
      </select>
    </search>
    ${problem.value && html`<p class="refused" role="alert">${refusal(problem.value)}</p>`}
    ${found.value ? html`<${Found} />` : html`<${Listed} />`}
    ${writing.value && html`<${Somebody} onClose=${() => (writing.value = false)} />`}
  </section>`;
}
