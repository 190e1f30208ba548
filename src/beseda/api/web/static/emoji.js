// Emoji by their names, as `:name` offers them, and by the smileys that stand for them.

const NAMES =
  "smile 😊|grin 😁|joy 😂|wink 😉|heart ❤️|kiss 😘|cool 😎|think 🤔|sad 😢|cry 😭|angry 😠|surprised 😮|tongue 😛|shy ☺️|sleepy 😴|sick 🤒|" +
  "party 🥳|clap 👏|thumbsup 👍|thumbsdown 👎|ok 👌|wave 👋|pray 🙏|muscle 💪|shrug 🤷|eyes 👀|fire 🔥|star ⭐|sun ☀️|moon 🌙|rain 🌧️|snow ❄️|" +
  "flower 🌸|rose 🌹|tree 🌳|dog 🐶|cat 🐱|mouse 🐭|bird 🐦|fish 🐟|bee 🐝|coffee ☕|tea 🍵|beer 🍺|wine 🍷|cake 🍰|pizza 🍕|apple 🍎|bread 🍞|" +
  "music 🎵|guitar 🎸|book 📖|film 🎬|camera 📷|phone 📱|computer 💻|bulb 💡|gift 🎁|trophy 🏆|football ⚽|bike 🚲|car 🚗|train 🚆|plane ✈️|house 🏠|" +
  "check ✅|cross ❌|question ❓|warning ⚠️|hundred 💯|sparkles ✨|rocket 🚀|peace ☮️";

/** @type {Map<string, string>} */
export const EMOJI = new Map(NAMES.split("|").map((each) => /** @type {[string, string]} */ (each.split(" "))));

/** The text with every `:name:` as its picture. @param {string} text */
export function pictured(text) {
  return text.replace(/:([a-z]+):/g, (whole, name) => EMOJI.get(name) ?? whole);
}

/** @type {Record<string, string>} */
const SMILEYS = {
  ":)": "🙂", ":-)": "🙂", ":D": "😄", ":-D": "😄", ";)": "😉", ";-)": "😉", ":(": "🙁", ":-(": "🙁", ":'(": "😢",
  ":P": "😛", ":-P": "😛", ":p": "😛", ":-p": "😛", ":O": "😮", ":-O": "😮", ":o": "😮", ":-o": "😮", ":*": "😘", ":-*": "😘", "<3": "❤️",
};
const SMILEY = /(?<=^|\s)(?::'\(|[:;]-?[)(DPpOo*]|<3)(?=$|[\s.,!?])/g;

/** The text with smileys that stand alone as pictures; `before` is what stands before it. @param {string} text @param {string} before */
export function smiled(text, before) {
  return (before + text).replace(SMILEY, (smiley) => SMILEYS[smiley] ?? smiley).slice(before.length);
}
