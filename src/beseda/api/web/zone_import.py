"""A zone as a file: sent as text or as a file, compared first and then put in; and taken away."""

from beseda.api.base import FORM_MAX_BYTES, header
from beseda.api.forms import FormLimits, FormRefused, read_file
from beseda.api.web.call import Handler, PageCall, Reply
from beseda.api.web.zone_frame import PAGES, Attempt, ZoneFrame, attempt, zone_of
from beseda.api.web.zone_rows import diff_of_report

IMPORT = f"{PAGES}/import"
FILE_MAX = 2 * 1024 * 1024
TEXT_MAX = FILE_MAX + FILE_MAX // 2
"""Of a file's text in a form, in which browsers end lines with two octets."""
LIMITS = FormLimits(fields=16, value_bytes=TEXT_MAX)
BODY_MAX = FILE_MAX + TEXT_MAX + FORM_MAX_BYTES


class ZoneImport(ZoneFrame):
    def routes(self) -> dict[str, dict[str, Handler]]:
        return {
            IMPORT: {"GET": self.own(self._show), "POST": self.own(self._import)},
            f"{PAGES}/export": {"GET": self.own(self._export)},
        }

    async def _show(self, call: PageCall) -> Reply:
        return await self._form(call, Attempt(None))

    async def _import(self, call: PageCall) -> Reply:
        """`how` is add or replace; a `file` goes before the `text`."""
        zone, keeping = zone_of(call), call.form.get("how") != "replace"
        text = self._file(call) or (call.form.get("text") or "").replace("\r\n", "\n")
        files = self._core.zone_files
        tried = await attempt(call, lambda how: files.read_in(call.caller, zone, text, how, keeping=keeping))
        if tried.done and tried.report:
            return self.changed(zone, tried.report, "import")
        return await self._form(call, tried, text)

    async def _form(self, call: PageCall, tried: Attempt, text: str = "") -> Reply:
        head = await self._core.zone_files.head(call.caller, zone_of(call))
        return self.page(
            "zone-import.html",
            call,
            head,
            tried.refusal,
            text=text,
            keeping=call.form.get("how") != "replace",
            tried=diff_of_report(tried.report) if tried.report else None,
            seen=tried.report.serial if tried.report else 0,
        )

    def _file(self, call: PageCall) -> str:
        """The text of a file that was sent along, "" for none. Raises FormRefused."""
        content = read_file(header(call.scope, b"content-type"), call.body, "file", max_bytes=TEXT_MAX)
        if len(content) > FILE_MAX:
            raise FormRefused("a zone file is longer than is taken")
        return content.decode("utf-8", "replace").replace("\r\n", "\n")

    async def _export(self, call: PageCall) -> Reply:
        name, text = await self._core.zone_files.export(call.caller, zone_of(call))
        named = f'attachment; filename="{name}.zone"'.encode()
        return Reply(text.encode(), ((b"content-disposition", named),), content_type=b"text/plain; charset=utf-8")
