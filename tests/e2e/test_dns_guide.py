"""docs/dns.md: its configuration is one, and its commands do what it says."""

import re
import sys
from pathlib import Path

import pytest

from beseda.server.config import load_config
from e2e.serving import QUICK_HASHES, started
from e2e.test_readme import run
from ports import free_port

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "dns.md").read_text("utf-8")
SERVE, FIRST, DELEGATE, TOKEN, KEYS, SECONDARY = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
CONFIGS = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


@pytest.mark.parametrize("config", CONFIGS)
def test_its_configuration_is_one(config: str, tmp_path: Path) -> None:
    file = tmp_path / "beseda.toml"
    file.write_text(config)
    assert load_config(file, environment={}).dns.listen


def test_what_its_commands_are_given_is_what_they_take() -> None:
    assert SERVE.split() == ["beseda", "serve", "--config", "beseda.toml"]
    named = set(re.findall(r"`(dns\.[a-z_]+)`", GUIDE))
    assert named
    for name in named:
        assert hasattr(load_config(environment={}).dns, name.removeprefix("dns."))


@pytest.mark.long
def test_its_commands_work_in_their_order(tmp_path: Path) -> None:
    program, port = tmp_path / "beseda", str(free_port())
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m beseda "$@"\n')
    program.chmod(0o755)
    file, data = tmp_path / "beseda.toml", tmp_path / "data"
    file.write_text(CONFIGS[0].replace("5300", port))
    arguments = ("serve", "--config", str(file), "--data", str(data), "--listen", "127.0.0.1:0")
    with started(*arguments, settings=QUICK_HASHES) as process:
        run("echo 'modry zvonek 12' | beseda account add Alena --password-stdin", process.url, data, tmp_path)
        first, delegated, token, keys, secondary = (
            run(block.replace("5300", port), process.url, data, tmp_path)
            for block in (FIRST, DELEGATE, TOKEN, KEYS, SECONDARY)
        )
        assert "ns1.vzor.cz. hostmaster.vzor.cz." in first
        assert delegated == "192.0.2.80\n"
        assert re.search(r"^token +beseda_", token, re.MULTILINE)
        assert "vzor.cz, _acme-challenge.*, TXT" in token
        assert re.search(
            r"^certbot +certbot.vzor.cz +hmac-sha256 +yes +no +_acme-challenge\.\* +TXT", keys, re.MULTILINE
        )
        assert re.search(r"^secret +[A-Za-z0-9+/]{43}=$", secondary, re.MULTILINE)
        assert process.stop() == 0
