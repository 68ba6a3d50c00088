"""Transfers in the hand: a person with accounts, a job that pairs, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters.memory.ledger.rates import BeginMemoryRatesTx
from adapters.memory.ledger.transfers import BeginMemoryTransfersTx
from adapters.postgres.ledger.rates import BeginPostgresRatesTx
from adapters.postgres.ledger.transfers import BeginPostgresTransfersTx
from application.ledger.jobs import PairTransfersJob
from application.ledger.pair_transfers import PairingReport, PairTransfers
from application.ledger.rates import BeginRatesTx
from application.ledger.transfers import BeginTransfersTx
from application.shared.jobs import LeasedJob
from domain.ledger.entry import Entry
from domain.ledger.rates import Quote
from domain.ledger.transfers import Transfer
from domain.shared.ids import EntryId, TransferId, UserId
from tests.support.cipher import GlassCipher
from tests.support.ledger import ANNA, LedgerWorld, MemoryBooks, PostgresBooks


@dataclass(slots=True)
class Moves:
    """Where the ledger of a world is searched for transfers."""

    world: LedgerWorld
    done: dict[UserId, int] = field(default_factory=dict)
    """The revision up to which it was searched."""

    @property
    def begin(self) -> BeginTransfersTx:
        match self.world.books:
            case MemoryBooks(database=memory):
                return BeginMemoryTransfersTx(memory)
            case PostgresBooks(database=postgres):
                return BeginPostgresTransfersTx(postgres, GlassCipher())
            case other:
                raise TypeError(f"no transfers over {other!r}")

    @property
    def begin_rates(self) -> BeginRatesTx:
        match self.world.books:
            case MemoryBooks(database=memory):
                return BeginMemoryRatesTx(memory)
            case PostgresBooks(database=postgres):
                return BeginPostgresRatesTx(postgres)
            case other:
                raise TypeError(f"no rates over {other!r}")

    async def knows(self, *quotes: Quote) -> None:
        async with self.begin_rates() as tx:
            await tx.rates.add(quotes)
            await tx.commit()

    async def job(
        self, person: UserId = ANNA, since: int | None = None
    ) -> tuple[PairTransfersJob, LeasedJob]:
        revisions = [0, *await self.world.books.revisions(person)]
        first = self.done.get(person, 0) if since is None else since
        job = PairTransfersJob(user_id=person, from_revision=first, to_revision=max(revisions))
        self.done[person] = max(revisions)
        async with self.begin(person) as tx:
            job_id = await tx.ledger.jobs.enqueue(job)
            await tx.ledger.commit()
        leased = {one.lease.job_id: one for one in await self.world.board.claim(1_000)}
        return job, leased[job_id]

    async def paired(self, person: UserId = ANNA, since: int | None = None) -> PairingReport:
        """What changed since the last time is searched."""
        job, leased = await self.job(person, since)
        return await PairTransfers(self.begin, self.world.clock, self.world.ids)(job, leased.lease)

    async def known(self, person: UserId = ANNA) -> Sequence[Transfer]:
        entries = await self.world.books.entries(person)
        async with self.begin(person) as tx:
            return sorted(await tx.transfers.of([one.id for one in entries]), key=_id)

    async def now(self, person: UserId = ANNA) -> Mapping[EntryId, TransferId]:
        return {one.id: one.transfer.id for one in await self.world.shown(person) if one.transfer}

    async def named(self, text: str, person: UserId = ANNA) -> Entry:
        (found,) = (one for one in await self.world.books.entries(person) if one.text == text)
        return found

    async def texts(self, person: UserId = ANNA) -> set[tuple[str, str]]:
        """What is paired, by the words of what left and of what arrived."""
        by_id = {one.id: one for one in await self.world.shown(person)}
        return {
            (one.text, by_id[one.transfer.other].text)
            for one in by_id.values()
            if one.transfer and one.amount.minor < 0
        }

    async def ensure_whole(self, person: UserId = ANNA) -> None:
        """Both sides know each other, nobody is in two, and the sums are those of the entries."""
        by_id = {one.id: one for one in await self.world.books.entries(person)}
        paired = [one for one in await self.known(person) if one.state == "paired"]
        sides = [each for one in paired for each in one.pair]
        assert len(sides) == len(set(sides))
        for one in paired:
            out, into = by_id[one.out], by_id[one.into]
            assert out.removed is into.removed is None
            assert out.transfer is not None
            assert into.transfer is not None
            assert out.transfer.id == into.transfer.id == one.id
            assert (out.transfer.other, into.transfer.other) == (into.id, out.id)
            assert (out.transfer.other_account, into.transfer.other_account) == (
                into.account_id,
                out.account_id,
            )
        marked = {one.id for one in by_id.values() if one.transfer and not one.removed}
        assert marked == set(sides)
        await self.world.ensure_sums_are_right(person)


def _id(one: Transfer) -> TransferId:
    return one.id
