"""Whether an answer is as a scene has it, and the names that are given, or captured on the way."""

import http.client
import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

PLACE = re.compile("«([a-zA-Z_][a-zA-Z0-9_]*)(?::([^»]*))?»")
KINDS: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: type(value) is int,
    "str": lambda value: type(value) is str,
    "number": lambda value: type(value) in (int, float),
    "bool": lambda value: type(value) is bool,
    "any": lambda value: True,
}
MORE = "…"


class Unlike(Exception):
    """What came is not what the scene has; the message says what came."""


def unlike(told: str) -> NoReturn:
    raise Unlike(told)


class Names(dict[str, str]):
    """What `«name»` stands for."""

    def fill(self, text: str) -> str:
        """The text with all known names put in. Raises Unlike for one that is not known."""
        return PLACE.sub(lambda match: self.get(match[1]) or unlike(f"«{match[1]}» is not known"), text)

    def check_answer(self, head: list[str], expected: str, answer: http.client.HTTPResponse, body: bytes) -> None:
        """Raises Unlike."""
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            unlike(f"the body is not UTF-8: {body[:200]!r}")
        if f"{answer.status}" != head[0]:
            unlike(f"{answer.status} {text}")
        for line in head[1:]:
            name, _, wanted = line.partition(": ")
            found = answer.headers.get_all(name, [])
            if not any(self.fits(wanted, value) for value in found):
                unlike(f"{name}: {found}")
        if expected.lstrip().startswith(("{", "[")):
            try:
                came = json.loads(text)
            except ValueError:
                unlike(f"the body is no JSON: {text[:200]!r}")
            self.compare(json.loads(expected), came, "body")
        else:
            for line in expected.splitlines():
                self._check_line(line, text)

    def _check_line(self, line: str, text: str) -> None:
        verb, _, wanted = line.partition(" ")
        match verb:
            case "empty":
                fine = text == ""
            case "is":
                fine = self.fits(wanted, text)
            case "has":
                fine = self.fill(wanted) in text
            case "lacks":
                fine = self.fill(wanted) not in text
            case "matches":
                fine = re.search(self.fill(wanted), text) is not None
            case _:
                raise ValueError(f"no such expectation: {line}")
        if not fine:
            unlike(f"not so: {line}: {text}")

    def fits(self, wanted: str, found: str) -> bool:
        """Whether text is as written, capturing on the way."""
        groups: dict[str, str] = {}

        def pattern(match: re.Match[str]) -> str:
            name, inner = match[1], match[2]
            if inner is None:
                return re.escape(self.fill(match[0]))
            groups[name] = inner
            return f"(?P<{name}>{inner})"

        parts, end = [], 0
        for match in PLACE.finditer(wanted):
            parts += [re.escape(wanted[end : match.start()]), pattern(match)]
            end = match.end()
        fitted = re.fullmatch("".join([*parts, re.escape(wanted[end:])]), found, re.DOTALL)
        if fitted:
            self.update({name: fitted[name] for name in groups})
        return fitted is not None

    def compare(self, wanted: Any, found: Any, where: str) -> None:
        """Two values of JSON. Raises Unlike."""
        if isinstance(wanted, str) and (match := PLACE.fullmatch(wanted)) and match[1] in KINDS and match[2] is None:
            if not KINDS[match[1]](found):
                unlike(f"{where}: {found!r} is not of type {match[1]}")
        elif isinstance(wanted, str) and PLACE.fullmatch(wanted) and type(found) is int:
            if not self.fits(wanted, str(found)):
                unlike(f"{where}: {found!r} is not {wanted}")
        elif isinstance(wanted, str) and isinstance(found, str):
            if not self.fits(wanted, found):
                unlike(f"{where}: {found!r} is not {wanted!r}")
        elif isinstance(wanted, dict) and isinstance(found, dict):
            self._compare_objects(dict(wanted), found, where)
        elif isinstance(wanted, list) and isinstance(found, list):
            open_ended = wanted[-1:] == [MORE]
            wanted = wanted[:-1] if open_ended else wanted
            if len(found) < len(wanted) or (len(found) > len(wanted) and not open_ended):
                unlike(f"{where}: {found}")
            for index, (left, right) in enumerate(zip(wanted, found, strict=False)):
                self.compare(left, right, f"{where}[{index}]")
        elif type(wanted) is not type(found) or wanted != found:
            unlike(f"{where}: {found!r} is not {wanted!r}")

    def _compare_objects(self, wanted: dict[str, Any], found: dict[str, Any], where: str) -> None:
        open_ended = wanted.pop(MORE, None) is not None
        missing, extra = wanted.keys() - found.keys(), found.keys() - wanted.keys()
        if missing:
            unlike(f"{where}: lacks {missing}: {found}")
        if extra and not open_ended:
            unlike(f"{where}: has {extra}: {found}")
        for key, value in wanted.items():
            self.compare(value, found[key], f"{where}.{key}")
