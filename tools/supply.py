"""What Beseda is delivered with: `licences` prints a list, `sbom` a CycloneDX 1.6 document, of requirements/run.txt.

.venv/bin/python tools/supply.py licences
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

from packaging.requirements import Requirement

from beseda import __version__

RUN = Path(__file__).parents[1] / "requirements/run.txt"
LINE = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<rest>.*(?:\n[ \t].*)*)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
CLASSIFIER = re.compile(r"License :: OSI Approved :: (.+)")


def requirements() -> list[tuple[str, str, list[str]]]:
    """Name, version, hashes of the files that may be installed."""
    text = RUN.read_text("utf-8")
    return [(m["name"], m["version"], HASH.findall(m["rest"])) for m in LINE.finditer(text)]


def installed() -> list[str]:
    """The names of those that this platform installs."""
    lines = (m[0].partition("\\")[0] for m in LINE.finditer(RUN.read_text("utf-8")))
    return [it.name for it in map(Requirement, lines) if it.marker is None or it.marker.evaluate()]


def licence(name: str) -> str:
    """As the package says it; "" for one that this platform does not install."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return ""
    if expressions := told.get_all("License-Expression"):
        return str(expressions[0])
    named = [m[1] for each in told.get_all("Classifier") or [] if (m := CLASSIFIER.fullmatch(each))]
    return ", ".join(named) or "".join(told.get_all("License") or []).partition("\n")[0][:80]


def licences() -> str:
    rows = [f"{name:<28} {version:<12} {licence(name) or '-'}" for name, version, _ in requirements()]
    return "\n".join(rows)


def sbom() -> str:
    components = [
        {
            "type": "library",
            "name": name,
            "version": version,
            "purl": f"pkg:pypi/{name.lower().replace('_', '-')}@{version}",
            **({"licenses": [{"license": {"name": licence(name)}}]} if licence(name) else {}),
            "properties": [{"name": "sha256 of a file on PyPI", "value": each} for each in hashes],
        }
        for name, version, hashes in requirements()
    ]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "beseda", "version": __version__}},
        "components": components,
    }
    return json.dumps(document, indent=1)


if __name__ == "__main__":
    print({"licences": licences, "sbom": sbom}[sys.argv[1]]())
