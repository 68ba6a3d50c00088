"""Habits that a reader's eye forgets, so a test keeps them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.sources import PRODUCT, ROOT, THIS_FOLDER, TOLD, name, sources, tree

BANNED_IN_CORE: Final = frozenset(
    (
        *("now", "today", "utcnow", "time", "time_ns", "monotonic", "monotonic_ns"),
        *("perf_counter", "perf_counter_ns", "gmtime", "localtime", "sleep"),
        *("uuid1", "uuid4", "uuid6", "uuid7", "urandom", "getrandbits", "random", "randint"),
        *("randrange", "choice", "choices", "shuffle", "sample", "uniform", "SystemRandom"),
        *("token_bytes", "token_hex", "token_urlsafe", "randbelow"),
        *("getenv", "open", "print", "input", "system", "exec", "eval"),
    )
)
BANNED_IMPORTS_IN_CORE: Final = frozenset(
    ("random", "secrets", "time", "os", "socket", "asyncio", "threading", "subprocess", "logging")
)
MOCKS: Final = re.compile(r"\b(?:MagicMock|AsyncMock|Mock|patch|PropertyMock|create_autospec)\b")
COMMANDS: Final = "entrypoints/cli/app.py"
"""Lists the groups of the command line's own commands, which is all that it does."""
FOREIGN_MOCKS: Final = re.compile(r"unittest\.mock|\bpytest_mock\b|\bmocker\b")


def called(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=attribute):
            return attribute
        case ast.Name(id=identifier):
            return identifier
        case _:
            return ""


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call))


@pytest.mark.parametrize("path", sources("domain"), ids=name)
def test_the_domain_never_asks_the_time_or_rolls_dice(path: Path) -> None:
    for call in calls(path):
        assert called(call) not in BANNED_IN_CORE, f"line {call.lineno}: {called(call)}()"
    for module in imported(path):
        assert module.partition(".")[0] not in BANNED_IMPORTS_IN_CORE, module


def test_use_cases_take_time_and_chance_from_their_ports() -> None:
    """`self.clock.now()` asks a port; `datetime.now()` would ask the machine."""
    machines = {"datetime", "date", "time", "uuid", "random", "secrets", "os"}
    asking = []
    for path in sources("application"):
        for module in imported(path):
            assert module not in {"random", "secrets", "time", "os", "uuid.uuid4"}, name(path)
        for call in calls(path):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if called(call) in BANNED_IN_CORE and isinstance(owner, ast.Name):
                asking += [f"{name(path)}:{call.lineno}"] * (owner.id in machines)
    assert asking == []


def test_packages_hold_nothing_but_modules() -> None:
    full = [
        name(p) for p in sources(*PRODUCT, *TOLD) if p.name == "__init__.py" and p.stat().st_size
    ]
    assert full == []


def test_every_folder_with_code_is_a_package() -> None:
    folders = {path.parent for path in sources(*PRODUCT, *TOLD)}
    assert [
        name(folder) for folder in sorted(folders) if not (folder / "__init__.py").exists()
    ] == []


def test_no_import_hides_from_the_running_program() -> None:
    hiding = [
        name(path)
        for path in sources(*PRODUCT, *TOLD)
        if path.parent != THIS_FOLDER and "TYPE_CHECKING" in path.read_text(encoding="utf-8")
    ]
    assert hiding == []


def test_imports_are_absolute() -> None:
    relative = [
        f"{name(path)}:{node.lineno}"
        for path in sources(*PRODUCT, *TOLD)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_tests_use_fakes_not_mocks() -> None:
    mocking = []
    for path in sources(*TOLD):
        if path.parent == THIS_FOLDER:
            continue
        text = path.read_text(encoding="utf-8")
        names = {n.id for n in ast.walk(tree(path)) if isinstance(n, ast.Name)}
        if FOREIGN_MOCKS.search(text) or any(MOCKS.fullmatch(one) for one in names):
            mocking.append(name(path))
    assert mocking == []


def test_tests_replace_nothing_behind_anybodys_back() -> None:
    """Environment and working folder belong to the process; code is given its parts openly."""
    allowed = {"setenv", "delenv", "chdir", "syspath_prepend"}
    replacing = [
        f"{name(path)}:{call.lineno}"
        for path in sources(*TOLD)
        for call in calls(path)
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "monkeypatch"
        and call.func.attr not in allowed
    ]
    assert replacing == []


def test_no_step_of_a_feature_is_a_coroutine_function() -> None:
    """pytest-bdd never awaits one, and the scenario would pass without having happened."""
    words = {"given", "when", "then", "step"}
    never_awaited = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in sources(*TOLD)
        if "pytest_bdd" in imported(path)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.AsyncFunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and called(mark) in words
    ]
    assert never_awaited == []


def test_every_feature_is_run() -> None:
    """A file of scenarios that no `scenarios(...)` names is never told."""
    named = {
        str(argument.value)
        for path in sources("features")
        for call in calls(path)
        if called(call) == "scenarios"
        for argument in call.args
        if isinstance(argument, ast.Constant)
    }
    written = {path.name for path in (ROOT / "features").rglob("*.feature")}
    assert written
    assert written == {Path(one).name for one in named}


@pytest.mark.parametrize("path", sources(*PRODUCT), ids=name)
def test_nothing_runs_at_import(path: Path) -> None:
    """Definitions and constants; what is built when a process starts is built in a function."""
    if path.name == "__main__.py" or "migrations" in path.parts or name(path) == COMMANDS:
        return
    for node in tree(path).body:
        told = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert not isinstance(node, ast.Expr) or told, f"line {node.lineno} does something"
        assert not isinstance(node, ast.For | ast.While | ast.With | ast.Try), f"line {node.lineno}"
