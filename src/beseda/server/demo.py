"""A server on a throw-away data folder, with something in it to try."""

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from beseda.core.accounts import Application
from beseda.core.core import Core
from beseda.core.domains import NewDomain
from beseda.domain.accounts import Account, Sex
from beseda.domain.ledger import Pocket
from beseda.server.beseda import Beseda
from beseda.server.config import Config
from beseda.server.passwords import make_password
from beseda.server.run import addresses

ROOM, LIBRARY = "Kavárna", "Knihovna"
DOMAINS = ("beseda-priklad.com", "беседа-пример.рф")


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is told once: the passwords of Alena and Boris, the application's key, Alena's token for it."""

    alena: str
    boris: str
    api_key: str
    token: str


async def greet(beseda: Beseda, config: Config) -> str:
    """Fill the empty server, and say what to try: first what needs a browser and nothing else."""
    secrets = await fill(beseda.parts.core)
    first = f"Open {beseda.url}/login and sign in as Alena, password {secrets.alena}"
    return "\n".join([first, "", *addresses(beseda, config)]) + "\n" + guide(beseda, config.server.data, secrets)


async def fill(core: Core) -> Secrets:
    """Two rooms, two members, an application, domains and money."""
    alena_password, boris_password = make_password(), make_password()
    alena = await _add_member(core, "Alena", alena_password, Sex.FEMALE)
    boris = await _add_member(core, "Boris", boris_password, Sex.MALE)
    await core.rooms.add(ROOM, description="Pro všechny")
    library = await core.rooms.add(LIBRARY, description="Alena je stálá správkyně")
    await core.rooms.set_admin(library.id, alena.id, True)
    app, api_key = await core.apps.add("Brána")
    token = await core.apps.grant(app.id, alena.id)
    for name in DOMAINS:
        await core.domains.give(boris.id, NewDomain(name))
    await core.billing.credit(boris.id, Pocket.REAL, 500_00, "demo")
    await core.billing.credit(boris.id, Pocket.BONUS, 25_50, "demo")
    return Secrets(alena_password, boris_password, api_key, token)


async def _add_member(core: Core, nick: str, password: str, sex: Sex) -> Account:
    return await core.accounts.add(Application(nick, password, email=f"{nick.lower()}@example.org", sex=sex))


def guide(beseda: Beseda, folder: Path, secrets: Secrets) -> str:
    """What to try; every indented line is a command that works as it stands, in this order."""
    url, jar = beseda.url, folder / "cookies"
    renew = _json({"tokenOld": secrets.token, "apiKey": secrets.api_key})
    confirm = _json({"token": "$TOKEN", "apiKey": secrets.api_key}).replace("$TOKEN", "'$TOKEN'")
    get_token = _json(_call("getToken", login="Boris", password=secrets.boris))
    bearer = '-H "Authorization: Bearer $BEARER"'
    return f"""
There is Boris too, whose password is {secrets.boris}.
All of this is gone when the server stops. In another window:

Chat.cz: the rooms, one of them, the permanent admins of another
  curl -s {url}/api/rooms
  curl -s {url}/api/room/1
  curl -s {url}/api/room/2/admins

Chat.cz: an application renews Alena's token and signs her in; she enters a room and is seen there
  TOKEN=$(curl -s -d {renew} {url}/api/token | {_pick("token")})
  curl -s -X PUT -c {jar} -d {confirm} {url}/api/login
  curl -s -b {jar} -o /dev/null {url}/{quote(ROOM)}
  curl -s {url}/api/room/1/users
  curl -s -b {jar} -d roomId=1 -d text=Ahoj {url}/json/getText

Spaces: Alena signs in
  curl -s -b json=1 -F method=login -F login=Alena -F password={secrets.alena} {url}/neoapi/session

SpaceWeb: Boris signs in, looks at his domains and his money, and adds a domain
  BEARER=$(curl -s -d {get_token} {url}/rpc/notAuthorized/ | {_pick("result")})
  curl -s {bearer} -d {_json(_call("index"))} {url}/rpc/domains/
  curl -s {bearer} -d {_json(_call("getBalance"))} {url}/rpc/pay/
  curl -s {bearer} -d {_json(_call("move", domain="beseda-novy.ru"))} {url}/rpc/domains/

What the operator sees
  curl -s {beseda.ops_url}/metrics
"""


def _call(method: str, **params: str) -> dict[str, object]:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def _json(value: object) -> str:
    """As one word of a shell."""
    return f"'{json.dumps(value)}'"


def _pick(member: str) -> str:
    """A filter that leaves one member of the JSON that comes in."""
    return f"""sed 's/.*"{member}": *"\\([^"]*\\)".*/\\1/'"""
