// What Tab and `:name` complete: nicks, commands with their help, emoji. No page, no state.
import { EMOJI } from "./emoji.js";

/** @typedef {{text: string, label: string, help: string}} Choice */
/** @typedef {{from: number, to: number, choices: Choice[]}} Completion */

const CHOICES_MAX = 8;

/** Without accents and case, so that `zan` finds Žaneta. @param {string} text */
export function folded(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** A nick as a command takes it. @param {string} nick */
export function quoted(nick) {
  return /\s/.test(nick) ? `"${nick}"` : nick;
}

/**
 * What may stand where the caret is; null when nothing does. Without `asked` (by Tab) only what is unmistakable is
 * offered: commands after a slash, nicks after an at sign, emoji after a colon.
 * @param {string} text @param {number} caret @param {string[]} nicks @param {[string, string][]} commands
 * @param {boolean} asked @returns {Completion | null}
 */
export function complete(text, caret, nicks, commands, asked) {
  const before = text.slice(0, caret);
  const slash = /^\/([\p{L}\d]*)$/u.exec(before);
  if (slash) {
    const found = commands.filter(([name]) => name.startsWith(before));
    return made(0, caret, found.map(([name, help]) => ({ text: `${name} `, label: name, help })));
  }
  const colon = /(?:^|\s):([a-z]{2,})$/.exec(before);
  if (colon) {
    const found = [...EMOJI].filter(([name]) => name.startsWith(colon[1]));
    const from = caret - colon[1].length - 1;
    return made(from, caret, found.map(([name, picture]) => ({ text: `${picture} `, label: `${picture} :${name}:`, help: "" })));
  }
  const word = /(@?)("?)([\p{L}\p{N}_.-]+)$/u.exec(before);
  if (!word || !(asked || word[1])) return null;
  const from = caret - word[0].length;
  const start = folded(word[3]);
  const found = nicks.filter((nick) => folded(nick).startsWith(start));
  const inCommand = /^\/\S+\s+"?$/.test(text.slice(0, from) + word[2]);
  const ending = inCommand ? " " : from === 0 ? ": " : " ";
  return made(from, caret, found.map((nick) => ({ text: (inCommand ? quoted(nick) : nick) + ending, label: nick, help: "" })));
}

/** @param {number} from @param {number} to @param {Choice[]} choices @returns {Completion | null} */
function made(from, to, choices) {
  return choices.length ? { from, to, choices: choices.slice(0, CHOICES_MAX) } : null;
}
