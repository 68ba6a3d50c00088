from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from application.ledger.import_target import ensure_takes_statements
from application.ledger.imports import (
    BeginImportsTx,
    ImportId,
    ImportOptions,
    ImportState,
    StatementImport,
)
from application.ledger.jobs import ImportStatementJob
from application.ledger.statements import StatementReader
from application.ledger.whereabouts import account_of
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.idempotency import IdempotencyKey
from domain.shared.ids import JobId, UserId

FILE_KEPT: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class RequestImportCommand:
    owner: UserId
    file: bytes
    options: ImportOptions
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class ImportTicket:
    import_id: ImportId
    job_id: JobId
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class RequestImport:
    """Keep a statement file and have it read in the background.

    Raises:
        StatementRefusedError: the content is of no kind that can be read at all.
        AccountNotFoundError: the account to import into is not the person's.
        AccountJoinedError: it is part of another one by now.
    """

    begin: BeginImportsTx
    reader: StatementReader
    clock: Clock
    ids: NewIds

    async def __call__(self, command: RequestImportCommand) -> ImportTicket:
        self.reader.detect(command.file)
        now = self.clock.now()
        async with self.begin(command.owner) as tx:
            ledger = tx.ledger
            if command.key is not None:
                earlier = await ledger.idempotency.earlier_result(command.key)
                if earlier is not None:
                    return _ticket_from(earlier)
            if command.options.account_id is not None:
                account = await account_of(ledger, command.options.account_id)
                await ensure_takes_statements(ledger, account)
            one = StatementImport(
                id=ImportId(self.ids.one()),
                owner=command.owner,
                state=ImportState.WAITING,
                options=command.options,
                created_at=now,
            )
            await tx.imports.drop_files_before(now - FILE_KEPT)
            await tx.imports.add(one, command.file)
            job_id = await ledger.jobs.enqueue(
                ImportStatementJob(user_id=command.owner, import_id=one.id)
            )
            if command.key is not None:
                await ledger.idempotency.keep(command.key, one.id.bytes + job_id.bytes)
            await ledger.commit()
        return ImportTicket(one.id, job_id)


def _ticket_from(kept: bytes) -> ImportTicket:
    return ImportTicket(
        ImportId(UUID(bytes=kept[:16])), JobId(UUID(bytes=kept[16:])), replayed=True
    )
