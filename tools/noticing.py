"""Whether tests notice a mutant.

A change within a function is tried in a process that has loaded all: a fork of it gives the function its other code and
runs those tests of tests/unit/domain that call it, the quickest first, until one fails. That takes a tenth of a second.
What is not noticed there, or happens when a module is loaded, is tried in a process that has loaded nothing of Beseda
yet: with the tests of its topic, then with others that need no server and name its module, then with those of its topic
on real databases and over HTTP.
"""

import ast
import functools
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import math
import os
import re
import resource
import sys
import tempfile
import time
import traceback
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

if TYPE_CHECKING:
    import pytest

    from tools.mutants import Mutant

TESTS = Path(__file__).parents[1] / "tests"
DOMAIN = str(TESTS.parent / "src/beseda/domain")
NUMBERS = TESTS / "unit/domain/test_numbers.py"
PAGES = [TESTS / "meta" / name for name in ("test_docs.py", "test_limits.py")]
CPU_S = 300
"""What takes more goes round in circles: that is noticed."""
SLOWER = 10
"""So many times as long as without the change, and a few seconds, may tests take of which it is known."""
UNTRIED = 99
"""The status of a process that failed itself, in place of a test."""
TOLD_EVERY = 100
OPTIONS = ("-x", "-q", "-s", "--assert=plain", "-p", "pytest_timeout", "-p", "no:cacheprovider", "-m", "not long")
PRELOADED = ("pytest", "httpx", "typer.testing", "asyncpg", "msgspec", "starlette", "structlog")

T = TypeVar("T")
Place = tuple[str, str, int]
"""Where code is: file, qualified name, line."""


def prepare() -> None:
    """Load what all tests need and nothing of Beseda; a failing example is enough, there need not be a small one."""
    for name in PRELOADED:
        importlib.import_module(name)
    from hypothesis import Phase, settings

    settings.register_profile("mutants", phases=(Phase.explicit, Phase.generate))
    settings.load_profile("mutants")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer than most tests
    if "beseda" in sys.modules:
        raise RuntimeError("what is loaded already would not be changed")


def unnoticed(mutants: "list[Mutant]", known: Iterable[str]) -> "Iterator[Mutant]":
    """Those that no test notices. Of what is known to be one of them only the quick tests are run."""
    left = [mutants[number] for number in _told_by_a_fork(Warm(mutants).run)]
    known = frozenset(known)
    for quick in {stages_of(mutant.module)[0] for mutant in left}:
        _fails_as_it_is(quick)  # here, so that forks know
    for number, noticed in _each_in_a_fork(left, lambda mutant: is_noticed(mutant, quickly=mutant.told in known)):
        if not noticed:
            yield left[number]


class Warm:
    """A plugin of pytest that has the collected tests tried against mutants, in place of running them."""

    def __init__(self, mutants: "list[Mutant]") -> None:
        self._mutants = mutants
        self._left: list[int] = []

    def run(self) -> list[int]:
        """The numbers of those that are not noticed."""
        import pytest

        if pytest.main([*OPTIONS, str(TESTS / "unit/domain")], plugins=[self]) != pytest.ExitCode.OK:
            raise RuntimeError("the tests could not be tried")
        return self._left

    def pytest_runtestloop(self, session: "pytest.Session") -> bool:
        gc.unfreeze()
        self._functions, self._caches = _functions(), _caches()
        gc.freeze()
        measured = _told_by_a_fork(lambda: [self._reached_by(item) for item in session.items])
        self._tests = sorted(
            (
                (took, {tuple(place) for place in places}, item)
                for (took, places), item in zip(measured, session.items, strict=True)
            ),
            key=lambda test: test[0],
        )
        for tried, (number, noticed) in enumerate(_each_in_a_fork(self._mutants, self._notices), start=1):
            if not noticed:
                self._left.append(number)
            if tried % TOLD_EVERY == 0:
                print(f"{tried} tried by the quick tests, {len(self._left)} left for others", file=sys.stderr)
        return True

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
        if report.failed:
            os._exit(1)

    def _reached_by(self, item: "pytest.Item") -> tuple[float, list[Place]]:
        """How long a test takes (s), and what of domain/ it calls."""
        places = set()

        def called(frame: FrameType, event: str, _: object) -> None:
            if event == "call" and frame.f_code.co_filename.startswith(DOMAIN):
                places.add(_place(frame.f_code))

        before = time.process_time()
        sys.setprofile(called)
        _play([item])
        sys.setprofile(None)
        return time.process_time() - before, list(places)

    def _notices(self, mutant: "Mutant") -> bool:
        """Make the change, and run the tests that call what is changed: with the first that fails the process ends."""
        changed = {place: code for place, code in _changed(mutant).items() if place in self._functions}
        called = [(took, item) for took, places, item in self._tests if not places.isdisjoint(changed)]
        for place, code in changed.items():
            for function in self._functions[place]:
                function.__code__ = code
        for each in self._caches:
            each.cache_clear()
        _limit_cpu(3 + SLOWER * sum(took for took, _ in called))
        _play([item for _, item in called])
        return False


