"""Writes the pages of docs/ that follow from the code: `make docs`."""

import asyncio
import sys
import tempfile
from enum import StrEnum
from pathlib import Path

import platformdirs

from beseda.adapters.picture_parts import PARTS_MAX, SCANS_MAX, SOURCE_MAX_PX
from beseda.adapters.pictures import AT_ONCE, DEADLINE_S
from beseda.adapters.sql.sqlite import MEMORY
from beseda.api.base import FORM_MAX_BYTES, JSON_MAX_BYTES
from beseda.api.forms import SMALL
from beseda.api.jsontext import MAX_DEPTH, MAX_MEMBERS
from beseda.compat import report
from beseda.compat.scenes import find_scenes
from beseda.core.pictures import CONTENT_MAX_BYTES
from beseda.domain.limits import LIMITS
from beseda.domain.sign_ins import ONE_NAME_AT_ONCE
from beseda.server import http
from beseda.server.beseda import run_beseda
from beseda.server.config import Setting, load_config, settings

HEAD = """\
# Configuration

<!-- Written by `make docs`; a test compares. -->

Every setting has a default, and none has to be set. A setting `server.listen` is `listen` in the section `[server]` of
the TOML file that `--config` names, and `BESEDA_SERVER_LISTEN` in the environment. The environment wins over the file,
the command line over both. An unknown name or a bad value is refused with a message that names it. In the environment,
the parts of a list stand between commas, and a table is `name=value,name=value`; in the file a list of one may be that
one alone.

```toml
[server]
listen = "0.0.0.0:8080"
base_url = "https://chat.example.org"
trusted_proxies = ["10.0.0.5"]

[accounts]
registration = "invite"
```
"""
LIMITS_HEAD = """\
# Limits

<!-- Written by `make docs`; a test compares. -->

## How often what may be done

So many calls pass at once; after that, one more each time the interval has passed. Each address, account or session is
counted by itself (of an IPv6 address, the first 64 bits). What stands against guessing, and the rules of the service,
are counted in the database: over all nodes, and through a restart; while the database is away, nothing of it passes.
The rest protects each node by itself, and a restart forgives. These are the defaults; the [setting](configuration.md)
`server.limits` changes them by name.

| limit | counted by | over | at once | then one every | what |
|---|---|---|---|---|---|
"""
BOUNDS_HEAD = """
## Connections and requests

How many connections may be open, and how long idle ones are kept, are [settings](configuration.md). The rest is not:

| what | at most |
|---|---|
"""
METRICS_HEAD = """\
# Metrics

<!-- Written by `make docs`; a test compares. -->

The operator's listener tells them at `/metrics`, in the text form of Prometheus: names and units after its conventions,
seconds and bytes. Those that begin with `beseda_dns_` are there where zones are answered for.

```yaml
scrape_configs:
  - job_name: beseda
    static_configs:
      - targets: ["127.0.0.1:8081"]
```

`packaging/prometheus/alerts.yml` holds rules for alerts, `packaging/prometheus/dashboard.json` a dashboard for Grafana
(Dashboards, Import).

| metric | type | labels | what it says |
|---|---|---|---|
"""
BOUNDS = {
    "first byte of a connection": f"{http.FIRST_BYTE_S:g} s",
    "head of a request": f"{http.HEAD_S:g} s, {http.HEAD_MAX_BYTES:,} bytes, {http.HEAD_MAX_LINES} lines",
    "body of a request": f"{http.BODY_S:g} s, and 1 s more for each {http.BODY_MIN_BYTES_PER_S:,} bytes",
    "client that takes nothing of its answer": f"{http.FLUSH_S:g} s",
    "requests waiting on one connection": f"{http.PIPELINE_MAX}",
    "sign-ins under way for one name from one address": f"{ONE_NAME_AT_ONCE}; hashed one at a time",
    "form": f"{FORM_MAX_BYTES:,} bytes, {SMALL.fields} fields of {SMALL.value_bytes:,} bytes",
    "picture": f"{CONTENT_MAX_BYTES:,} bytes, {SOURCE_MAX_PX:,} pixels, {SCANS_MAX} scans, {PARTS_MAX:,} parts",
    "decoding of a picture": f"{DEADLINE_S:g} s, {AT_ONCE} at once, one for each member",
    "JSON": f"{JSON_MAX_BYTES:,} bytes, {MAX_MEMBERS:,} members, {MAX_DEPTH} levels",
}


def configuration() -> str:
    """docs/configuration.md."""
    sections: dict[str, list[Setting]] = {}
    for each in settings().values():
        sections.setdefault(each.key.partition(".")[0], []).append(each)
    return "\n".join([HEAD, *(_section(name, found) for name, found in sections.items())])


def _section(name: str, found: list[Setting]) -> str:
    lines = [f"## [{name}]", "", "| setting | environment | default | meaning |", "|---|---|---|---|"]
    for each in found:
        setting = each.key.partition(".")[2]
        lines.append(f"| `{setting}` | `{each.environment_name}` | {_default(each.default)} | {each.doc} |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    """As TOML writes it; what depends on the machine and the user as it is found on Linux."""
    match value:
        case bool():
            text = str(value).lower()
        case StrEnum() | str():
            text = f'"{value}"'
        case Path():
            text = '"~/.local/share/beseda"' if value == Path(platformdirs.user_data_dir("beseda")) else f'"{value}"'
        case list():
            text = "[" + ", ".join(map(_quoted, value)) + "]"
        case dict():
            text = "{" + ", ".join(f"{name} = {_quoted(item)}" for name, item in value.items()) + "}"
        case _:
            text = str(value)
    return f"`{text}`"


def _quoted(text: object) -> str:
    return f'"{text}"'


def limits() -> str:
    """docs/limits.md."""
    rows = [
        f"| {it.name} | {it.keyed_by} | {'all nodes' if it.shared else 'each node'} | {it.burst} | {it.per_s:g} s"
        f" | {it.meaning} |"
        for it in LIMITS.values()
    ]
    bounds = [f"| {what} | {most} |" for what, most in BOUNDS.items()]
    return LIMITS_HEAD + "\n".join(rows) + "\n" + BOUNDS_HEAD + "\n".join(bounds) + "\n"


def coverage() -> str:
    """docs/coverage.md."""
    return report.coverage(find_scenes())


def metrics() -> str:
    """docs/metrics.md, from a server that is started for it."""
    rows = [f"| `{name}` | {kind} | {labels} | {text} |" for name, kind, labels, text in asyncio.run(_metrics())]
    return METRICS_HEAD + "\n".join(rows) + "\n"


async def _metrics() -> list[tuple[str, str, str, str]]:
    nowhere = {"listen": "127.0.0.1:0", "ops_listen": "", "database": f"sqlite://{MEMORY}"}
    with tempfile.TemporaryDirectory() as folder:
        given = {f"server.{name}": value for name, value in {**nowhere, "data": folder}.items()}
        config = load_config(environment={}, overrides={**given, "dns.listen": ["127.0.0.1:0"]})
        async with run_beseda(config, housekeeping=False) as beseda:
            return beseda.metrics.described()


PAGES = {"configuration.md": configuration, "coverage.md": coverage, "limits.md": limits, "metrics.md": metrics}

if __name__ == "__main__":
    for name, page in PAGES.items():
        Path(sys.argv[1], name).write_text(page(), "utf-8")
