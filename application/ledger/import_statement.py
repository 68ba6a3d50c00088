"""Read a statement file into updates of its accounts' feeds."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from application.ledger.import_reading import Reading
from application.ledger.imports import (
    BeginImportsTx,
    HomeCurrency,
    ImportId,
    ImportReport,
    ImportState,
    ImportsTx,
    Refusal,
    StatementImport,
)
from application.ledger.jobs import ImportStatementJob
from application.ledger.statements import StatementPart, StatementReader
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.jobs import Lease
from domain.ledger.errors import AccountNotFoundError, ImportFileGoneError
from domain.shared.errors import DalerError, MalformedError, RuleError

_AUDITED_AS: Final = {
    ImportState.RECEIVED: "ledger.statement_imported",
    ImportState.CHECKED: "ledger.statement_checked",
    ImportState.REFUSED: "ledger.statement_refused",
}


@dataclass(frozen=True, slots=True)
class ImportStatement:
    """Read the file of an import once, in one transaction: all of it is kept, or nothing.

    A damaged file leaves only its refusal behind. The entries reach the ledger like a bank's:
    as an update of a feed, so the same file again changes nothing. Safe to run twice.
    """

    begin: BeginImportsTx
    reader: StatementReader
    home_currency: HomeCurrency
    clock: Clock
    ids: NewIds

    async def __call__(self, job: ImportStatementJob, lease: Lease) -> ImportReport | Refusal:
        currency = await self.home_currency.of(job.user_id)
        try:
            return await self._read(job, lease, currency)
        except (RuleError, MalformedError, AccountNotFoundError) as error:
            # Nothing that another try could change: it is the file, or where it was to go.
            return await self._refuse(job, lease, error)

    async def _read(
        self, job: ImportStatementJob, lease: Lease, currency: str
    ) -> ImportReport | Refusal:
        async with self.begin(job.user_id) as tx:
            await tx.ledger.jobs.hold(lease)
            await tx.imports.take_turns()
            one = await tx.imports.get(ImportId(job.import_id))
            if one.state is not ImportState.WAITING:
                return await _finish(tx, lease, one)
            file = await tx.imports.file(one.id)
            if file is None:
                raise ImportFileGoneError(one.id)
            work = Reading(
                tx.ledger, job.user_id, one.options, currency, self.clock, self.ids, one.id
            )
            options = await work.read_options()
            async with aclosing(_in_thread(self.reader.read(file, options))) as parts:
                async for part in parts:
                    await work.part(part)
            one = self._outcome(one, await work.end())
            await self._record(tx, one)
            return await _finish(tx, lease, one)

    async def _refuse(
        self, job: ImportStatementJob, lease: Lease, error: DalerError
    ) -> ImportReport | Refusal:
        refusal = Refusal(error.code, str(error), tuple(error.details))
        async with self.begin(job.user_id) as tx:
            await tx.ledger.jobs.hold(lease)
            one = await tx.imports.get(ImportId(job.import_id))
            if one.state is ImportState.WAITING:
                one = one.refused(refusal, self.clock.now())
                await self._record(tx, one)
            return await _finish(tx, lease, one)

    def _outcome(self, one: StatementImport, report: ImportReport) -> StatementImport:
        now = self.clock.now()
        return one.checked(report, now) if one.options.dry_run else one.received(report, now)

    async def _record(self, tx: ImportsTx, one: StatementImport) -> None:
        await tx.imports.save(one)
        facts: dict[str, str | int | bool | None] = {"import_id": str(one.id)}
        if one.report is not None:
            facts |= {"format": one.report.format, "entries": one.report.entries}
        if one.refusal is not None:
            facts["code"] = one.refusal.code
        await tx.ledger.audit.record(one.owner, _AUDITED_AS[one.state], facts)


async def _finish(tx: ImportsTx, lease: Lease, one: StatementImport) -> ImportReport | Refusal:
    """The import has its outcome; the job ends with it."""
    await tx.ledger.jobs.finish(lease)
    await tx.ledger.commit()
    outcome = one.report or one.refusal
    if outcome is None:
        raise AssertionError(f"import {one.id} has neither report nor refusal")
    return outcome


async def _in_thread(parts: Iterator[StatementPart]) -> AsyncGenerator[StatementPart, None]:
    """Reading is busy work: each part is made beside the event loop, one at a time."""
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part