def _play(items: "list[pytest.Item]") -> None:
    for item, following in zip(items, [*items[1:], None], strict=False):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _functions() -> dict[Place, list[FunctionType]]:
    found = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename.startswith(DOMAIN):
            found[_place(each.__code__)].append(each)
    return found


def _caches() -> list[Any]:
    wrapper = type(functools.cache(len))
    return [each for each in gc.get_objects() if isinstance(each, wrapper) and each.__module__.startswith("beseda.")]


def _changed(mutant: "Mutant") -> dict[Place, CodeType]:
    """What is other code with the change; of two in one place nothing can be said."""
    was, now = _codes(ast.parse(mutant.path.read_bytes()), mutant.path), _codes(mutant.tree(), mutant.path)
    return {
        place: now[place][0] for place in was if len(was[place]) == len(now[place]) == 1 and was[place] != now[place]
    }


def _codes(tree: ast.Module, path: Path) -> dict[Place, list[CodeType]]:
    found, left = defaultdict(list), [compile(tree, str(path), "exec", dont_inherit=True)]
    while left:
        code = left.pop()
        found[_place(code)].append(code)
        left += (each for each in code.co_consts if isinstance(each, CodeType))
    return found


def _place(code: CodeType) -> Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def is_noticed(mutant: "Mutant", *, quickly: bool = False) -> bool:
    """Whether tests notice that know nothing of Beseda before: the first of its topic, or all that may."""
    stages = stages_of(mutant.module)
    return any(_fails(tests, mutant) and not _fails_as_it_is(tests) for tests in (stages[:1] if quickly else stages))


@functools.cache
def stages_of(module: str) -> list[tuple[str, ...]]:
    """Those of its topic; others that name it, and of the pages that follow from the code; those that need a server."""
    stem = module.rpartition(".")[2]
    topics = [TESTS / "unit" / layer / f"test_{stem}.py" for layer in ("domain", "core")]
    quick = [topics[0], NUMBERS]
    named = re.compile(rf"\bbeseda\.domain(\.\w+)*\.{stem}\b")
    others = [path for path in sorted(TESTS.glob("unit/**/test_*.py")) if named.search(path.read_text("utf-8"))]
    servers = [TESTS / layer / f"test_{stem}.py" for layer in ("contract", "api")]
    named_more = [*(path for path in others if path not in topics), *PAGES]
    stages = [quick, topics[1:], named_more, servers]
    return [tuple(str(path) for path in stage if path.exists()) for stage in stages if any(map(Path.exists, stage))]


class _Mutated(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Gives one module other code."""

    def __init__(self, mutant: "Mutant") -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != self._mutant.module:
            return None
        return importlib.util.spec_from_loader(name, self, origin=str(self._mutant.path))

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._mutant.tree(), str(self._mutant.path), "exec", dont_inherit=True), module.__dict__)


def _fails(tests: tuple[str, ...], mutant: "Mutant | None" = None) -> bool:
    """Whether one of these tests does, in a process of its own, which knows nothing of Beseda yet."""
    [(_, failed)] = _each_in_a_fork([mutant], lambda mutant: _run(tests, mutant))
    return failed


@functools.cache
def _fails_as_it_is(tests: tuple[str, ...]) -> bool:
    """What fails without a change notices none."""
    return _fails(tests)


def _run(tests: tuple[str, ...], mutant: "Mutant | None") -> bool:
    import pytest

    _limit_cpu(CPU_S)
    if mutant is not None:
        sys.meta_path.insert(0, _Mutated(mutant))
    return pytest.main([*OPTIONS, *tests]) not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


def _limit_cpu(seconds: float) -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))


def _each_in_a_fork(given: Iterable[T], noticed: Callable[[T], bool]) -> Iterator[tuple[int, bool]]:
    """By their numbers, as they are done; as many at a time as there are cores. Who is killed, too, has noticed."""
    waiting, running = deque(enumerate(given)), dict[int, int]()
    while waiting or running:
        while waiting and len(running) < (os.cpu_count() or 1):
            number, each = waiting.popleft()
            child = os.fork()
            if child == 0:
                _quietly(functools.partial(noticed, each))
            running[child] = number
        child, status = os.wait()
        if os.waitstatus_to_exitcode(status) == UNTRIED:
            raise RuntimeError("what should have run tests failed itself")
        yield running.pop(child), status != 0


def _quietly(noticed: Callable[[], bool]) -> NoReturn:
    """The rest of a process's life, which says by its status what came of it."""
    quiet, loud = os.open(os.devnull, os.O_RDWR), os.dup(2)
    for descriptor in (0, 1, 2):
        os.dup2(quiet, descriptor)
    try:
        os._exit(int(noticed()))
    finally:
        os.write(loud, traceback.format_exc().encode())
        os._exit(UNTRIED)


def _told_by_a_fork(result: Callable[[], Any]) -> Any:
    """What comes of it elsewhere, as far as JSON can tell it; what it loads or leaves behind is gone."""
    with tempfile.TemporaryFile() as told:
        child = os.fork()
        if child == 0:
            try:
                told.write(json.dumps(result()).encode())
                told.flush()
                os._exit(0)
            finally:
                os._exit(UNTRIED)
        if os.waitpid(child, 0)[1]:
            raise RuntimeError("a test fails as it is, or what should have run it")
        told.seek(0)
        return json.load(told)
