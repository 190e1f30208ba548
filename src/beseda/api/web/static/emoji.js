// Emoji by their names, as `:name` offers them.

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
