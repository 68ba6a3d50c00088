"""Rows in memory, with real rollback."""

from copy import copy
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from typing_extensions import override

K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True)
class Table(Generic[K, V]):
    """The name and the types of one table: `SESSIONS = Table[SessionKey, Session]("sessions")`."""

    name: str


@dataclass(slots=True)
class MemoryTables:
    """Every table of the in-memory world. Rows are frozen, so a shallow copy is a snapshot."""

    rows: dict[str, dict[Any, Any]] = field(default_factory=dict)

    def of(self, table: Table[K, V]) -> dict[K, V]:
        return cast("dict[K, V]", self.rows.setdefault(table.name, {}))

    def draft(self) -> "MemoryTables":
        return MemoryTables({name: copy(table) for name, table in self.rows.items()})

    def become(self, draft: "MemoryTables") -> None:
        # In place: whoever holds a table sees what was committed.
        for name, table in draft.rows.items():
            mine = self.rows.setdefault(name, {})
            mine.clear()
            mine.update(table)

    @override
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, MemoryTables):
            return NotImplemented
        mine = {name: table for name, table in self.rows.items() if table}
        return mine == {name: table for name, table in other.rows.items() if table}

    __hash__ = None  # type: ignore[assignment] # two states may be equal now and differ later
