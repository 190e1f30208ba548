"""Who prepares what a scene is given, and does what operators do: a control port, or nobody but the protocols."""

import re
import secrets
import string
from dataclasses import replace
from typing import Any, Protocol

import httpx

from beseda.compat.scenes import Need, Scene, Step

TIMEOUT_S = 30.0
NICK_MAX, VISITORS_NICK_MAX = 15, 8


class NotProvided(Exception):
    """The target lets nobody have what the scene needs; the message says what that is, and why."""


class Hands(Protocol):
    """What `beseda.testing` calls deeds, by name, with values of JSON."""

    provides: frozenset[Need]

    @property
    def url(self) -> str:
        """Of the server, without a final slash."""
        ...

    def begin(self, scene: Scene) -> None:
        """Called before each scene. Raises NotProvided."""
        ...

    def call(self, deed: str, **arguments: Any) -> Any:
        """The result. Raises NotProvided."""
        ...

    def close(self) -> None:
        """Called once, last."""
        ...


class Control:
    """A server with a control port (`beseda testing serve`, docs/testing.md): a fresh one for each scene."""

    provides = frozenset(Need)

    def __init__(self, url: str, control: str) -> None:
        """Raises httpx.HTTPError, ValueError."""
        if (found := httpx.get(control, timeout=TIMEOUT_S).json().get("url")) != url:
            raise ValueError(f"{control} controls {found}, not {url}")
        self._url = url
        self._http = httpx.Client(base_url=control, timeout=TIMEOUT_S)

    @property
    def url(self) -> str:
        return self._url

    def begin(self, scene: Scene) -> None:
        self.call("reset", settings=scene.settings)

    def call(self, deed: str, **arguments: Any) -> Any:
        answer = self._http.post(f"/{deed}", json=arguments)
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise NotProvided(f"the control port has no {deed}")
        if answer.status_code != httpx.codes.OK:
            raise NotProvided(f"the control port refuses {deed}: {answer.text}")
        return answer.json()

    def close(self) -> None:
        self._http.close()


