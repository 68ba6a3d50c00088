"""How webhooks are kept, and how their owner is found."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from adapters.memory.connections.begin import BeginMemoryConnectionsTx, BeginMemoryHouseTx
from adapters.memory.connections.repositories import MemoryLinkedUp
from adapters.memory.connections.webhooks import MemoryDeliveriesReader
from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.ledger.begin import BeginMemoryLedgerTx
from adapters.postgres.connections.begin import BeginPostgresConnectionsTx, BeginPostgresHouseTx
from adapters.postgres.connections.linked_up import PostgresLinkedUp
from adapters.postgres.connections.webhooks import PostgresDeliveriesReader
from adapters.postgres.database import Database
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.ledger.begin import BeginPostgresLedgerTx
from application.connections.ports import BeginConnectionsTx, BeginHouseTx, LinkedName, LinkedUp
from application.connections.webhook_ports import (
    DeliveriesReader,
    Delivery,
    DeliveryId,
    DeliveryState,
    Settled,
    SyncNote,
)
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.provider import Provider
from domain.connections.webhook import Happening
from domain.shared.ids import ConnectionId, ExternalId, FeedId, UserId
from domain.shared.observations import Observations
from tests.support.cipher import GlassCipher
from tests.support.clock import NOON, CountedIds, FixedClock
from tests.support.ledger import ANNA, LedgerWorld, MemoryBooks, PostgresBooks
from tests.support.observations import an_account

BJORN = UserId(UUID(int=0xB))
NAME = ExternalId("d-anna")


@dataclass(frozen=True, slots=True)
class Kept:
    begin: BeginConnectionsTx
    begin_house: BeginHouseTx
    reader: DeliveriesReader
    linked: LinkedUp
    ledger: LedgerWorld


@pytest.fixture
def memory(clock: FixedClock, ids: CountedIds) -> Kept:
    database = MemoryDatabase(clock, ids)
    return Kept(
        BeginMemoryConnectionsTx(database),
        BeginMemoryHouseTx(database),
        MemoryDeliveriesReader(database.tables),
        MemoryLinkedUp(database.tables),
        LedgerWorld(
            BeginMemoryLedgerTx(database),
            MemoryJobBoard(database.tables, clock),
            MemoryBooks(database),
            clock,
            ids,
        ),
    )


@pytest.fixture
def postgres(database: Database, clock: FixedClock, ids: CountedIds) -> Kept:
    return Kept(
        BeginPostgresConnectionsTx(database, GlassCipher()),
        BeginPostgresHouseTx(database, GlassCipher()),
        PostgresDeliveriesReader(database),
        PostgresLinkedUp(database),
        LedgerWorld(
            BeginPostgresLedgerTx(database, GlassCipher()),
            PostgresJobBoard(database.reads, timedelta(seconds=20)),
            PostgresBooks(database),
            clock,
            ids,
        ),
    )


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.postgres)])
def kept(request: pytest.FixtureRequest) -> Kept:
    chosen: Kept = request.getfixturevalue(request.param)
    return chosen


def a_delivery(number: int = 1, provider: Provider = Provider.PLAID) -> Delivery:
    return Delivery(DeliveryId(UUID(int=number)), provider, b'{"a": 1}', NOON)


async def linked(kept: Kept, number: int, owner: UserId = ANNA) -> Connection:
    connection = Connection(
        id=ConnectionId(UUID(int=number)),
        owner=owner,
        provider=Provider.TINK,
        feed_id=FeedId(UUID(int=1000 + number)),
        external_id=ExternalId(f"c-{number}"),
        institution="Bank",
        status=ConnectionStatus.ACTIVE,
        consent_expires_at=None,
        granted_at=NOON,
        created_at=NOON,
    )
    async with kept.begin(owner) as tx:
        await tx.connections.add(connection)
        await tx.objects.claim(Provider.TINK, connection.external_id, connection.id)
        await tx.links.introduce(Provider.TINK, ExternalId(f"d-{owner.int}"))
        await tx.commit()
    return connection


async def behind(kept: Kept, account: str | None) -> list[ConnectionId]:
    async with kept.begin(ANNA) as tx:
        name = None if account is None else ExternalId(account)
        return list(await tx.links.behind(Provider.TINK, name))


async def test_a_delivery_comes_out_as_it_went_in(kept: Kept) -> None:
    async with kept.begin_house() as tx:
        await tx.deliveries.add(a_delivery())
        await tx.commit()

    async with kept.begin_house() as tx:
        assert await tx.deliveries.find(a_delivery().id) == a_delivery()
        assert await tx.deliveries.find(a_delivery(2).id) is None


async def test_what_became_of_it_is_listed_without_what_it_says(kept: Kept) -> None:
    async with kept.begin_house() as tx:
        for number in range(1, 5):
            await tx.deliveries.add(a_delivery(number))
        await tx.deliveries.add(a_delivery(5, Provider.TINK))
        odd = Settled(DeliveryState.UNREADABLE, NOON)
        await tx.deliveries.settle(a_delivery(2).id, odd)
        unknown = Settled(DeliveryState.UNKNOWN, NOON, Happening.NEW_ACCOUNTS)
        await tx.deliveries.settle(a_delivery(3).id, unknown)
        await tx.commit()
    async with kept.begin(ANNA) as tx:
        done = Settled(DeliveryState.DONE, NOON, Happening.TRANSACTIONS_CHANGED, ANNA)
        await tx.deliveries.settle(a_delivery(4).id, done)
        await tx.commit()

    found = await kept.reader.newest(None, None, None, 10)
    assert [one.id.int for one in found] == [5, 4, 3, 2, 1]
    assert [one.state for one in found] == ["waiting", "done", "unknown", "unreadable", "waiting"]
    assert [one.settled_at for one in found] == [None, NOON, NOON, NOON, None]
    assert "body" not in {*found[0].__dataclass_fields__}
    of_plaid = await kept.reader.newest(Provider.PLAID, None, a_delivery(4).id, 2)
    assert [one.id.int for one in of_plaid] == [3, 2]
    (one,) = await kept.reader.newest(None, DeliveryState.UNREADABLE, None, 10)
    assert one.id.int == 2


async def test_a_person_is_found_by_the_name_they_have_there(kept: Kept) -> None:
    await linked(kept, 1)
    await linked(kept, 2)

    async with kept.begin_house() as tx:
        name = ExternalId(f"d-{ANNA.int}")
        assert await tx.people.find(Provider.TINK, name) == ANNA
        assert await tx.people.find(Provider.PLAID, name) is None
        assert await tx.people.find(Provider.TINK, ExternalId("d-nobody")) is None


async def test_an_account_says_which_of_the_links_it_is(kept: Kept) -> None:
    one, two = await linked(kept, 1), await linked(kept, 2)
    await linked(kept, 3, BJORN)
    for link, name in ((one, "a-1"), (two, "a-2")):
        account = replace(an_account(), id=ExternalId(name), number=f"NO{name}")
        await kept.ledger.hears(Observations(accounts=(account,)), feed=link.feed_id)

    assert await behind(kept, "a-1") == [one.id]
    assert await behind(kept, "a-2") == [two.id]
    assert await behind(kept, "a-new") == [one.id, two.id]
    assert await behind(kept, None) == [one.id, two.id]


async def test_notes_wait_for_the_sync_that_takes_them_into_account(kept: Kept) -> None:
    link, other = (await linked(kept, 1)).id, (await linked(kept, 2)).id
    early = SyncNote(2, ExternalId("a"), gone=ExternalId("t-1"))
    late = SyncNote(5, since=date(2025, 1, 1))
    async with kept.begin(ANNA) as tx:
        await tx.notes.add(link, [early])
        await tx.notes.add(link, [])
        await tx.notes.add(link, [late])
        await tx.notes.add(other, [late])
        await tx.commit()

    async with kept.begin(ANNA) as tx:
        assert list(await tx.notes.until(link, 1)) == []
        assert list(await tx.notes.until(link, 4)) == [early]
        await tx.notes.forget(link, 4)
        assert list(await tx.notes.until(link, 9)) == [late]
        await tx.notes.forget(link)
        assert list(await tx.notes.until(link, 9)) == []
        assert list(await tx.notes.until(other, 9)) == [late]


async def test_connections_of_many_are_read_each_for_its_own_person(kept: Kept) -> None:
    mine, theirs = await linked(kept, 1), await linked(kept, 2, BJORN)

    def named(one: Connection, owner: UserId) -> LinkedName:
        return LinkedName(Provider.TINK, one.external_id, owner, one.id)

    found = await kept.linked.read(
        [named(mine, ANNA), named(mine, ANNA), named(theirs, BJORN), named(theirs, ANNA)][:3]
    )
    assert {one.id: one.owner for one in found} == {mine.id: ANNA, theirs.id: BJORN}
    assert await kept.linked.read([named(theirs, ANNA)]) == ()
