// What tells of news while somebody looks elsewhere: the title, the icon, and if wanted a notification with a sound.
import { computed, effect, html, icon, signal } from "./html.js";
import { counts, current, mentions } from "./state.js";
import { go, talks } from "./store.js";
import { news } from "./talk.js";
import { _ } from "./texts.js";

const KEPT = "beseda-bell";
const wanted = signal(read() === "on");

function read() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

const unread = computed(() => [...talks.value.values()].reduce((sum, talk) => sum + talk.unread.value, 0));
const forMe = computed(() => [...talks.value.values()].reduce((sum, talk) => sum + talk.mentions.value, 0));

/** The bell: notifications and a sound for what is for the member, in this browser. */
export function Bell() {
  const label = wanted.value ? _("Tell me no more of what is for me") : _("Tell me of what is for me");
  return html`<button type="button" class="quiet icon-only bell" aria-pressed=${wanted.value} aria-label=${label} title=${label} onClick=${turn}>
    ${icon(wanted.value ? "bell" : "bell-off")}
  </button>`;
}

async function turn() {
  wanted.value = !wanted.peek();
  try {
    localStorage.setItem(KEPT, wanted.peek() ? "on" : "off");
  } catch {
    // A browser that keeps nothing: it holds until the page is closed.
  }
  if (wanted.peek() && "Notification" in window && Notification.permission === "default") {
    await Notification.requestPermission();
  }
}

/** Two soft notes, made here: there is nothing to load. */
function sound() {
  const audio = new AudioContext();
  for (const [place, pitch] of [660, 880].entries()) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const at = audio.currentTime + place * 0.12;
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.08, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.25);
    tone.connect(volume).connect(audio.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }
  setTimeout(() => audio.close(), 800);
}

/** @param {import("./talk.js").Talk} talk @param {import("./talk.js").Line} line */
function tell(talk, line) {
  if (mentions(line)) ring(`${line.actor?.nick} – ${talk.name}`, { body: line.text, tag: `${talk.id}` }, () => go(talk.id, talk.name));
}

/** @param {string} title @param {NotificationOptions} options @param {() => void} open */
function ring(title, options, open) {
  if (!wanted.peek()) return;
  sound();
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  try {
    const shown = new Notification(title, options);
    shown.onclick = () => {
      window.focus();
      open();
      shown.close();
    };
  } catch {
    // Browsers that take notifications from service workers alone.
  }
}

/** The icon with a dot. @param {boolean} dotted */
function setIcon(dotted) {
  const link = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
  if (!link) return;
  const plain = link.href.replace("icon-news.svg", "icon.svg");
  const wantedHref = dotted ? plain.replace("icon.svg", "icon-news.svg") : plain;
  if (link.href !== wantedHref) link.href = wantedHref;
}

export function start() {
  news.tell = tell;
  let letters = Infinity;
  effect(() => {
    const more = counts.value.letters > letters;
    letters = counts.value.letters;
    if (more) ring(_("A letter has come"), { tag: "letters" }, () => location.assign("/-/letters"));
  });
  effect(() => {
    const name = talks.value.get(current.value)?.name ?? "";
    const count = forMe.value ? `(@${forMe.value}) ` : unread.value ? `(${unread.value}) ` : "";
    document.title = `${count}${name} – Beseda`;
    setIcon(unread.value > 0);
  });
}

