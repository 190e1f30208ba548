// Who is in the room that is shown.
import { html, icon, steady, useEffect, useMemo, useSignal } from "./html.js";
import { hue } from "./line.js";
import { me } from "./state.js";
import { _, _n, language } from "./texts.js";

/** @typedef {import("./talk.js").Person} Person */

/** So many are drawn at once, the rest in steps, so that a full room holds nobody up. */
const STEP = 30;
/** @type {Intl.Collator | undefined} */
let order;
const RANKS = ["site", "main", "permanent", "temporary"];

/** @type {Record<string, () => string>} */
const STARS = {
  site: () => _("admin of the site"),
  main: () => _("main admin"),
  permanent: () => _("permanent admin"),
  temporary: () => _("admin"),
};
/** @type {Record<string, () => string>} */
const KARMA = {
  yellow: () => _("yellow karma"),
  orange: () => _("orange karma"),
  red: () => _("red karma"),
};

/** Admins first, guests last. @param {Person} person */
function rank(person) {
  const star = RANKS.indexOf(person.star ?? "");
  return star < 0 ? RANKS.length + (person.registered ? 0 : 1) : star;
}

/** Admins first, then by nick. The order of letters is made when it is wanted: it takes long. @param {Person[]} people */
function sorted(people) {
  const { compare } = (order ??= new Intl.Collator(language));
  return people.sort((a, b) => rank(a) - rank(b) || compare(a.nick, b.nick));
}

/** @param {Person} person */
function marks(person) {
  return html`${person.star && html`<span class=${`star ${person.star}`} role="img" aria-label=${STARS[person.star]?.()} title=${STARS[person.star]?.()}>${icon("star")}</span>`}
    ${person.karma && html`<span class=${`karma ${person.karma}`} role="img" aria-label=${KARMA[person.karma]?.()} title=${KARMA[person.karma]?.()} />`}
    ${!person.registered && html`<small>${_("guest")}</small>`}
    ${person.away && html`<small>${_("away")}</small>`}`;
}

/** Arrows go from one to the next. @param {KeyboardEvent} event */
export function rove(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  const step = steps[/** @type {keyof typeof steps} */ (event.key)];
  if (!step && event.key !== "Home" && event.key !== "End") return;
  const list = /** @type {HTMLElement} */ (event.currentTarget);
  const items = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("button, a"))];
  const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const to = event.key === "Home" ? 0 : event.key === "End" ? items.length - 1 : at + step;
  items[Math.max(0, Math.min(items.length - 1, to))]?.focus();
  event.preventDefault();
}

/** Arrows go from the last in sight through all that can be opened in a log, and Tab passes by. @param {KeyboardEvent} event */
export function roveLog(event) {
  const log = /** @type {HTMLElement} */ (event.currentTarget);
  if (/** @type {HTMLElement} */ (event.target).closest("button, a")) rove(event);
  else if (event.target === log && event.key === "ArrowUp") {
    const { bottom } = log.getBoundingClientRect();
    const items = [.../** @type {NodeListOf<HTMLElement>} */ (log.querySelectorAll("button, a"))];
    items.findLast((each) => each.getBoundingClientRect().bottom <= bottom)?.focus();
    event.preventDefault();
  }
}

const Row = steady((/** @type {{person: Person, first: boolean}} */ { person, first }) => html`<li class=${person.away ? "away" : ""}>
  <button type="button" data-person=${person.id} tabindex=${first ? 0 : -1} aria-haspopup="dialog">
    <span class="presence" aria-hidden="true" />
    <span class=${`nick ${hue(person)}`}>${person.nick}</span>${person.id === me.id && html`<small>${_("you")}</small>`}${marks(person)}
  </button>
</li>`);

/** @param {{talk: import("./talk.js").Talk}} props */
export function People({ talk }) {
  const drawn = useSignal(STEP);
  const here = talk.people.value;
  const people = useMemo(() => (here.size > 1 ? sorted([...here.values()]) : [...here.values()]), [here]);
  useEffect(() => {
    if (drawn.value >= people.length) return;
    const timer = setTimeout(() => (drawn.value += STEP));
    return () => clearTimeout(timer);
  });
  return html`<aside class="people-column" id="people-column" aria-labelledby="people-title">
    <h2 id="people-title">${_n("{n} person", "{n} people", people.length)}</h2>
    <ul id="people" onKeyDown=${rove}>
      ${people.slice(0, drawn.value).map((each, place) => html`<${Row} key=${each.id} person=${each} first=${!place} />`)}
    </ul>
  </aside>`;
}