class Outside:
    """Any server, on which made-up people register and then do what the protocols let them.

    It is not theirs alone: so each scene is played by people, and in rooms, of names that are its own.
    """

    def __init__(self, url: str, name_server: str = "") -> None:
        """`name_server` is its `ADDRESS:PORT`, if it has one."""
        self._url = url
        self._names_at = name_server
        self.provides = frozenset({Need.MEMBERS, *([Need.NAMES] if name_server else [])})
        self._passwords: dict[str, str] = {}
        self._inside: dict[str, httpx.Client] = {}
        self._wants_ids = False

    @property
    def url(self) -> str:
        return self._url

    def begin(self, scene: Scene) -> None:
        self.close()
        self._passwords = {}
        self._wants_ids = "_id»" in scene.text

    def close(self) -> None:
        for client in self._inside.values():
            client.close()
        self._inside = {}

    def call(self, deed: str, **arguments: Any) -> Any:
        try:
            return getattr(self, f"_{deed}")(**arguments)
        except (ValueError, LookupError, TypeError) as error:
            raise NotProvided(f"{deed}: the answer is not understood: {error!r}") from error

    def _member(self, nick: str, password: str, sex: str = "", born: str = "", age_public: bool = False) -> Any:
        form = {"nick": nick, "password": password, "sex": sex, "birth_date": born}
        if age_public:
            form["age_public"] = "1"
        answer = httpx.post(f"{self.url}/register", data=form, timeout=TIMEOUT_S)
        if answer.status_code not in (httpx.codes.OK, httpx.codes.SEE_OTHER):
            raise NotProvided(f"nobody may register: {answer.status_code} {answer.reason_phrase}")
        self._passwords[nick] = password
        number = 0
        if self._wants_ids:
            sid = self._sign_in(nick)
            number = int(sid["nid"])
            self._spaces("session", method="logout", sid=sid["sid"], CK=sid["CK"])
        return {"id": number}

    def _visitor(self, nick: str, where: str) -> Any:
        return self._enter_as(nick, where, {"nick": nick, "sex": "m"})

    def _enter(self, who: str, where: str) -> Any:
        return self._enter_as(who, where, {"email": who, "password": self._passwords[who]})

    def _enter_as(self, who: str, where: str, form: dict[str, str]) -> Any:
        """By the site: the cookies of the session that is inside."""
        if who not in self._inside:
            self._inside[who] = httpx.Client(base_url=self.url, timeout=TIMEOUT_S)
            if not dict(self._inside[who].post("/login", data=form).cookies):
                raise NotProvided(f"{who} cannot sign in at /login")
        client = self._inside[who]
        if client.get(f"/{where}").status_code != httpx.codes.OK:
            raise NotProvided(f"{who} cannot enter {where}")
        return dict(client.cookies)

    def _sid(self, who: str) -> Any:
        attributes = self._sign_in(who)
        return {"sid": attributes["sid"], "ck": attributes["CK"], "channel": attributes["channel_id"]}

    def _token(self, who: str) -> Any:
        call = {"jsonrpc": "2.0", "method": "getToken", "params": {"login": who, "password": self._passwords[who]}}
        return httpx.post(f"{self.url}/rpc/notAuthorized/", json=call, timeout=TIMEOUT_S).json()["result"]

    def _letter(self, sender: str, receiver: str, text: str) -> None:
        session = self._sign_in(sender)
        proved = {"sid": session["sid"], "CK": session["CK"]}
        self._spaces("mail", method="sendMessage", user=receiver, texttT=text, **proved)
        self._spaces("session", method="logout", **proved)

    def _sign_in(self, who: str) -> Any:
        return self._spaces("session", method="login", login=who, password=self._passwords[who])["attributes"]

    def _spaces(self, section: str, **form: str) -> Any:
        headers = {"X-Proxy": "spaces", "Cookie": "json=1"}
        answer = httpx.post(f"{self.url}/neoapi/{section}", data=form, headers=headers, timeout=TIMEOUT_S).json()
        if answer["code"] != "00000":
            raise NotProvided(f"{section}.{form['method']} is refused with {answer['code']}")
        return answer

    def _name_server(self) -> str:
        return self._names_at

    def _settle(self) -> None:
        """There is nothing to wait for but what comes."""


def with_names_of_its_own(scene: Scene) -> Scene:
    """The same scene with other people, and other rooms, than any other playing of it."""
    given = "\n".join(step.line for step in scene.steps)
    people = set(re.findall(r"^Given member ([A-Za-z]+),", given, re.MULTILINE))
    visitors = set(re.findall(r"^Given visitor \w+, nick ([A-Za-z]+),", given, re.MULTILINE))
    rooms = set(re.findall(r"^Given .* is in ([A-Za-z]+)$", given, re.MULTILINE))
    renamed = {
        name: name[: most - length] + "".join(secrets.choice(string.ascii_lowercase) for _ in range(length))
        for names, most, length in ((people | rooms, NICK_MAX, 5), (visitors, VISITORS_NICK_MAX, 3))
        for name in names
    }
    if not renamed:
        return scene
    pattern = re.compile(rf"(?<!\w)({'|'.join(renamed)})(?=(?:_room|_id)?(?!\w))", re.IGNORECASE)

    def rename(text: str) -> str:
        return pattern.sub(lambda match: _like(match[1], renamed), text)

    steps = [Step(rename(step.line), step.number, [rename(line) for line in step.block]) for step in scene.steps]
    return replace(scene, steps=steps)


def _like(found: str, renamed: dict[str, str]) -> str:
    """The new name in the case of the old one."""
    if found in renamed:
        return renamed[found]
    (new,) = (new for old, new in renamed.items() if old.casefold() == found.casefold())
    return new.upper() if found.isupper() else new.lower()
