"""Two feeds of one account, in the hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from application.ledger.erase_feed import EraseFeed
from application.ledger.jobs import EraseFeedJob, ReplayFeedJob
from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand, JoinedAccount
from application.ledger.replay import ReplayFeed, ReplayReport
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from application.shared.feeds import FeedKind
from domain.ledger.entry import Entry
from domain.ledger.one_account.told import Told
from domain.shared.ids import AccountId, ConnectionId, EntryId, ExternalId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import BalanceSeen, EntryStatus, Observations, TransactionSeen
from tests.support.ledger import ANNA, FEED, LedgerWorld
from tests.support.observations import a_transaction, an_account

OTHER = FeedId(UUID(int=0xFEED7))
HERE, THERE = ExternalId("here"), ExternalId("there")
DAY = date(2026, 3, 2)


def bought(
    name: str, minor: int, day: int = 2, text: str = "Kiwi Oslo", status: EntryStatus | None = None
) -> TransactionSeen:
    """In March 2026."""
    on = date(2026, 3, day)
    state = status or EntryStatus.BOOKED
    return a_transaction(name, minor, booked_on=on, text=text, status=state)


def held(name: str, minor: int, day: int = 2, text: str = "Kiwi Oslo") -> TransactionSeen:
    return bought(name, minor, day, text, status=EntryStatus.PENDING)


def here(*seen: TransactionSeen, balance: int | None = None, day: int = 2) -> Observations:
    """What the first feed says; it lists all that is pending."""
    return _said(HERE, seen, balance, day, "n-")


def there(*seen: TransactionSeen, balance: int | None = None, day: int = 2) -> Observations:
    """What the other one says of the same account, under names of its own."""
    return _said(THERE, seen, balance, day, "o-")


def said_of(account: ExternalId, *seen: TransactionSeen) -> Observations:
    """What one more feed says of it."""
    return _said(account, seen, None, 2, f"{account}-")


def _said(
    account: ExternalId, seen: Sequence[TransactionSeen], balance: int | None, day: int, mark: str
) -> Observations:
    at = datetime.combine(date(2026, 3, day), time(12), UTC)
    figure = None if balance is None else BalanceSeen(Money(balance, "NOK"), None, at)
    told = tuple(replace(one, account=account, id=ExternalId(f"{mark}{one.id}")) for one in seen)
    return Observations((an_account(id=account, balance=figure),), told, lists_all_pending=True)


def on(world: LedgerWorld, day: int, month: int = 3) -> None:
    world.clock.at = datetime(2026, month, day, 12, tzinfo=UTC)


async def accounts_by_feed(
    world: LedgerWorld, person: UserId = ANNA, *feeds: FeedId
) -> Mapping[FeedId, AccountId]:
    found = {}
    async with world.begin(person) as tx:
        for feed in feeds or (FEED, OTHER):
            for account in (await tx.accounts.of_feed(feed)).values():
                found[feed] = account.id
    return found


async def join(
    world: LedgerWorld, person: UserId = ANNA, one: FeedId = FEED, other: FeedId = OTHER
) -> JoinedAccount:
    ids = await accounts_by_feed(world, person, one, other)
    command = JoinAccountsCommand(person, ids[one], ids[other])
    return await JoinAccounts(world.begin, world.clock, world.ids)(command)


async def confirmed(world: LedgerWorld) -> None:
    """The person says yes to the only question there is."""
    (asked,) = [one for one in await world.books.suggestions(ANNA) if one.state == "open"]
    decide = DecideSuggestion(world.begin, world.clock)
    await decide(DecideSuggestionCommand(ANNA, asked.id, same=True))


async def erased(world: LedgerWorld, feed: FeedId, *, erase: bool = True) -> None:
    job = EraseFeedJob(
        user_id=ANNA, feed_id=feed, connection_id=ConnectionId(UUID(int=1)), erase=erase
    )
    async with world.begin(ANNA) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    await EraseFeed(world.begin, world.clock)(job, lease)


async def replayed(world: LedgerWorld, feed: FeedId, person: UserId = ANNA) -> ReplayReport:
    job = ReplayFeedJob(user_id=person, feed_id=feed)
    async with world.begin(person) as tx:
        job_id = await tx.jobs.enqueue(job)
        await tx.commit()
    (lease,) = (one.lease for one in await world.board.claim(100) if one.lease.job_id == job_id)
    return await ReplayFeed(world.begin, world.ids)(job, lease)


async def told_of(world: LedgerWorld, entry_id: EntryId, person: UserId = ANNA) -> list[Told]:
    async with world.begin(person) as tx:
        return list(await tx.tellings.told([entry_id]))


async def begin_statement_feed(world: LedgerWorld, feed: FeedId) -> None:
    async with world.begin(ANNA) as tx:
        await tx.updates.create(feed, FeedKind.STATEMENT)
        await tx.commit()


def figures(shown: Sequence[Entry]) -> list[tuple[str, int, int]]:
    """Status, amount and day of the month, sorted."""
    return sorted((one.status.value, one.amount.minor, one.booked_on.day) for one in shown)


async def one_account(world: LedgerWorld, person: UserId = ANNA) -> int:
    """Its balance; every kept sum is right."""
    await world.ensure_sums_are_right(person)
    return await world.balance(person)
