from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

from typing_extensions import override

from adapters.memory.alive import ensure_alive
from adapters.memory.database import MemoryDatabase
from adapters.memory.ledger.begin import ledger_in
from adapters.memory.ledger.one_account import MERGED
from adapters.memory.ledger.rates import MemoryKeptRates
from adapters.memory.ledger.rows import (
    ACCOUNTS,
    ENTRIES,
    LEDGER_CHANGES,
    SUGGESTIONS,
    EntryRow,
)
from adapters.memory.tables import MemoryTables, Table
from application.ledger.suggestions import SuggestionState
from application.ledger.transfers import (
    BeginTransfersTx,
    SideView,
    TransferListing,
    Transfers,
    TransfersReader,
    TransfersTx,
)
from application.shared.caller import Claims
from domain.ledger.account import Account
from domain.ledger.entry import Entry, Removed
from domain.ledger.errors_transfers import TransferNotFoundError
from domain.ledger.transfers import Pair, Transfer, TransferState
from domain.shared.ids import EntryId, TransferId, UserId

TRANSFERS: Final = Table[tuple[UserId, TransferId], Transfer]("transfers")


@dataclass(frozen=True, slots=True)
class MemoryTransfers(Transfers):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def accounts(self) -> Sequence[Account]:
        rows = sorted(self.tables.of(ACCOUNTS).items())
        return [row.account for (owner, _), row in rows if owner == self.acting_for]

    @override
    async def possible(self) -> bool:
        return len(await self.accounts()) > 1 or any(True for _ in self._mine())

    @override
    async def touched(self, from_revision: int, to_revision: int) -> Sequence[date]:
        mine = {row.entry.id: row for row in self._rows()}
        range_ = range(from_revision + 1, to_revision + 1)
        changed = [row.entry for row in mine.values() if row.revision in range_]
        others = {one.transfer.other for one in changed if one.transfer} & mine.keys()
        days = {one.booked_on for one in changed}
        days |= {mine[one].entry.booked_on for one in others}
        if await self.erased(from_revision, to_revision):
            days |= {
                row.entry.booked_on
                for row in mine.values()
                if row.entry.transfer and row.entry.transfer.other not in mine
            }
            asked = (one for one in self._mine() if one.state is TransferState.SUGGESTED)
            sides = {side for one in asked for side in one.pair} & mine.keys()
            days |= {mine[one].entry.booked_on for one in sides}
        return sorted(days)

    @override
    async def around(self, first: date, last: date) -> Sequence[Entry]:
        return [
            row.entry
            for row in self._rows()
            if first <= row.entry.booked_on <= last
            and (row.entry.removed is None or row.entry.transfer is not None)
        ]

    @override
    async def erased(self, from_revision: int, to_revision: int) -> bool:
        return any(
            owner == self.acting_for
            and from_revision < revision <= to_revision
            and change.cause == "erase"
            for (owner, revision), change in self.tables.of(LEDGER_CHANGES).items()
        )

    def _rows(self) -> Iterator[EntryRow]:
        for (owner, _), row in self.tables.of(ENTRIES).items():
            if owner == self.acting_for:
                yield row

    @override
    async def of(self, entry_ids: Collection[EntryId]) -> Sequence[Transfer]:
        wanted = set(entry_ids)
        return [one for one in self._mine() if not wanted.isdisjoint(one.pair)]

    def _mine(self) -> Iterator[Transfer]:
        for (owner, _), one in self.tables.of(TRANSFERS).items():
            if owner == self.acting_for:
                yield one

    @override
    async def became(self, entry_ids: Collection[EntryId]) -> Mapping[EntryId, EntryId]:
        # Two that were one feed's from the start became one because the person said so.
        found = {
            one.what.booked: one.what.pending
            for (owner, _), one in self.tables.of(SUGGESTIONS).items()
            if owner == self.acting_for and one.state is SuggestionState.CONFIRMED
        }
        merged = self.tables.of(MERGED).items()
        found |= {gone: kept for (owner, gone), kept in merged if owner == self.acting_for}
        wanted, rows = set(entry_ids), self.tables.of(ENTRIES)
        return {
            gone: kept
            for gone, kept in found.items()
            if (gone in wanted or kept in wanted)
            and (self.acting_for, gone) in rows
            and rows[self.acting_for, gone].entry.removed is Removed.MERGED
        }

    @override
    async def get(self, transfer_id: TransferId) -> Transfer:
        found = self.tables.of(TRANSFERS).get((self.acting_for, transfer_id))
        if found is None:
            raise TransferNotFoundError(transfer_id)
        return found

    @override
    async def find(self, pair: Pair) -> Transfer | None:
        return next((one for one in self._mine() if one.pair == pair), None)

    @override
    async def save(self, transfers: Sequence[Transfer]) -> None:
        for one in transfers:
            self.tables.of(TRANSFERS)[self.acting_for, one.id] = one

    @override
    async def forget(self, transfer_ids: Collection[TransferId]) -> None:
        for transfer_id in transfer_ids:
            self.tables.of(TRANSFERS).pop((self.acting_for, transfer_id), None)

    @override
    async def forget_erased(self) -> None:
        there = {row.entry.id for row in self._rows()}
        await self.forget([one.id for one in self._mine() if not there.issuperset(one.pair)])

    @override
    async def mark(self, entries: Sequence[Entry], revision: int) -> None:
        rows = self.tables.of(ENTRIES)
        for one in entries:
            key = (self.acting_for, one.id)
            was = rows[key].entry
            marked = replace(
                was, category=one.category, transfer=one.transfer, version=was.version + 1
            )
            rows[key] = EntryRow(marked, revision)


@dataclass(frozen=True, slots=True)
class BeginMemoryTransfersTx(BeginTransfersTx):
    database: MemoryDatabase

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[TransfersTx]:
        async with self.database.begin(acting_for) as tx:
            yield TransfersTx(
                ledger=ledger_in(tx, self.database, acting_for),
                transfers=MemoryTransfers(tx.tables, acting_for),
                rates=MemoryKeptRates(tx.tables),
            )


@dataclass(frozen=True, slots=True)
class MemoryTransfersReader(TransfersReader):
    database: MemoryDatabase

    @override
    async def list(
        self, claims: Claims, state: TransferState, after: UUID | None, limit: int
    ) -> Sequence[TransferListing]:
        ensure_alive(self.database, claims)
        mine = [
            one
            for (owner, _), one in self.database.tables.of(TRANSFERS).items()
            if owner == claims.user_id and one.state is state and (after is None or one.id < after)
        ]
        mine.sort(key=lambda one: one.id, reverse=True)
        listed = (self._listing(claims.user_id, one) for one in mine)
        return [one for one in listed if one is not None][:limit]

    def _listing(self, person: UserId, one: Transfer) -> TransferListing | None:
        entries = self.database.tables.of(ENTRIES)
        sides = [entries[person, each].entry for each in one.pair if (person, each) in entries]
        if len(sides) < len(one.pair) or any(each.removed for each in sides):
            return None
        sent, received = (_side(each) for each in sides)
        return TransferListing(
            one.id, sent, received, one.method, one.confidence, one.by_person, one.made_at
        )


def _side(entry: Entry) -> SideView:
    return SideView(entry.id, entry.account_id, entry.amount, entry.booked_on, entry.text)
