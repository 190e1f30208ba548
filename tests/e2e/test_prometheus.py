"""What `packaging/prometheus` holds is right: by Debian's Prometheus, which looks at a server that runs."""

import contextlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from beseda.server.docs import metrics
from beseda.testing import PASSWORD, BesedaServer
from ports import free_port

PACKAGED = Path(__file__).parents[2] / "packaging/prometheus"
DASHBOARD = json.loads(PACKAGED.joinpath("dashboard.json").read_text("utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
WAIT_S = 60.0


def promtool(*arguments: str | Path, given: str = "") -> str:
    run = subprocess.run(
        ["promtool", *map(str, arguments)], input=given, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def test_no_query_and_no_alert_is_about_what_there_is_not() -> None:
    known = set(re.findall(r"^\| `(beseda_\w+)`", metrics(), re.MULTILINE))
    texts = [*QUERIES, PACKAGED.joinpath("alerts.yml").read_text("utf-8")]
    named = {re.sub("_bucket$", "", name) for text in texts for name in re.findall(r"\bbeseda_[a-z_]+", text)}
    assert named <= known
    assert len(named) > 15


def test_every_alert_has_a_case_and_every_panel_a_place() -> None:
    rules = PACKAGED.joinpath("alerts.yml").read_text("utf-8")
    tried = PACKAGED.joinpath("alerts-test.yml").read_text("utf-8")
    for alert in re.findall(r"- alert: (\w+)", rules):
        assert f"- alertname: {alert}\n" in tried, "fires"
        assert f"{{alertname: {alert}, " in tried, "does not where all is well"
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in DASHBOARD["panels"]})


def test_the_dashboard_is_whole() -> None:
    """Grafana comes neither with Debian nor from PyPI: what its import would stumble over is looked for here."""
    assert (DASHBOARD["title"], DASHBOARD["uid"], DASHBOARD["schemaVersion"] >= 39) == ("Beseda", "beseda", True)
    variables = {each["name"] for each in DASHBOARD["templating"]["list"]} | {"__rate_interval", "__all"}
    assert set(re.findall(r"\$\{?(\w+)", json.dumps(DASHBOARD))) == variables
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place, sources = panel["gridPos"], [panel["datasource"], *(each["datasource"] for each in panel["targets"])]
        assert panel["type"] == "timeseries"
        assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"] in {"bytes", "cps", "ops", "reqps", "s", "short"}
        assert len({each["refId"] for each in panel["targets"]}) == len(panel["targets"])
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert taken.isdisjoint(cells)
        assert max(x for x, _ in cells) < 24
        taken |= cells


@pytest.mark.long
def test_alerts_fire_where_they_should_and_nowhere_else() -> None:
    promtool("check", "rules", PACKAGED / "alerts.yml")
    promtool("test", "rules", PACKAGED / "alerts-test.yml")


@contextlib.contextmanager
def prometheus(folder: Path, target: str) -> Iterator[httpx.Client]:
    """One that looks every second, with our alerts."""
    folder.joinpath("prometheus.yml").write_text(
        f"global: {{scrape_interval: 1s}}\nrule_files: [{PACKAGED}/alerts.yml]\n"
        f"scrape_configs: [{{job_name: beseda, static_configs: [{{targets: ['{target}']}}]}}]\n"
    )
    promtool("check", "config", folder / "prometheus.yml")
    address = f"127.0.0.1:{free_port()}"
    options = ("--config.file", folder / "prometheus.yml", "--storage.tsdb.path", folder / "data")
    with folder.joinpath("log").open("w") as log:
        process = subprocess.Popen(
            ["prometheus", *map(str, options), f"--web.listen-address={address}"], stdout=log, stderr=log
        )
        try:
            with httpx.Client(base_url=f"http://{address}") as client:
                yield client
        finally:
            process.terminate()
            process.wait(WAIT_S)


def series(client: httpx.Client, query: str) -> list[Any]:
    """What the panel would show."""
    plain = query.replace("$instance", ".*").replace("$__rate_interval", "1m")
    try:
        answer = client.get("/api/v1/query", params={"query": plain})
    except httpx.ConnectError:  # it starts
        return []
    assert answer.status_code in (200, 503), answer.text
    found: list[Any] = answer.json()["data"]["result"] if answer.status_code == 200 else []
    return found


@pytest.mark.long
def test_every_panel_shows_something_of_a_server_that_runs(tmp_path: Path) -> None:
    with BesedaServer({"dns.listen": ["127.0.0.1:0"]}) as server:
        server.member("Alena")
        told = httpx.get(f"{server.beseda.ops_url}/metrics").text
        promtool("check", "metrics", given=told)
        ends, left = time.monotonic() + WAIT_S, list(QUERIES)
        with prometheus(tmp_path, server.beseda.ops_url.removeprefix("http://")) as client:
            while left and time.monotonic() < ends:
                httpx.get(f"{server.url}/api/rooms")
                httpx.post(f"{server.url}/login", data={"email": "Alena", "password": PASSWORD[:-1]})
                left = [query for query in left if not series(client, query)]
                time.sleep(0.5)
            servers = client.get("/api/v1/label/instance/values", params={"match[]": "beseda_open_connections"})
        assert left == []
        assert servers.json()["data"] == [server.beseda.ops_url.removeprefix("http://")]
