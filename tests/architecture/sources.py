"""The project's own files, read as text and as classes."""

import ast
import gc
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import ModuleType
from typing import Final, TypeVar

ROOT: Final = Path(__file__).parents[2]
PRODUCT: Final = ("domain", "application", "adapters", "entrypoints")
TOLD: Final = ("tests", "features")
THIS_FOLDER: Final = Path(__file__).parent
_RUN_WHEN_IMPORTED: Final = ("adapters.postgres.migrations", "__main__")
"""Alembic runs its files; a `__main__` is there to be run."""

C = TypeVar("C")


def sources(*folders: str) -> Sequence[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    found = ast.parse(path.read_text(encoding="utf-8"))
    gc.freeze()  # kept to the end, and of too many parts to be walked through again and again
    return found


@cache
def modules() -> Sequence[ModuleType]:
    """Every module of the product, imported: which also proves that each can be."""
    found = []
    for top in PRODUCT:
        package = import_module(top)
        found.append(package)
        found += [
            import_module(one.name)
            for one in walk_packages(package.__path__, f"{top}.")
            if not any(word in one.name for word in _RUN_WHEN_IMPORTED)
        ]
    return found


def classes() -> Iterator[type]:
    """Every class of the product, once, where it is defined."""
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type) and value.__module__ == module.__name__:
                yield value


def below(base: type[C]) -> Sequence[type[C]]:
    """Every class of the product that is a `base`, `base` aside."""
    return sorted(
        {one for one in classes() if issubclass(one, base) and one is not base},
        key=lambda one: f"{one.__module__}.{one.__qualname__}",
    )
