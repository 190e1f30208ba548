// What a room is and who looks after it; for its admins its settings, whom they keep out, and what was reported.
import { Dialog, close } from "./dialog.js";
import { Refused, call } from "./connection.js";
import { html, icon, signal, useLayoutEffect, useSignal } from "./html.js";
import { nick } from "./line.js";
import { favourites, me } from "./state.js";
import { leave } from "./store.js";
import { _, refusal } from "./texts.js";
import { full } from "./times.js";

/** @typedef {import("./talk.js").Talk} Talk */
/** @typedef {import("./talk.js").Person} Person */

const RANKS = ["none", "temporary", "permanent", "main", "site"];
/** @type {[string, () => string][]} */
const LOCKS = [
  ["", () => _("for nobody")],
  ["logged", () => _("for guests")],
  ["y18", () => _("for everybody under 18")],
  ["all", () => _("for everybody")],
];
/** @type {[string, () => string][]} */
const LINKS = [
  ["", () => _("who has karma")],
  ["all", () => _("everybody")],
  ["none", () => _("nobody")],
];

/** Whether it is told of the room that is shown. */
export const telling = signal(false);

/** @param {{talk: Talk}} props */
export function Info({ talk }) {
  const info = useSignal(/** @type {any} */ (null));
  const kicks = useSignal(/** @type {any[]} */ ([]));
  const reports = useSignal(/** @type {any[]} */ ([]));
  const problem = useSignal("");
  const done = useSignal("");
  const room = talk.id;
  const rank = RANKS.indexOf(info.value?.rank ?? "none");

  /** @param {unknown} error */
  const failed = (error) => {
    if (!(error instanceof Refused)) throw error;
    problem.value = refusal(error.error);
  };
  const load = async () => {
    info.value = (await call("room", { room })).info;
    const may = RANKS.indexOf(info.value.rank ?? "none");
    if (may >= RANKS.indexOf("temporary")) reports.value = (await call("reports", { room })).reports;
    if (may >= RANKS.indexOf("permanent")) kicks.value = (await call("kicks", { room })).kicks;
  };
  useLayoutEffect(() => {
    load().catch(failed);
  }, [room]);
  /** @param {string} op @param {Record<string, unknown>} members @param {string} [told] */
  const act = async (op, members, told = "") => {
    problem.value = done.value = "";
    try {
      await call(op, { room, ...members });
      await load();
      done.value = told;
    } catch (error) {
      failed(error);
    }
  };
  const shown = info.value;
  return html`<${Dialog} label=${_("About the room")} onClose=${() => (telling.value = false)}>
    <header><h2><bdi>${talk.name}</bdi></h2></header>
    ${problem.value && html`<p class="refused" role="alert">${problem.value}</p>`}
    ${done.value && html`<p class="saved" role="status">${done.value}</p>`}
    ${!shown && !problem.value && html`<p role="status">${_("Loading")}</p>`}
    ${shown && html`<${Facts} info=${shown} />`}
    ${shown &&
    html`<div class="actions">
      ${me.registered && html`<${Favourite} room=${room} favourite=${Boolean(shown.favourite)} act=${act} />`}
      <a class="button quiet" href=${`/info/${room}`}>${icon("settings")}${_("More about the room")}</a>
      <button type="button" class="quiet" onClick=${() => (close(), leave(talk))}>${icon("log-out")}${_("Leave the room")}</button>
    </div>`}
    ${shown && rank > 0 && html`<${Settings} info=${shown} rank=${rank} act=${act} />`}
    ${reports.value.length > 0 &&
    html`<section class="admin-acts"><h3>${_("Reported texts")}</h3><ul class="rows">
      ${reports.value.map(
        (each) => html`<li key=${each.seq}><span>${nick(each.author)}: <bdi>${each.text}</bdi><br /><small>${each.reporter.nick}: <bdi>${each.reason}</bdi></small></span>
          <button type="button" class="quiet" onClick=${() => act("settle", { seq: each.seq })}>${_("Settled")}</button></li>`,
      )}
    </ul></section>`}
    ${kicks.value.length > 0 &&
    html`<section class="admin-acts"><h3>${_("Kept out")}</h3><ul class="rows">
      ${kicks.value.map(
        (each) => html`<li key=${each.account.id}><span>${nick(each.account)}: <bdi>${each.reason}</bdi><br /><small>${each.admin.nick} · ${_("until")} ${full(each.until)}</small></span>
          <button type="button" class="quiet" onClick=${() => act("unkick", { account: each.account.id })}>${_("Let back in")}</button></li>`,
      )}
    </ul></section>`}
  </${Dialog}>`;
}

