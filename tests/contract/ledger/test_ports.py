"""What application.ledger.ports promises, over memory and PostgreSQL."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.entry import Edited, Entry, Part, Removed
from domain.ledger.errors import AccountNotFoundError, EntryNotFoundError, StaleEntryError
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus, Observations, TransactionSeen
from tests.support.clock import NOON
from tests.support.ledger import ANNA, BJORN, FEED, LedgerWorld
from tests.support.observations import a_transaction, an_account

WALLET = AccountId(UUID(int=0xACC))
OTHER_FEED = FeedId(UUID(int=0xFEED2))


def an_owned_account(name: str = "Cash", row: int = 0xACC, **facts: object) -> Account:
    legal: dict[str, object] = {
        "id": AccountId(UUID(int=row)),
        "owner": ANNA,
        "name": name,
        "kind": AccountKind.CASH,
        "currency": "NOK",
        "origin": AccountOrigin.MANUAL,
        "created_at": NOON,
    }
    return Account(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def an_entry(number: int = 1, minor: int = -100, **facts: object) -> Entry:
    legal: dict[str, object] = {
        "id": EntryId(UUID(int=number)),
        "account_id": WALLET,
        "status": EntryStatus.BOOKED,
        "amount": Money(minor, "NOK"),
        "booked_on": date(2026, 3, 1),
        "text": "Kiwi",
    }
    return Entry(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


async def given(
    world: LedgerWorld, accounts: Sequence[Account] = (), entries: Sequence[Entry] = ()
) -> None:
    async with world.begin(ANNA) as tx:
        for account in accounts or (an_owned_account(),):
            await tx.accounts.add(account)
        sums = SumChanges()
        for entry in entries:
            await tx.entries.put(entry, await tx.revisions.next(), new=True)
            sums.replace(None, entry)
        await tx.sums.apply(sums)
        for account in accounts or (an_owned_account(),):
            await tx.accounts.save(account)
        await tx.commit()


async def write(world: LedgerWorld, entry: Entry) -> None:
    async with world.begin(ANNA) as tx:
        await tx.entries.put(entry, await tx.revisions.next())
        await tx.commit()


async def read(world: LedgerWorld, number: int = 1) -> Entry:
    async with world.begin(ANNA) as tx:
        return await tx.entries.get(EntryId(UUID(int=number)))


async def test_what_goes_in_comes_out_whole(world: LedgerWorld) -> None:
    whole = an_entry(
        value_on=date(2026, 2, 27),
        counterparty="Kiwi AS",
        category="food.groceries",
        note="for the party",
        split=(
            Part(Money(-60, "NOK"), "food.groceries"),
            Part(Money(-40, "NOK"), "family.pets", "cat food"),
        ),
        edited=frozenset({Edited.PARTS, Edited.NOTE}),
    )
    account = an_owned_account(institution="Fjordbank", institution_id="no-fjord", number="NO93")
    await given(world, [account], [whole])

    assert await read(world) == whole
    async with world.begin(ANNA) as tx:
        assert await tx.accounts.get(WALLET) == account


async def test_a_transaction_that_is_left_leaves_nothing(world: LedgerWorld) -> None:
    async with world.begin(ANNA) as tx:
        await tx.accounts.add(an_owned_account())
        await tx.entries.put(an_entry(), 1, new=True)

    assert not await world.books.accounts(ANNA)
    assert not await world.books.entries(ANNA)


async def test_the_second_writer_of_a_version_loses(world: LedgerWorld) -> None:
    await given(world, entries=[an_entry()])
    entry = await read(world)
    await write(world, entry.noted("first"))

    with pytest.raises(StaleEntryError):
        await write(world, entry.noted("second"))

    now = await read(world)
    assert (now.note, now.version) == ("first", 2)


async def test_what_was_removed_is_not_found_but_is_known(world: LedgerWorld) -> None:
    await given(world, entries=[an_entry(removed=Removed.BY_PERSON)])

    with pytest.raises(EntryNotFoundError):
        await read(world)
    async with world.begin(ANNA) as tx:
        known = await tx.entries.load([EntryId(UUID(int=1)), EntryId(UUID(int=9))])
    assert [one.removed for one in known.values()] == [Removed.BY_PERSON]


async def test_nobody_finds_what_is_somebody_elses(world: LedgerWorld) -> None:
    await given(world, entries=[an_entry()])

    async with world.begin(BJORN) as tx:
        with pytest.raises(AccountNotFoundError):
            await tx.accounts.get(WALLET)
        with pytest.raises(EntryNotFoundError):
            await tx.entries.get(EntryId(UUID(int=1)))
        assert await tx.entries.load([EntryId(UUID(int=1))]) == {}
        assert await tx.accounts.named("Cash", "NOK") == []
        assert await tx.accounts.feed_of(WALLET) is None


async def test_accounts_are_found_by_number_or_name_in_their_currency(world: LedgerWorld) -> None:
    old = an_owned_account("Same", 1, number="NO93", created_at=NOON - timedelta(days=1))
    new = an_owned_account("Same", 2, number="NO93")
    foreign = an_owned_account("Same", 3, number="NO93", currency="EUR")
    await given(world, [new, foreign, old])

    async with world.begin(ANNA) as tx:
        assert await tx.accounts.with_number("NO93", "NOK") == [old, new]
        assert await tx.accounts.named("Same", "EUR") == [foreign]
        assert await tx.accounts.named("same", "EUR") == []


async def test_the_balance_follows_the_sums(world: LedgerWorld) -> None:
    foreign = an_entry(3, amount=Money(-9, "EUR"))
    await given(world, entries=[an_entry(1, -100), an_entry(2, 30), foreign])

    assert await world.balance() == -70


async def test_sums_shrink_as_they_grew_and_never_below_nothing(world: LedgerWorld) -> None:
    entry = an_entry()
    await given(world, entries=[entry])
    back = SumChanges()
    back.replace(entry, None)

    async with world.begin(ANNA) as tx:
        await tx.sums.apply(back)
        await tx.commit()

    assert await world.books.months(ANNA) == {}
    assert await world.books.days(ANNA) == {}


async def test_an_account_that_is_removed_takes_everything_with_it(world: LedgerWorld) -> None:
    split = an_entry(2).split_into([Part(Money(-50, "NOK"), "family.pets")] * 2)
    await given(world, entries=[an_entry(1), split])
    async with world.begin(ANNA) as tx:
        await tx.accounts.link(AccountSource(FEED, ExternalId("x"), WALLET))
        await tx.accounts.remove(WALLET)
        await tx.commit()

    assert not await world.books.accounts(ANNA)
    assert not await world.books.entries(ANNA)
    assert not await world.books.months(ANNA)
    assert not await world.books.days(ANNA)
    async with world.begin(ANNA) as tx:
        assert await tx.accounts.of_feed(FEED) == {}


async def test_a_feed_that_is_erased_is_news_when_it_speaks_again(world: LedgerWorld) -> None:
    said = Observations((an_account(),), (a_transaction("t-1"),))
    await world.hears(said)
    (account,) = await world.books.accounts(ANNA)

    async with world.begin(ANNA) as tx:
        assert await tx.feeds.erase(FEED) == [account.id]
        await tx.accounts.remove(account.id)
        await tx.commit()

    assert (await world.hears(said)).added == 1
    assert len(await world.shown()) == 1
    await world.ensure_sums_are_right()


async def test_an_erased_feed_leaves_an_account_that_another_feed_speaks_of(
    world: LedgerWorld,
) -> None:
    await world.hears(Observations((an_account(),)))
    (account,) = await world.books.accounts(ANNA)
    async with world.begin(ANNA) as tx:
        await tx.accounts.link(AccountSource(OTHER_FEED, ExternalId("x"), account.id))
        assert await tx.feeds.erase(FEED) == []
        assert await tx.accounts.feed_of(account.id) == AccountSource(
            OTHER_FEED, ExternalId("x"), account.id
        )


async def test_a_split_whose_currency_the_bank_changed_is_none(world: LedgerWorld) -> None:
    def said(amount: Money) -> Observations:
        seen: TransactionSeen = a_transaction("t-1", amount=amount)
        return Observations((an_account(),), (seen,))

    await world.hears(said(Money(-100, "NOK")))
    (entry,) = await world.shown()
    parts = [Part(Money(-50, "NOK"), "family.pets")] * 2
    async with world.begin(ANNA) as tx:
        before = await tx.entries.get(entry.id)
        after = before.split_into(parts)
        sums = SumChanges()
        sums.replace(before, after)
        await tx.entries.put(after, await tx.revisions.next())
        await tx.sums.apply(sums)
        await tx.commit()

    await world.hears(said(Money(-120, "NOK")))
    (grown,) = await world.shown()
    assert [part.amount.minor for part in grown.parts] == [-50, -50, -20]
    await world.ensure_sums_are_right()

    await world.hears(said(Money(-9, "EUR")))
    (changed,) = await world.shown()
    assert changed.split == ()
    await world.ensure_sums_are_right()


async def test_revisions_are_counted_for_each_person(world: LedgerWorld) -> None:
    async with world.begin(ANNA) as tx:
        assert [await tx.revisions.next(), await tx.revisions.next()] == [1, 2]
        await tx.commit()
    async with world.begin(BJORN) as tx:
        assert await tx.revisions.next() == 1
    async with world.begin(ANNA) as tx:
        assert await tx.revisions.next() == 3


@pytest.mark.postgres
async def test_nobody_edits_what_a_feed_is_just_changing(postgres: LedgerWorld) -> None:
    world = postgres
    await given(world, entries=[an_entry()])
    entry_id = EntryId(UUID(int=1))

    async def edit() -> int:
        async with world.begin(ANNA) as tx:
            entry = await tx.entries.get(entry_id)
            await tx.entries.put(entry.noted("mine"), 9)
            await tx.commit()
            return entry.version

    async with world.begin(ANNA) as tx:
        known = (await tx.entries.load([entry_id]))[entry_id]
        editing = asyncio.create_task(edit())
        done, _ = await asyncio.wait([editing], timeout=0.3)
        assert not done, "the edit has to wait"
        await tx.entries.put(replace(known, text="New words"), 8)
        await tx.commit()

    assert await editing == 2, "and then it edits what is there now"
    after = await read(world)
    assert (after.text, after.note) == ("New words", "mine")
