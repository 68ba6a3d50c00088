"""Read a statement file into updates of its accounts' feeds."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from application.ledger.imports import (
    BeginImportsTx,
    HomeCurrency,
    ImportedFeed,
    ImportId,
    ImportOptions,
    ImportReport,
    ImportState,
    ImportsTx,
    Refusal,
    StatementImport,
    StatementReport,
)
from application.ledger.jobs import ImportStatementJob
from application.ledger.ports import LedgerTx
from application.ledger.statements import (
    ReadOptions,
    StatementPart,
    StatementReader,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import FeedKind, FeedPage, UpdateId
from application.shared.jobs import Lease
from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.category_words import category_of_word
from domain.ledger.statement import StatementSummary, gaps_between
from domain.shared.errors import DalerError, RuleError
from domain.shared.events import FeedReceived
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId
from domain.shared.observations import AccountSeen, Observations

_NAMELESS: Final = "Imported account"


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
        except RuleError as error:
            return await self._refuse(job, lease, error)

    async def _read(
        self, job: ImportStatementJob, lease: Lease, currency: str
    ) -> ImportReport | Refusal:
        async with self.begin(job.user_id) as tx:
            await tx.ledger.jobs.hold(lease)
            await tx.imports.take_turns()
            one = await tx.imports.get(ImportId(job.import_id))
            file = await tx.imports.file(one.id)
            if one.state is not ImportState.WAITING or file is None:
                return await _nothing_left(tx, lease, one)
            work = _Reading(tx.ledger, job.user_id, one.options, self.clock, self.ids)
            options = await work.read_options(currency)
            async for part in _in_thread(self.reader.read(file, options)):
                await work.part(part)
            report = await work.end()
            now = self.clock.now()
            dry = one.options.dry_run
            await tx.imports.save(one.checked(report, now) if dry else one.received(report, now))
            await tx.ledger.audit.record(
                job.user_id,
                "ledger.statement_checked" if dry else "ledger.statement_imported",
                {"import_id": str(one.id), "format": report.format, "entries": report.entries},
            )
            await tx.ledger.jobs.finish(lease)
            await tx.ledger.commit()
        return report

    async def _refuse(self, job: ImportStatementJob, lease: Lease, error: DalerError) -> Refusal:
        refusal = Refusal(error.code, str(error), tuple(error.details))
        async with self.begin(job.user_id) as tx:
            await tx.ledger.jobs.hold(lease)
            one = await tx.imports.get(ImportId(job.import_id))
            await tx.imports.save(one.refused(refusal, self.clock.now()))
            await tx.ledger.audit.record(
                job.user_id,
                "ledger.statement_refused",
                {"import_id": str(one.id), "code": refusal.code},
            )
            await tx.ledger.jobs.finish(lease)
            await tx.ledger.commit()
        return refusal


async def _nothing_left(
    tx: ImportsTx, lease: Lease, one: StatementImport
) -> ImportReport | Refusal:
    """The import has its outcome already; only the job is still there."""
    await tx.ledger.jobs.finish(lease)
    await tx.ledger.commit()
    return one.report or one.refusal or Refusal("file_gone", "the file is not kept any more")


@dataclass(slots=True)
class _Target:
    """Where the entries of one account of the file go."""

    seen_as: ExternalId
    account: Account | None
    """None in a dry run that would make it."""
    feed_id: FeedId | None
    update_id: UpdateId | None = None


@dataclass(slots=True)
class _Reading:
    """One file being read, inside its transaction."""

    tx: LedgerTx
    owner: UserId
    options: ImportOptions
    clock: Clock
    ids: NewIds
    given: Account | None = None
    targets: dict[ExternalId, _Target] = field(default_factory=dict)
    summaries: list[tuple[StatementSummary, AccountId | None, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    format: str = ""
    entries: int = 0
    known: int = 0

    async def read_options(self, home_currency: str) -> ReadOptions:
        """A given account lends its currency, and the name its earlier files went by."""
        name, currency = self.options.account_name, self.options.currency
        if self.options.account_id is not None:
            self.given = await self.tx.accounts.get(self.options.account_id)
            self.given.ensure_takes_statements()
            source = await self.tx.accounts.feed_of(self.given.id)
            name = source.external_id if source is not None else str(self.given.id)
            currency = self.given.currency
        return ReadOptions(
            account=name or _NAMELESS,
            currency=currency or home_currency,
            csv=self.options.csv,
            categorise=category_of_word,
        )

    async def part(self, part: StatementPart) -> None:
        self.format = part.format.value
        target = self.targets.get(part.account.id)
        if target is None:
            target = self.targets[part.account.id] = await self._target(part.account)
        self.entries += len(part.transactions)
        if target.feed_id is not None and part.transactions:
            names = {seen.id for seen in part.transactions}
            self.known += len(await self.tx.entries.sources(target.feed_id, names))
        if target.update_id is not None:
            page = FeedPage(b"", _renamed(part.observations, self.given))
            await self.tx.updates.keep(target.update_id, [page], None)
        if part.summary is not None:
            account_id = None if target.account is None else target.account.id
            self.summaries.append((part.summary, account_id, part.account.name))
        self.notes.extend(part.notes)

    async def end(self) -> ImportReport:
        feeds = []
        for target in self.targets.values():
            if target.update_id is not None and target.feed_id is not None:
                number = await self.tx.updates.complete(target.update_id)
                feeds.append(ImportedFeed(target.feed_id, number))
                await self.tx.outbox.append(FeedReceived(self.owner, target.feed_id, number))
        gaps = gaps_between(summary for summary, _, _ in self.summaries)
        return ImportReport(
            format=self.format,
            entries=self.entries,
            new=self.entries - self.known,
            known=self.known,
            statements=tuple(_in_figures(*one) for one in self.summaries),
            notes=(*dict.fromkeys(self.notes), *map(str, gaps)),
            feeds=tuple(feeds),
        )

    async def _target(self, seen: AccountSeen) -> _Target:
        account = self.given or await self._known(seen)
        source = None if account is None else await self.tx.accounts.feed_of(account.id)
        if self.options.dry_run:
            return _Target(seen.id, account, None if source is None else source.feed_id)
        if account is None:
            account = await self._new_account(seen)
        feed_id = FeedId(self.ids.one()) if source is None else source.feed_id
        if source is None:
            await self.tx.updates.create(feed_id, FeedKind.STATEMENT)
        if seen.id not in await self.tx.accounts.of_feed(feed_id):
            await self.tx.accounts.link(AccountSource(feed_id, seen.id, account.id))
        update = await self.tx.updates.open(feed_id)
        return _Target(seen.id, account, feed_id, update.id)

    async def _known(self, seen: AccountSeen) -> Account | None:
        """The account the file speaks of: by its number, else by its name."""
        if seen.number is not None:
            found = await self.tx.accounts.with_number(seen.number, seen.currency)
        else:
            named = await self.tx.accounts.named(seen.name, seen.currency)
            found = [one for one in named if one.origin is AccountOrigin.STATEMENT]
        if not found:
            return None
        found[0].ensure_takes_statements()
        return found[0]

    async def _new_account(self, seen: AccountSeen) -> Account:
        account = Account(
            id=AccountId(self.ids.one()),
            owner=self.owner,
            name=seen.name,
            kind=seen.kind,
            currency=seen.currency,
            origin=AccountOrigin.STATEMENT,
            number=seen.number,
            institution=seen.institution,
            created_at=self.clock.now(),
        )
        await self.tx.accounts.add(account)
        return account


def _renamed(page: Observations, given: Account | None) -> Observations:
    """A file imported into an account of the person's choice does not rename that account."""
    if given is None:
        return page
    return replace(
        page,
        accounts=tuple(replace(seen, name=given.name, kind=given.kind) for seen in page.accounts),
    )


def _in_figures(
    summary: StatementSummary, account_id: AccountId | None, name: str
) -> StatementReport:
    opening, closing = summary.opening, summary.closing
    return StatementReport(
        account=name,
        account_id=account_id,
        currency=summary.total.currency,
        reference=summary.reference,
        entries=summary.booked,
        total=summary.total,
        opening=None if opening is None else opening.amount,
        closing=None if closing is None else closing.amount,
        closing_on=None if closing is None else closing.on,
        pending=summary.pending,
        skipped=summary.skipped,
    )


async def _in_thread(parts: Iterator[StatementPart]) -> AsyncIterator[StatementPart]:
    """Reading is busy work: each part is made beside the event loop, one at a time."""
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part
