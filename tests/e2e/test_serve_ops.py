"""The operator's listener: is it alive, is it ready, what has it done."""

import json
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families

from beseda.testing import BesedaServer
from e2e.console import Console


def metrics(server: BesedaServer) -> dict[str, float]:
    """All samples by name and labels."""
    text = httpx.get(f"{server.beseda.ops_url}/metrics").text
    return {
        " ".join([sample.name, *(f"{name}={value}" for name, value in sorted(sample.labels.items()))]): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_it_is_alive_and_ready() -> None:
    with BesedaServer() as server:
        for path in ("live", "ready"):
            answer = httpx.get(f"{server.beseda.ops_url}/health/{path}")
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
        assert httpx.get(f"{server.beseda.ops_url}/other").status_code == 404
        for path in ("/metrics", "/health/ready"):
            assert "beseda_" not in httpx.get(f"{server.url}{path}").text


def test_it_counts_calls_by_protocol_method_and_outcome() -> None:
    with BesedaServer() as server:
        httpx.get(f"{server.url}/api/rooms")
        httpx.get(f"{server.url}/api/rooms")
        httpx.get(f"{server.url}/api/room/7")
        httpx.post(f"{server.url}/rpc/notAuthorized", json={"jsonrpc": "2.0", "method": "nonsense" * 9})
        found = metrics(server)
        assert found["beseda_requests_total method=rooms outcome=200 protocol=chatcz"] == 2
        assert found["beseda_requests_total method=room outcome=404 protocol=chatcz"] == 1
        assert found["beseda_request_seconds_count method=rooms protocol=chatcz"] == 2
        assert found["beseda_request_seconds_bucket le=+Inf method=rooms protocol=chatcz"] == 2
        assert found["beseda_request_seconds_sum method=rooms protocol=chatcz"] > 0
        assert not [name for name in found if "nonsense" in name]


def test_it_counts_commits_connections_and_hashing() -> None:
    with BesedaServer() as server:
        before = metrics(server)
        assert (before["beseda_open_connections"], before["beseda_hashing_queue"]) == (0, 0)
        server.run(server.core.rooms.add("Praha"))
        with httpx.Client(base_url=server.url) as client:
            client.get("/api/rooms")
            after = metrics(server)
        assert after["beseda_open_connections"] == 1
        assert after["beseda_commits_total"] == before["beseda_commits_total"] + 1
        assert after["beseda_units_total"] == before["beseda_units_total"] + 1
        assert {"beseda_refused_connections_total", "beseda_timed_out_connections_total"} <= after.keys()


def test_members_behind_a_proxy_that_nobody_named_are_a_warning(tmp_path: Path) -> None:
    with BesedaServer(data=tmp_path) as server, httpx.Client(base_url=server.url) as client:
        for number in range(5):
            form = {"email": f"Host{number}", "password": "", "sex": "f"}
            client.post("/login", data=form, headers={"X-Forwarded-For": f"203.0.113.{number}"})
        answer = httpx.get(f"{server.beseda.ops_url}/health/ready")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
        assert "127.0.0.1" in answer.json()["warnings"]["proxy"]
        done = Console(tmp_path).run("doctor", "--json")
        found = {each["check"]: each for each in json.loads(done.out)}
        assert (done.code, found["proxy"]["ok"]) == (0, True)
        assert found["proxy"]["detail"].startswith("Warning: members come through 127.0.0.1")
        assert found["running server"] == {
            "check": "running server",
            "ok": True,
            "detail": f"is ready at {server.beseda.ops_url}",
        }
    assert not (tmp_path / "server.run").exists()
    (tmp_path / "server.run").write_text('{"pid": 1, "ops_url": "http://127.0.0.1:9"}')
    assert json.loads(Console(tmp_path).run("doctor", "--json").out)[-1]["ok"] is True
    for nonsense in ("", "[]", '{"ops_url": 7}', '{"ops_url": "file:///etc/passwd"}'):
        (tmp_path / "server.run").write_text(nonsense)
        checks = [each["check"] for each in json.loads(Console(tmp_path).run("doctor", "--json").out)]
        assert "running server" not in checks
