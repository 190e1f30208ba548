"""What Beseda is delivered with is known, has a licence, and is what was tested."""

import json
import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from meta.empty import closure
from meta.sources import ROOT
from tools import supply

PROJECT = ROOT.parents[1]
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


def pinned(name: str) -> dict[str, str]:
    return dict(PINNED.findall((PROJECT / "requirements" / name).read_text("utf-8")))


def test_what_is_served_is_what_is_tested() -> None:
    assert pinned("run.txt").items() <= pinned("dev.txt").items()


def test_serving_needs_nothing_that_only_tests_need() -> None:
    """Nothing is pinned that the package does not ask for, by itself or by what it asks for."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = (*project["dependencies"], *project["optional-dependencies"]["server"])
    needed = closure(map(Requirement, asked))
    here = {canonicalize_name(name) for name in supply.installed()}
    assert here <= needed
    assert here.isdisjoint({"pytest", "hypothesis", "mypy", "ruff", "playwright", "mkdocs", "hatchling"})


def test_every_file_has_a_hash() -> None:
    for name in ("run.txt", "dev.txt", "publish.txt"):
        text = (PROJECT / "requirements" / name).read_text("utf-8")
        entries = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
        assert len(entries) >= len(pinned(name))
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_licence_is_known_and_one_that_may_be_passed_on() -> None:
    told = {name: supply.licence(name) for name in supply.installed()}
    assert [name for name, licence in told.items() if not licence] == []
    bound = [name for name, licence in told.items() if re.search(r"(?<!L)GPL", licence) and " OR " not in licence]
    assert bound == []


def test_the_bill_of_materials_names_them_all() -> None:
    bill = json.loads(supply.sbom())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {part["name"]: part["version"] for part in bill["components"]}
    assert named == pinned("run.txt")
    assert all(part["purl"].startswith("pkg:pypi/") and part["properties"] for part in bill["components"])
