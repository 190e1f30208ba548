// A room in a browser: polls /json/getText as every other client does, and shows what comes.
"use strict";

const POLL_MS = 2000;
const chat = document.getElementById("chat");
const log = document.getElementById("lines");
const people = document.getElementById("people");
const form = document.getElementById("say");
const input = form.elements.text;
const own = Number(chat.dataset.own);
const nicks = new Map([...people.children].map((item) => [Number(item.dataset.uid), item.dataset.nick]));
let index = "";
let timer = 0;
let asking = Promise.resolve();

function unescaped(html) {
  const text = new DOMParser().parseFromString(html, "text/html").documentElement.textContent;
  return text === null ? "" : text;
}

function clock(ts) {
  return new Date(ts).toLocaleTimeString("cs", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
}

function show(kind, ts, ...parts) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const item = document.createElement("li");
  item.className = kind;
  const time = document.createElement("time");
  time.textContent = clock(ts);
  item.append(time, " ", ...parts);
  log.append(item);
  if (atEnd) log.scrollTop = log.scrollHeight;
}

function strong(text) {
  const element = document.createElement("strong");
  element.textContent = text;
  return element;
}

async function nickOf(uid) {
  if (!nicks.has(uid)) {
    const answer = await (await fetch(`/api/user/${uid}`)).json();
    nicks.set(uid, answer.user ? answer.user.nick : `#${uid}`);
  }
  return nicks.get(uid);
}

function arrive(user) {
  nicks.set(user.id, user.nick);
  if ([...people.children].some((item) => Number(item.dataset.uid) === user.id)) return;
  const item = document.createElement("li");
  item.dataset.uid = user.id;
  item.dataset.nick = user.nick;
  item.className = user.unsaid ? "" : user.sex;
  item.textContent = user.nick + (user.anonym ? " (bez registrace)" : "");
  people.append(item);
}

function depart(uid) {
  for (const item of [...people.children]) if (Number(item.dataset.uid) === uid) item.remove();
}

async function tell(message) {
  const { s: kind, ts, uid } = message;
  if (kind === undefined) {
    const nick = await nickOf(uid);
    const target = message.w === undefined ? "" : message.to === 0 ? " ⇛ vám" : " ⇛ šeptem";
    show(message.w === undefined ? "text" : "whisper", ts, strong(nick + target), ": ", unescaped(message.t));
  } else if (kind === "enter") {
    arrive(message.user);
    show("system", ts, `${message.user.nick} vstoupil(a).`);
  } else if (kind === "leave" || kind === "auto_leave") {
    show("system", ts, `${await nickOf(uid)} odešel(a).`);
    depart(uid);
  } else if (kind === "admin") {
    show("system", ts, `Správcem místnosti je ${message.nick}.`);
  } else if (kind === "cli") {
    show("system", ts, message.t);
  }
}

async function ask(text) {
  const before = index;
  const body = new URLSearchParams({ roomId: chat.dataset.room, chatIndex: index, text, userIdTo: "0" });
  const answer = await (await fetch("/json/getText", { method: "POST", body })).json();
  for (const message of answer.data.data) await tell(message);
  if (!answer.success) {
    show("refused", Date.now(), answer.status === 404 ? "V místnosti už nejste." : answer.statusMessage);
    form.hidden = true;
    return false;
  }
  index = answer.data.index;
  if (text && answer.refused) {
    if (index === before) show("refused", Date.now(), answer.statusMessage);
    input.value = input.value || text;
  }
  return true;
}

// One question at a time: two answers to the same index would show the same lines twice.
function poll(text = "") {
  clearTimeout(timer);
  asking = asking
    .then(() => ask(text))
    .catch(() => {
      if (text) input.value = input.value || text;
      return true;
    })
    .then((inside) => {
      clearTimeout(timer);
      if (inside) timer = setTimeout(poll, POLL_MS);
    });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  input.value = "";
  input.focus();
  if (text) poll(text);
});
people.addEventListener("click", (event) => {
  const item = event.target.closest("li");
  if (item === null || Number(item.dataset.uid) === own) return;
  input.value = `/w "${item.dataset.nick}" ${input.value}`;
  input.focus();
});
poll();
