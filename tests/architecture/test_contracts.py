"""`lint-imports` holds the layers, if it is run, and if its contracts know every context."""

import tomllib
from typing import Any, Final

import pytest

from tests.architecture.sources import ROOT

SHARED: Final = {"shared", "jobs"}
"""What every context may use."""
CORE: Final = ("domain", "application")
CONFIG: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
CONTRACTS: Final = {one["name"]: one for one in CONFIG["importlinter"]["contracts"]}


def contexts(layer: str) -> set[str]:
    folders = {path.name for path in (ROOT / layer).iterdir() if (path / "__init__.py").exists()}
    return {f"{layer}.{one}" for one in folders - SHARED}


@pytest.mark.parametrize("layer", CORE)
def test_every_context_is_kept_from_reaching_into_another(layer: str) -> None:
    [independent] = [
        one["modules"]
        for one in CONTRACTS.values()
        if one["type"] == "independence" and one["modules"][0].startswith(layer)
    ]
    assert set(independent) == contexts(layer)


def test_the_layers_point_inwards() -> None:
    assert CONTRACTS["arrows point inwards"]["layers"] == [
        "entrypoints",
        "adapters",
        "application",
        "domain",
    ]


def test_make_check_runs_every_check() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for step in ("check: lint types arch", "ruff check", "ruff format --check", "mypy", "lint-imp"):
        assert step in makefile, step
    ci = (ROOT / ".ci" / "run").read_text()
    assert ci.index("make check") < ci.index("make test")


def test_warnings_are_errors_and_types_are_strict() -> None:
    assert CONFIG["pytest"]["ini_options"]["filterwarnings"][0] == "error"
    assert CONFIG["mypy"]["strict"] is True
    assert CONFIG["ruff"]["lint"]["select"] == ["ALL"]
    assert {"tests", "features", *CORE} <= set(CONFIG["mypy"]["packages"])
