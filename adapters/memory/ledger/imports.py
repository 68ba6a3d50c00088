from dataclasses import dataclass, replace
from datetime import datetime

from typing_extensions import override

from adapters.memory.ledger.rows import IMPORTS, ImportRow
from adapters.memory.tables import MemoryTables
from application.ledger.imports import ImportId, Imports, ImportState, StatementImport
from domain.ledger.errors import ImportNotFoundError
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryImports(Imports):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def take_turns(self) -> None:
        """Here, transactions take turns anyway."""

    @override
    async def add(self, one: StatementImport, file: bytes) -> None:
        self._rows[self.acting_for, one.id] = ImportRow(one, file)

    @override
    async def get(self, import_id: ImportId) -> StatementImport:
        return self._row(import_id).one

    @override
    async def file(self, import_id: ImportId) -> bytes | None:
        return self._row(import_id).file

    @override
    async def save(self, one: StatementImport) -> None:
        dropped = one.state in (ImportState.REFUSED, ImportState.CHECKED)
        file = None if dropped else self._row(one.id).file
        self._rows[self.acting_for, one.id] = ImportRow(one, file)

    @override
    async def drop_files_before(self, when: datetime) -> None:
        for key, row in list(self._rows.items()):
            if key[0] == self.acting_for and row.one.created_at < when:
                self._rows[key] = replace(row, file=None)

    def _row(self, import_id: ImportId) -> ImportRow:
        row = self._rows.get((self.acting_for, import_id))
        if row is None:
            raise ImportNotFoundError(import_id)
        return row

    @property
    def _rows(self) -> dict[tuple[UserId, ImportId], ImportRow]:
        return self.tables.of(IMPORTS)
