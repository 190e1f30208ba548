// What every live page says when it cannot go on: no connection, or no session.
import { connectNow, status } from "./connection.js";
import { html, icon, useLayoutEffect, useSignal } from "./html.js";
import { active, stirred } from "./state.js";
import { _ } from "./texts.js";

const ASKED_BEFORE_MS = 300_000;

/** A thin bar while there is no connection. */
export function Connection() {
  const seconds = useSignal(0);
  const { state, retryAt } = status.value;
  const late = useSignal(false);
  useLayoutEffect(() => {
    const tick = () => {
      seconds.value = Math.max(1, Math.ceil((retryAt - Date.now()) / 1000));
    };
    tick();
    const timer = setInterval(tick, 500);
    const patience = setTimeout(() => (late.value = true), 1500);
    return () => {
      clearInterval(timer);
      clearTimeout(patience);
      late.value = false;
    };
  }, [state, retryAt]);
  if (state === "open" || state === "over" || (state === "connecting" && !late.value)) return null;
  return html`<p class="offline" role="status">
    ${icon("wifi-off")}
    <span>${state === "waiting" ? _("No connection. Trying again in {n} s.", { n: seconds.value }) : _("Connecting")}</span>
    <button type="button" class="quiet" onClick=${connectNow}>${_("Try now")}</button>
  </p>`;
}

/** Whoever has done nothing for long is asked before he is taken out; whatever he does answers.
 * @param {{idleMs: number}} props */
export function StillThere({ idleMs }) {
  const asked = useSignal(false);
  useLayoutEffect(() => {
    const timer = setInterval(() => {
      asked.value = Date.now() - active.at >= idleMs - Math.min(ASKED_BEFORE_MS, idleMs / 2);
    }, 1000);
    return () => clearInterval(timer);
  }, [idleMs]);
  if (!asked.value || status.value.state !== "open") return null;
  const answer = () => {
    stirred();
    asked.value = false;
  };
  return html`<p class="offline" role="alert">
    ${icon("clock")}<span>${_("Are you still there?")}</span>
    <button type="button" class="quiet" onClick=${answer}>${_("I am here")}</button>
  </p>`;
}

export function SignedOut() {
  return html`<div class="outside" role="alert">
    <p>${_("You have been signed out, here or elsewhere.")}</p>
    <p class="actions"><a class="button" href=${`/login?to=${encodeURIComponent(location.pathname.slice(1) + location.search)}`}>${_("Sign in again")}</a></p>
  </div>`;
}
