"""The Debian package and the image: made from the source, put into an empty root, started, taken out again."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from e2e.serving import QUICK_HASHES, environment
from ports import free_port

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"
DEBIANS = Path("/usr/bin/python3.11")
"""Debian's own Python: the package is for it."""
UNIT = re.compile(r"^(ExecStart|User|StateDirectory)=(.*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (DEBIANS.exists() and shutil.which("dpkg-deb")):
        pytest.skip("only Debian can make its package")
    folder = tmp_path_factory.mktemp("dist")
    made = subprocess.run(
        [PACKAGING / "deb.sh", folder, DEBIANS], capture_output=True, text=True, timeout=500, check=False
    )
    assert made.returncode == 0, made.stderr
    (package,) = folder.glob("*.deb")
    return package


class Machine:
    """The root of another machine, on which dpkg works from here."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "etc", "tmp"):
            (root / folder).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()

    def dpkg(self, *arguments: str | Path, **more: str) -> str:
        """What it says. Its dependencies are here, not there; and nobody cuts this machine's power off."""
        forced = ["--force-script-chrootless", "--force-depends", "--force-not-root", "--force-unsafe-io"]
        command = ["dpkg", f"--root={self.root}", *forced, *arguments]
        ran = subprocess.run(command, env=os.environ | more, capture_output=True, text=True, timeout=300, check=False)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout + ran.stderr

    def program(self) -> list[str]:
        """/usr/bin/beseda, which is not at its place."""
        text = (self.root / "usr/bin/beseda").read_text("utf-8")
        return ["sh", "-c", text.replace("/usr/lib/beseda", f"{self.root}/usr/lib/beseda"), "beseda"]

    def path(self, name: str) -> Path:
        return self.root / name


def wait_for(url: str, running: "subprocess.Popen[bytes]") -> httpx.Response:
    """Its first answer."""
    transport = httpx.HTTPTransport(retries=12)  # the last pauses are minutes
    with httpx.Client(transport=transport, timeout=60) as client:
        answer = client.get(url)
    assert running.poll() is None
    return answer


@pytest.fixture
def ports() -> tuple[int, int]:
    return free_port(), free_port()


def test_a_package_is_installed_started_and_removed(package: Path, tmp_path: Path, ports: tuple[int, int]) -> None:
    machine = Machine(tmp_path / "root")
    machine.dpkg("--install", package)
    users = machine.path("etc/passwd").read_text("ascii")
    assert re.search(r"^beseda:.*:/var/lib/beseda:/usr/sbin/nologin$", users, re.MULTILINE)
    data = machine.path("var/lib/beseda")
    assert (data.stat().st_mode & 0o777, data.stat().st_uid) == (0o700, int(users.split(":")[2]))
    unit = dict(UNIT.findall(machine.path("usr/lib/systemd/system/beseda.service").read_text("utf-8")))
    program, *words = unit["ExecStart"].split()
    assert (program, unit["User"], unit["StateDirectory"]) == ("/usr/bin/beseda", "beseda", "beseda")
    words = [word.replace("/etc/beseda", str(machine.path("etc/beseda"))) for word in words]
    settings = environment(QUICK_HASHES) | {"BESEDA_SERVER_OPS_LISTEN": f"127.0.0.1:{ports[1]}"}
    command = [*machine.program(), *words, "--data", str(data), "--listen", f"127.0.0.1:{ports[0]}"]
    with subprocess.Popen(command, env=settings, cwd="/", stderr=subprocess.PIPE) as running:
        try:
            assert wait_for(f"http://127.0.0.1:{ports[0]}/api/rooms", running).json()["status"] == 200
        finally:
            running.terminate()
            running.communicate(timeout=60)
    assert running.returncode == 0
    assert (data / "beseda.db").exists()
    machine.dpkg("--install", package)  # an upgrade
    assert "the data stays" not in machine.dpkg("--remove", "beseda")
    assert not machine.path("usr/lib/beseda").exists()
    assert machine.path("etc/beseda/beseda.toml").exists()
    assert "the data stays" in machine.dpkg("--purge", "beseda")
    assert not machine.path("etc/beseda/beseda.toml").exists()
    assert (data / "beseda.db").exists()
    machine.dpkg("--unpack", package)
    machine.dpkg("--purge", "beseda", BESEDA_PURGE_DATA="yes")
    assert not data.exists()


def steps(name: str) -> list[str]:
    """The steps of the Containerfile with this name, lines that go on joined."""
    text = re.sub(r"\\\n", "", (PACKAGING / "Containerfile").read_text("utf-8"))
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)


def copy_context(target: Path) -> None:
    """What `COPY . .` takes: all that .dockerignore lets through."""
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        for path in ROOT.glob(line.removeprefix("!")) if line.startswith("!") else ():
            there = target / path.relative_to(ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            if path.is_dir():
                shutil.copytree(path, there, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(path, there)


def test_the_steps_of_the_image_make_a_server_that_is_healthy(tmp_path: Path, ports: tuple[int, int]) -> None:
    """All but those that a registry is needed for: its Python is that of the tests."""
    source, root = tmp_path / "source", tmp_path / "root"
    copy_context(source)
    (root / "etc").mkdir(parents=True)
    places = {
        "/opt/beseda": f"{root}/opt/beseda",
        "python -m venv": f"{sys.executable} -m venv",
        "useradd": f"useradd --prefix {root}",
        "700 /data": f"700 {root}/data",
        "DATA=/data": f"DATA={root}/data",
        "$PATH": os.environ["PATH"],
        "LISTEN=:8080": f"LISTEN=:{ports[0]} BESEDA_SERVER_OPS_LISTEN=127.0.0.1:{ports[1]}",
        "127.0.0.1:8081": f"127.0.0.1:{ports[1]}",
    }

    def moved(step: str) -> str:
        """What a step says, in this root."""
        return re.sub("|".join(map(re.escape, places)), lambda match: places[match[0]], step)

    quick = os.environ | {"PIP_NO_COMPILE": "1"}  # what it starts compiles less than all that there is
    for script in map(moved, steps("RUN")):
        ran = subprocess.run(
            ["sh", "-ec", script], cwd=source, env=quick, capture_output=True, text=True, timeout=500, check=False
        )
        assert ran.returncode == 0, ran.stderr
    assert (root / "data").stat().st_uid == 10001
    given = dict(pair.split("=", 1) for pair in shlex.split(moved(*steps("ENV"))))
    command = [*json.loads(*steps("ENTRYPOINT")), *json.loads(steps("CMD")[0])]
    health = json.loads(moved(steps("HEALTHCHECK")[0].partition("CMD ")[2]))
    settings = environment(QUICK_HASHES) | given
    with subprocess.Popen(command, env=settings, cwd=root, stderr=subprocess.PIPE) as running:
        try:
            assert wait_for(f"http://127.0.0.1:{ports[0]}/api/rooms", running).json()["status"] == 200
            subprocess.run(health, env=settings, check=True, timeout=60)
        finally:
            running.terminate()
            running.communicate(timeout=60)
    assert running.returncode == 0
