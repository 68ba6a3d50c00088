"""A port's method that an adapter forgets must refuse to be built, not return None."""

import inspect
from typing import Protocol, get_type_hints

import pytest

from tests.architecture.sources import classes

PORTS = sorted(
    (
        one
        for one in classes()
        if getattr(one, "_is_protocol", False) and one.__module__.startswith("application.")
    ),
    key=lambda one: one.__qualname__,
)


def methods_of(port: type) -> set[str]:
    return {
        word
        for word, value in vars(port).items()
        if (inspect.isfunction(value) or isinstance(value, property))
        and (not word.startswith("_") or word in {"__call__", "__aiter__"})
    }


def test_there_are_ports() -> None:
    assert len(PORTS) > 40


@pytest.mark.parametrize("port", PORTS, ids=lambda one: f"{one.__module__}.{one.__qualname__}")
def test_every_method_of_a_port_is_abstract(port: type) -> None:
    abstract: frozenset[str] = getattr(port, "__abstractmethods__", frozenset())
    assert methods_of(port), "a port promises something"
    assert methods_of(port) <= abstract, "these have a body that an adapter could forget"


@pytest.mark.parametrize("port", PORTS, ids=lambda one: f"{one.__module__}.{one.__qualname__}")
def test_every_promise_of_a_port_is_typed(port: type) -> None:
    for word in methods_of(port):
        value = vars(port)[word]
        function = value.fget if isinstance(value, property) else value
        assert "return" in get_type_hints(function), word


def test_every_adapter_of_a_port_is_whole() -> None:
    """Subclasses of a port that are still abstract: a method was forgotten or misspelt."""
    unfinished = [
        f"{one.__module__}.{one.__qualname__}"
        for one in classes()
        if not getattr(one, "_is_protocol", False)
        and Protocol in one.__mro__
        and inspect.isabstract(one)
    ]
    assert unfinished == []