/** @param {{info: any}} props */
function Facts({ info }) {
  const kind = info.permanent ? _("Permanent room") : info.reserved ? _("Reserved room") : _("Temporary room");
  return html`${info.description && html`<p dir="auto"><bdi>${info.description}</bdi></p>`}
    <dl class="facts">
      <dt>${_("kind")}</dt><dd>${kind}</dd>
      ${info.web && html`<dt>${_("web")}</dt><dd><a href=${info.web} target="_blank" rel="nofollow noopener noreferrer ugc">${info.web}</a></dd>`}
      <dt>${_("opened")}</dt><dd>${full(info.created)}</dd>
      ${info.founder && html`<dt>${_("founder")}</dt><dd>${nick(info.founder)}</dd>`}
      ${info.main_admin && html`<dt>${_("main admin")}</dt><dd>${nick(info.main_admin)}</dd>`}
      ${info.admins.length > 0 && html`<dt>${_("permanent admins")}</dt><dd>${info.admins.map((/** @type {Person} */ each) => html`${nick(each)} `)}</dd>`}
      ${info.password && html`<dt>${_("Password")}</dt><dd><code>${info.password}</code></dd>`}
    </dl>`;
}

/** @typedef {(op: string, members: Record<string, unknown>, told?: string) => Promise<void>} Act */

/** @param {{room: number, favourite: boolean, act: Act}} props */
function Favourite({ room, favourite, act }) {
  const turn = async () => {
    await act("set_favourite", { favourite: !favourite });
    const next = new Set(favourites.peek());
    if (favourite) next.delete(room);
    else next.add(room);
    favourites.value = next;
  };
  return html`<button type="button" class="quiet" aria-pressed=${favourite} onClick=${turn}>${icon("star")}${favourite ? _("No favourite any more") : _("Favourite")}</button>`;
}

/** @param {{info: any, rank: number, act: Act}} props */
function Settings({ info, rank, act }) {
  const hasPassword = rank >= RANKS.indexOf("permanent") || !info.permanent;
  const isMain = rank >= RANKS.indexOf("main");
  /** @param {any} event */
  const save = (event) => {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    const lines = isMain ? { history_lines: given.history_lines === "" ? null : Number(given.history_lines) } : {};
    act("set_room", { ...given, ...lines }, _("The room is set so."));
  };
  return html`<form class="admin-acts" onSubmit=${save}>
    <h3>${_("Settings")}</h3>
    <label for="description">${_("Description")}</label>
    <input id="description" name="description" maxlength="300" value=${info.description ?? ""} />
    <label for="lock">${_("Locked")}</label>
    <select id="lock" name="lock">${LOCKS.map(([value, told]) => html`<option value=${value} selected=${value === (info.lock ?? "")}>${told()}</option>`)}</select>
    ${hasPassword && html`<label for="password">${_("Password")}</label>
      <input id="password" name="password" maxlength="64" autocomplete="off" value=${info.password ?? ""} />`}
    <label for="links">${_("Links are sent by")}</label>
    <select id="links" name="links">${LINKS.map(([value, told]) => html`<option value=${value} selected=${value === (info.links ?? "")}>${told()}</option>`)}</select>
    ${isMain && html`<label for="history_lines">${_("How many of the newest lines whoever comes in may read")}</label>
      <input id="history_lines" name="history_lines" type="number" min="0" max="200" placeholder=${info.history_lines} value=${info.history_lines_set ? info.history_lines : ""} />`}
    <button type="submit">${_("Save")}</button>
  </form>`;
}
