"""The admin's pages: what the operator's commands list, and a form for each of them, for members who are operators."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import structlog

from beseda.api.addresses import Network
from beseda.api.base import (
    BUSY_STATUSES,
    FORM_MAX_BYTES,
    BodyTooLarge,
    ClientGone,
    Receive,
    Scope,
    Send,
    guard_cross_site,
    header,
    read_body,
    send_answer,
    send_body,
)
from beseda.api.forms import LARGE, Form, FormRefused, read_form, read_query
from beseda.api.web.call import Reply, see, send_reply
from beseda.api.web.house import House
from beseda.api.web.refusals import TEXTS
from beseda.api.words import N_
from beseda.core.patience import be_patient
from beseda.domain.errors import BesedaError
from beseda.server.admin import Refusal, perform
from beseda.server.admin_forms import OWN_CODE, OWN_PASSWORD, SHOWN_AT_ONCE, SURE, fields, is_complete, page_size, read
from beseda.server.admin_paths import ROOT, SIGN_IN, SIGN_OUT
from beseda.server.admin_sections import SECTIONS, Commands, facts, section_of, table
from beseda.server.admin_state import StatePages
from beseda.server.admin_visits import OPTIONS, Doorkeeper, Visit
from beseda.server.bootstrap import Parts
from beseda.server.cli.operations import DRY_RUN, Operation, operations
from beseda.server.proxies import believe_proxy

DO = f"{ROOT}do/"
NO_SUCH_PAGE = N_("There is no such page.")
NOT_YOURS = N_("Your role does not allow this.")
TOO_LARGE = N_("The request is too long.")
NOT_SURE = N_("Please say that you are sure.")
PROVE_AGAIN = N_("Please give your own password: you gave it too long ago.")
Page = Callable[[Visit], Awaitable[Reply]]


class AdminPages:
    """ASGI below ROOT, and for the static files that the pages need."""

    def __init__(self, parts: Parts, state: Callable[["AdminPages"], StatePages], proxies: tuple[Network, ...]) -> None:
        self._parts = parts
        self._operators = parts.core.operators
        self._operations = operations()
        for each in self._operations.values():
            _ = each.parameters  # made here, where nobody waits for it
        self._proxies = proxies
        self._house = House()
        self._door = Doorkeeper(parts.core, self._house, parts.url)
        self._pages: dict[str, Page] = {
            **{section.name: self._section for section in SECTIONS},
            "other": self._section,
            **state(self).pages(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        be_patient()
        believe_proxy(scope, self._proxies)
        if scope["path"].startswith("/static/"):
            found = self._house.assets.find(scope)
            if found is not None:
                await send_answer(send, *found)
            else:
                await send_body(send, b"text/plain; charset=utf-8", b"not found\n", status=404)
            return
        with suppress(ClientGone):
            await send_reply(send, await self._answer(scope, receive))

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        try:
            return await self._route(scope, receive)
        except BesedaError as refusal:
            return self._failure(scope, refusal, BUSY_STATUSES.get(type(refusal), 403))
        except (FormRefused, BodyTooLarge):
            return self._failure(scope, TOO_LARGE, 413)
        except ClientGone:
            raise
        except Exception:
            structlog.get_logger().exception("crashed", protocol="admin", path=scope["path"])
            return self._failure(scope, N_("Something went wrong on the server."), 500)

    async def _route(self, scope: Scope, receive: Receive) -> Reply:
        path, method = scope["path"], scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            return self._failure(scope, NO_SUCH_PAGE, 405)
        query, form = read_query(scope["query_string"], LARGE), Form([])
        caller = await self._door.caller(scope)
        if method == "POST":
            guard_cross_site(scope, OPTIONS)
            body = await read_body(receive, max_bytes=FORM_MAX_BYTES)
            form = read_form(header(scope, b"content-type"), body, LARGE)
        if path == SIGN_IN:
            signing = method == "POST"
            return await (self._door.sign_in(scope, caller, form) if signing else self._door.ask(scope, caller, query))
        if path == SIGN_OUT and method == "POST":
            return await self._door.sign_out(scope, caller)
        visit = await self._door.let_in(scope, caller, query, form)
        return visit if isinstance(visit, Reply) else await self._show(visit, path, method)

    async def _show(self, visit: Visit, path: str, method: str) -> Reply:
        if path == ROOT.rstrip("/"):
            return see(ROOT)
        if path.startswith(DO):
            return await self._command(visit, path.removeprefix(DO), method)
        page = self._pages.get(path.removeprefix(ROOT))
        return await page(visit) if page else self.page("admin-error.html", visit, alert=NO_SUCH_PAGE, status=404)

    async def _section(self, visit: Visit) -> Reply:
        """The first listing of a section, and all its commands."""
        commands = Commands(self._operations, visit.role)
        name = visit.scope["path"].removeprefix(ROOT)
        section = next((each for each in commands.sections() if each.name == name), None)
        if section is None:
            return self.page("admin-error.html", visit, alert=NOT_YOURS, status=403)
        listing = commands.listing(section)
        shown = await self._listed(visit, commands, listing) if listing else {}
        return self.page("admin-section.html", visit, section=section, commands=commands.of(section), **shown)

    async def _command(self, visit: Visit, path: str, method: str) -> Reply:
        operation = self._operations.get(path)
        if operation is None:
            return self.page("admin-error.html", visit, alert=NO_SUCH_PAGE, status=404)
        if visit.role < operation.least:
            return self.page("admin-error.html", visit, alert=NOT_YOURS, status=403)
        commands = Commands(self._operations, visit.role)
        if operation.changes:
            return await self._deed(visit, commands, path, do=method == "POST")
        if method == "POST":
            return self.page("admin-error.html", visit, alert=NO_SUCH_PAGE, status=405)
        return self._command_page(visit, commands, path, visit.query, **await self._listed(visit, commands, path))

    async def _listed(self, visit: Visit, commands: Commands, path: str) -> dict[str, Any]:
        """What a command that changes nothing says, as soon as all is filled in that it needs."""
        operation = commands.by_path[path]
        given = read(operation, visit.query)
        told: dict[str, Any] = {"path_of_command": path, "form": fields(operation, visit.query), "given": given}
        if not is_complete(operation, given):
            return told
        size = page_size(operation)
        asked = given if size is None else {"limit": str(SHOWN_AT_ONCE), **given}
        try:
            answer = await perform(self._parts, operation, visit.who, asked)
        except Refusal as refusal:
            return told | {
                "form": fields(operation, visit.query, refusal),
                "alert": self._words(visit, refusal),
                "status": refusal.status,
            }
        return told | self._answered(commands, path, answer, asked, visit.query)

    def _answered(
        self, commands: Commands, path: str, answer: Any, given: Mapping[str, object], query: Form
    ) -> dict[str, Any]:
        told: dict[str, Any] = {"answered": True}
        if isinstance(answer, Mapping):
            told["facts"] = list(facts(answer))
        elif isinstance(answer, Sequence):
            told["table"] = table(commands, path, answer, given, query)
        return told | {"related": commands.related(path, given)}

    async def _deed(self, visit: Visit, commands: Commands, path: str, *, do: bool) -> Reply:
        """The form of a command that changes something; or, when it came back, what came of it."""
        operation = commands.by_path[path]
        if not do:
            return self._command_page(visit, commands, path, visit.query, prove=await self.asks(visit))
        given = read(operation, visit.form)
        dry_run = str(given.get(DRY_RUN)).lower() == "true"
        try:
            if not operation.light and not visit.form.get(SURE) and not dry_run:
                raise Refusal(422, "not_sure", NOT_SURE)
            await self.prove(visit)
            answer = await perform(self._parts, operation, visit.who, given)
        except (Refusal, BesedaError) as refusal:
            return self._command_page(
                visit,
                commands,
                path,
                visit.form,
                refusal if isinstance(refusal, Refusal) else None,
                alert=self._words(visit, refusal),
                status=refusal.status if isinstance(refusal, Refusal) else BUSY_STATUSES.get(type(refusal), 422),
                prove=await self.asks(visit),
            )
        told = self._answered(commands, path, answer, given, Form([]))
        return self._command_page(visit, commands, path, Form([]), done=not dry_run, **told)

    async def asks(self, visit: Visit) -> str:
        """What a form asks of the operator himself: "" for nothing, "password", or "both", a code of his, too."""
        if await self._operators.may_do(visit.caller):
            return ""
        return "both" if await self._operators.has_second_factor(visit.caller) else "password"

    async def prove(self, visit: Visit) -> None:
        """Before every deed. Raises Refusal, and what refuses a password."""
        if await self._operators.may_do(visit.caller):
            return
        password = visit.form.get_secret(OWN_PASSWORD)
        if not password:
            raise Refusal(422, "proof_needed", PROVE_AGAIN)
        await self._operators.prove(visit.caller, password, visit.form.get(OWN_CODE) or "")

    def _command_page(
        self,
        visit: Visit,
        commands: Commands,
        path: str,
        filled: Form,
        refusal: Refusal | None = None,
        **facts: Any,
    ) -> Reply:
        operation: Operation = commands.by_path[path]
        shown = {"form": fields(operation, filled, refusal), "path_of_command": path, "prove": "", **facts}
        return self.page("admin-command.html", visit, operation=operation, section=section_of(path), **shown)

    def _words(self, visit: Visit, refusal: Refusal | BesedaError) -> str:
        """Why not, in the reader's language where it is one of the house's refusals."""
        cause = refusal if isinstance(refusal, BesedaError) else refusal.__cause__
        if isinstance(cause, BesedaError) and type(cause) in TEXTS:
            return self._house.text(visit.scope, visit.account, cause)
        told = str(refusal.record["message"]) if isinstance(refusal, Refusal) else refusal.code
        return self._house.text(visit.scope, visit.account, told)

    def page(self, template: str, visit: Visit, *, status: int = 200, **facts: Any) -> Reply:
        """A page within the frame of all."""
        sections = Commands(self._operations, visit.role).sections()
        alert = facts.pop("alert", "")
        body = self._house.page(
            template, visit.scope, visit.account, alert=alert, sections=sections, role=visit.role.name.lower(), **facts
        )
        return Reply(body, status=status, code=str(status))

    def _failure(self, scope: Scope, why: str | BesedaError, status: int) -> Reply:
        """A page for what went wrong before it was known who asks."""
        return Reply(self._house.page("admin-failure.html", scope, None, alert=why), status=status, code=str(status))
