from dataclasses import dataclass
from typing import Final

from adapters.memory.tables import Table
from application.ledger.imports import ImportId, StatementImport
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ImportRow:
    one: StatementImport
    file: bytes | None


IMPORTS: Final = Table[tuple[UserId, ImportId], ImportRow]("imports")
