"""The matcher: how right it is, and what it costs beside writing what it decides."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from random import Random
from typing import Final
from uuid import UUID

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.crypto.keys import Key, KeyRing
from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresLedgerTx
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from application.ledger.apply_feed import ApplyFeed
from application.ledger.feed_pages import BATCH
from application.ledger.jobs import ApplyFeedJob
from application.shared.feeds import FeedKind, FeedPage
from domain.ledger.entry import EntrySource
from domain.ledger.matching.facts import Known, OpenPending
from domain.ledger.matching.merging import first_told
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.planner import plan_page
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)
from tests.bench.figures import Figure, Report, at_least, at_most, below, middle, spread
from tests.bench.server import BenchServer
from tests.zoo.reading import cases
from tests.zoo.score import score_of_lives, score_of_zoo

SEEDS: Final = 12
SMALL: Final = (1_000, 10_000)
LARGE: Final = (10_000, 100_000)
"""New entries, and known ones."""
ROUNDS: Final = 3
_PAGE: Final = 500
_AN_ACCOUNT: Final = 1_000
"""New entries for each account: ten times as much is ten times as many accounts."""
_ONE_BOOKS: Final = 10
"""One in so many new entries is the booking of something pending, under another name."""
_SHOPS: Final = tuple(
    f"{one}{two}{three}".capitalize()
    for one in ("ki", "re", "co", "nar", "ru", "el", "za", "her")
    for two in ("wi", "ma", "op", "ve", "ter")
    for three in ("sen", "jop", "ra", "tz", "lo", "no", "ka")
)
"""280 of them, each in nine towns."""
_PLACES: Final = ("Oslo", "Bergen", "Alna", "Torshov", "Lade", "Moss", "Hamar", "Bodo", "Voss")
_OVER_DAYS: Final = 90
_ALONE_TOLD: Final = (
    f"the matcher alone, in processor time per entry: {{:.0f}} µs for {SMALL[0]:,},"
    f" {{:.0f}} µs for {LARGE[0]:,}; each batch looks through all that is pending once"
)
_ROUNDS_TOLD: Final = (
    f"matching {{matching}} s, writing {{writing}} s in {ROUNDS} rounds; one in {_ONE_BOOKS} books"
    " something that was pending, every third of those with a tip"
)


@dataclass(frozen=True, slots=True)
class Round:
    applying_s: float
    """The whole update: read, matched, planned, written, told."""
    writing_s: float
    """Writing as many new entries, sources and sums, and nothing else."""
    planning_s: float
    """The matcher alone, in processor time."""

    @property
    def matching_s(self) -> float:
        return max(self.applying_s - self.writing_s, self.planning_s)


@dataclass(slots=True)
class World:
    database: Database
    begin: BeginPostgresLedgerTx
    board: PostgresJobBoard
    person: UserId
    feed: FeedId
    chance: Random
    accounts: Sequence[AccountSeen]

    async def apply(self, seen: Sequence[TransactionSeen]) -> float:
        """Keep an update of these; returns the seconds that applying it took."""
        pages = [
            Observations(tuple(self.accounts), tuple(seen[at : at + _PAGE]), lists_all_pending=True)
            for at in range(0, len(seen), _PAGE)
        ]
        async with self.begin(self.person) as tx:
            await tx.updates.create(self.feed, FeedKind.CONNECTION)
            update = await tx.updates.open(self.feed)
            await tx.updates.keep(update.id, [FeedPage(b"", page) for page in pages], None)
            number = await tx.updates.complete(update.id)
            job = ApplyFeedJob(user_id=self.person, feed_id=self.feed, number=number)
            job_id = await tx.jobs.enqueue(job)
            await tx.commit()
        (lease,) = (one.lease for one in await self.board.claim(100) if one.lease.job_id == job_id)
        apply = ApplyFeed(self.begin, self.database.clock, self.database.ids)
        started = time.perf_counter()
        await apply(job, lease)
        return time.perf_counter() - started

    async def write(self, seen: Sequence[TransactionSeen]) -> float:
        """Write entries of these without a thought, as one page after the other."""
        ids = self.database.ids
        started = time.perf_counter()
        async with self.begin(self.person) as tx:
            accounts = await tx.accounts.of_feed(self.feed)
            revision = await tx.revisions.next()
            for at in range(0, len(seen), 2_000):
                plan = Plan()
                for one in seen[at : at + 2_000]:
                    entry = first_told(EntryId(ids.one()), accounts[one.account].id, one)
                    plan.added[entry.id] = entry
                    plan.new_sources.append(EntrySource(self.feed, one.id, entry.id, 1))
                    plan.sums.replace(None, entry)
                await tx.entries.write(plan, revision)
                await tx.sums.apply(plan.sums)
            for account in accounts.values():
                await tx.accounts.save(account)
            await tx.commit()
        return time.perf_counter() - started

    def purchases(self, name: str, count: int, status: EntryStatus) -> Iterator[TransactionSeen]:
        today, chance = self.database.clock.now().date(), self.chance
        for number in range(count):
            back = chance.randrange(3, 10) if status is EntryStatus.PENDING else 0
            back = back or chance.randrange(1, _OVER_DAYS)
            yield TransactionSeen(
                account=chance.choice(self.accounts).id,
                id=ExternalId(f"{name}-{number}"),
                status=status,
                amount=Money(-chance.randrange(1_000, 500_000), "NOK"),
                booked_on=today - timedelta(days=back),
                text=f"{chance.choice(_SHOPS)} {chance.choice(_PLACES)}",
            )

    def bookings(self, held: Sequence[TransactionSeen]) -> Iterator[TransactionSeen]:
        """Two days later, under another name; every third with a tip."""
        for number, one in enumerate(held):
            grown = one.amount.minor * (100 + 10 * (number % 3 == 0)) // 100
            yield TransactionSeen(
                account=one.account,
                id=ExternalId(f"of-{one.id}"),
                status=EntryStatus.BOOKED,
                amount=Money(grown, "NOK"),
                booked_on=one.booked_on + timedelta(days=2),
                text=one.text.upper(),
            )


def _linear(what: str, seconds: Sequence[float]) -> Figure:
    small, large = seconds[0] / SMALL[0] * 1e6, seconds[1] / LARGE[0] * 1e6
    beside = f"{SMALL[0]:,} against {SMALL[1]:,}: {small:.0f} µs"
    return at_most(what, f"{large:.0f} µs", beside, large / small, 1.5)


_Ledger = tuple[Database, BeginPostgresLedgerTx, PostgresJobBoard]


def measure(server: BenchServer) -> Report:
    zoo, lives = score_of_zoo(cases()), score_of_lives(range(SEEDS))
    small, large = asyncio.run(_measure(server))
    share = middle([one.matching_s / one.writing_s for one in large])
    matching = middle([one.matching_s for one in large])
    alone = [middle([one.planning_s for one in those]) for those in (small, large)]
    whole = [middle([one.applying_s for one in those]) for those in (small, large)]
    wrong = zoo.twins_merged + lives.twins_merged
    return Report(
        "Matching",
        "Links between pending and booked entries: how right they are, and what they cost.",
        (
            at_least("precision, zoo", f"{zoo.right} links", "expected", zoo.precision, 1),
            at_least("recall, zoo", f"{zoo.right} links", "expected", zoo.recall, 1),
            at_least(
                f"precision, {SEEDS} made-up lives",
                f"{lives.right} right",
                f"{lives.wrong} wrong",
                lives.precision,
                0.98,
            ),
            at_least(
                f"recall, {SEEDS} made-up lives",
                f"{lives.right} found",
                f"{lives.missed} not linked, {lives.asked} of them asked about",
                lives.recall,
                0.85,
            ),
            below("booked entries merged with each other", wrong, "", 0),
            at_most(
                f"matching {LARGE[0]:,} new against {LARGE[1]:,} known",
                f"{matching:.2f} s",
                f"writing as many: {middle([one.writing_s for one in large]):.2f} s",
                share,
                2,
            ),
            _linear("reading, matching and writing them, per entry", whole),
        ),
        (
            _ROUNDS_TOLD.format(
                matching=spread([one.matching_s for one in large]),
                writing=spread([one.writing_s for one in large]),
            ),
            _ALONE_TOLD.format(1e6 * alone[0] / SMALL[0], 1e6 * alone[1] / LARGE[0]),
        ),
    )


async def _measure(server: BenchServer) -> tuple[list[Round], list[Round]]:
    async with server.database() as database, _ledger(database.app_url) as ledger:
        small = [await _round(ledger, seed, *SMALL) for seed in range(ROUNDS)]
        large = [await _round(ledger, seed, *LARGE) for seed in range(ROUNDS)]
    return small, large


async def _round(ledger: _Ledger, seed: int, new: int, known: int) -> Round:
    database, begin, board = ledger
    chance = Random(seed)  # noqa: S311 - the same every time
    person, feed = UserId(database.ids.one()), FeedId(database.ids.one())
    world = World(database, begin, board, person, feed, chance, _accounts(new))
    await world.apply(list(world.purchases("known", known, EntryStatus.BOOKED)))
    held = list(world.purchases("held", new // _ONE_BOOKS, EntryStatus.PENDING))
    await world.apply(held)
    others = world.purchases("new", new - len(held), EntryStatus.BOOKED)
    told = [*world.bookings(held), *others]
    chance.shuffle(told)
    applying_s = await world.apply(told)
    writing_s = await world.write(list(world.purchases("bare", new, EntryStatus.BOOKED)))
    return Round(applying_s, writing_s, _plan(told, held))


def _accounts(new: int) -> tuple[AccountSeen, ...]:
    return tuple(
        AccountSeen(ExternalId(f"account-{number}"), "Current", AccountKind.CHECKING, "NOK")
        for number in range(new // _AN_ACCOUNT)
    )


def _plan(told: Sequence[TransactionSeen], held: Sequence[TransactionSeen]) -> float:
    """The same once more without a database, page by page as an update is."""
    ids = count(1)
    accounts = {one.account: AccountId(UUID(int=next(ids))) for one in told}

    def new_id(_: ExternalId) -> EntryId:
        return EntryId(UUID(int=next(ids)))

    pendings = {
        one.id: OpenPending(one.id, first_told(new_id(one.id), accounts[one.account], one))
        for one in held
    }
    started = time.process_time()
    for at in range(0, len(told), BATCH):
        page = Observations(transactions=tuple(told[at : at + BATCH]))
        feed = FeedId(UUID(int=2))
        plan = plan_page(feed, page, accounts, Known({}, {}), pendings, new_id)
        for one in plan.superseded:
            pendings.pop(one.external_id, None)
    return time.process_time() - started


@asynccontextmanager
async def _ledger(url: str) -> AsyncIterator[_Ledger]:
    cipher = aes_gcm_cipher(KeyRing((Key("bench", bytes(32)),)), bytes(32))
    async with open_pools(url, PoolSizes()) as (engine, reads):
        database = Database(engine, reads, SystemClock(), Uuid7Ids(), {}, NoWakeups())
        board = PostgresJobBoard(reads, timedelta(minutes=5))
        yield database, BeginPostgresLedgerTx(database, cipher), board
