// Texts in the reader's language, from the same catalogues as the pages. Facts stand in braces.

/** @typedef {{language: string, texts: Record<string, string | string[]>, refusals: Record<string, string>}} Catalogue */

const page = document.documentElement;
/** @type {Catalogue} */
const catalogue = (await import(page.dataset.texts ?? "./texts/en.js")).default;

/** The language in which dates and numbers are written. */
export const language = page.lang;

const rules = new Intl.PluralRules(language);
const FORMS = ["one", "few", "many", "other"];

/** @param {string} text @param {Record<string, unknown>} facts */
function filled(text, facts) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole));
}

/** @param {string} message @param {Record<string, unknown>} [facts] */
export function _(message, facts = {}) {
  const text = catalogue.texts[message];
  return filled(typeof text === "string" ? text : message, facts);
}

/** The form that fits the number, which stands in the text as {n}.
 * @param {string} one @param {string} many @param {number} n @param {Record<string, unknown>} [facts] */
export function _n(one, many, n, facts = {}) {
  const forms = catalogue.texts[one];
  const english = n === 1 ? one : many;
  const place = Math.max(0, FORMS.indexOf(rules.select(n)));
  const text = Array.isArray(forms) ? forms[Math.min(place, forms.length - 1)] : english;
  // A browser's first way of writing numbers takes it longer than the drawing of a page, and small ones need none.
  return filled(text, { n: n < 1000 ? n : n.toLocaleString(language), ...facts });
}

/** Why something was refused, in words. @param {{code: string}} error */
export function refusal(error) {
  if (error.code === "lost") return _("No connection");
  return catalogue.refusals[error.code] ?? catalogue.refusals.otherwise;
}
