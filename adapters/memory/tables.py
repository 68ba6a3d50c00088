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
    beneath: "MemoryTables | None" = None
    """What this is a draft of: a table is copied from there when it is first asked for."""

    def of(self, table: Table[K, V]) -> dict[K, V]:
        rows = self.rows.get(table.name)
        if rows is None:
            rows = self.rows[table.name] = self._beneath(table.name)
        return cast("dict[K, V]", rows)

    def _beneath(self, name: str) -> dict[Any, Any]:
        below = self.beneath
        return {} if below is None else copy(below.rows.get(name, {}))

    def draft(self) -> "MemoryTables":
        """A transaction's view. What is beneath must stay as it is until the draft is over."""
        return MemoryTables(beneath=self)

    def snapshot(self) -> "MemoryTables":
        """As it is now, whatever comes."""
        return MemoryTables({name: copy(table) for name, table in self.rows.items()}, self.beneath)

    def go_back_to(self, before: "MemoryTables") -> None:
        """To a snapshot of this; whoever holds a table sees what was there then."""
        for name, rows in self.rows.items():
            was = before.rows.get(name)
            rows_then = self._beneath(name) if was is None else was
            rows.clear()
            rows.update(rows_then)

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
