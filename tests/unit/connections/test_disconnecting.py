import pytest

from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.gateway import AccessGoneError, ProviderUnavailableError
from application.connections.jobs import RevokeConnectionJob
from application.connections.revoke_connection import RevokeReport
from application.connections.sync_connection import SyncOutcome, SyncReport
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import (
    ConnectionEndedError,
    ConnectionNotFoundError,
    StillDisconnectingError,
)
from domain.shared.events import ConnectionEnded
from domain.shared.ids import ConnectionId
from tests.support.observations import pages
from tests.unit.connections.world import ANNA, BJORN, World

DOWN = ProviderUnavailableError("tink", "500")


@pytest.fixture
async def linked(world: World) -> ConnectionId:
    """Linked and read: the bank has said two pages."""
    connection = await world.link()
    world.bank.says(*pages(2))
    await world.work()
    return connection.id


async def test_a_withdrawal_is_told_to_the_provider_before_the_access_is_forgotten(
    world: World, linked: ConnectionId
) -> None:
    access = world.accesses[linked]

    answer = await world.disconnect(linked)
    assert answer.status is ConnectionStatus.DISCONNECTING
    assert linked in world.accesses
    await world.work()

    connection = world.connection(linked)
    assert world.bank.revoked == [access]
    assert world.accesses == {}
    assert connection.status is ConnectionStatus.DISCONNECTED
    assert world.events[-1] == ConnectionEnded(ANNA, linked, connection.feed_id, erase=False)
    assert world.audited()[-2:] == ["connections.withdrawn", "connections.disconnected"]


async def test_what_was_read_is_kept_unless_the_person_wants_it_erased(
    world: World, linked: ConnectionId
) -> None:
    feed_id = world.connection(linked).feed_id
    await world.disconnect(linked)
    await world.work()
    assert await world.received(feed_id, 1) == pages(2)

    answer = await world.disconnect(linked, erase=True)
    assert answer.status is ConnectionStatus.DISCONNECTING
    await world.work()

    assert await world.received(feed_id, 1) is None
    assert world.events[-1] == ConnectionEnded(ANNA, linked, feed_id, erase=True)


async def test_a_wish_to_erase_joins_a_withdrawal_that_is_under_way(
    world: World, linked: ConnectionId
) -> None:
    first = await world.disconnect(linked)
    second = await world.disconnect(linked, erase=True)
    third = await world.disconnect(linked)
    await world.work()

    assert first.job_id == second.job_id == third.job_id
    assert world.connection(linked).erase
    assert world.updates_kept() == 0


async def test_withdrawing_again_changes_nothing(world: World, linked: ConnectionId) -> None:
    await world.disconnect(linked)
    await world.work()
    before = world.connection(linked)

    answer = await world.disconnect(linked)

    assert answer.job_id is None
    assert world.connection(linked) == before
    assert len(world.bank.revoked) == 1


async def test_a_provider_that_is_down_leaves_the_withdrawal_open(
    world: World, linked: ConnectionId
) -> None:
    await world.disconnect(linked)
    world.bank.revoke_troubles = [DOWN]
    claimed = await world.claim()
    with pytest.raises(ProviderUnavailableError):
        await world.run(claimed)

    assert world.connection(linked).status is ConnectionStatus.DISCONNECTING
    assert world.connection(linked).last_error == "provider_unavailable"
    assert linked in world.accesses

    assert await world.run(await world.again(claimed)) is RevokeReport.REVOKED


async def test_a_consent_that_is_gone_already_counts_as_revoked(
    world: World, linked: ConnectionId
) -> None:
    await world.disconnect(linked)
    world.bank.revoke_troubles = [AccessGoneError("plaid", "ITEM_NOT_FOUND")]

    assert await world.work() == [RevokeReport.REVOKED]


async def test_a_sync_stops_when_the_person_withdraws_meanwhile(world: World) -> None:
    connection = await world.link()
    world.bank.says(*pages(3))
    claimed = await world.claim()

    async def withdrawn_meanwhile() -> None:
        await world.disconnect(connection.id)

    world.bank.before_fetch = withdrawn_meanwhile
    report = await world.run(claimed)

    assert report == SyncReport(SyncOutcome.NOT_WANTED)
    assert world.updates_kept() == 0
    assert world.connection(connection.id).synced_at is None
    assert len(world.jobs(RevokeConnectionJob)) == 1


async def test_nothing_is_read_after_a_withdrawal(world: World, linked: ConnectionId) -> None:
    await world.disconnect(linked)
    with pytest.raises(ConnectionEndedError):
        await world.ask_for_sync(linked)
    with pytest.raises(ConnectionEndedError):
        await world.renew(linked)
    await world.work()
    asked = len(world.bank.pages_asked)

    world.clock.forward(days=30)
    await world.work()

    assert len(world.bank.pages_asked) == asked


async def test_the_same_login_waits_until_its_withdrawal_is_done(
    world: World, linked: ConnectionId
) -> None:
    await world.disconnect(linked)
    started = await world.start()
    with pytest.raises(StillDisconnectingError):
        await world.come_back(started.state)

    await world.work()
    again = await world.link()

    assert again.id != linked
    assert again.feed_id != world.connection(linked).feed_id


async def test_another_persons_connection_does_not_exist(
    world: World, linked: ConnectionId
) -> None:
    with pytest.raises(ConnectionNotFoundError):
        await Disconnect(world.begin)(DisconnectCommand(BJORN, linked, erase=True))
    with pytest.raises(ConnectionNotFoundError):
        await world.ask_for_sync(linked, BJORN)
    with pytest.raises(ConnectionNotFoundError):
        await world.reader.get(BJORN, linked)
    assert await world.reader.list(BJORN, None) == ()


async def test_a_screen_shows_what_is_under_way(world: World) -> None:
    connection = await world.link()
    shown = await world.reader.get(ANNA, connection.id)

    assert shown.job_id is not None
    assert shown.synced_at is None
    await world.work()
    assert (await world.reader.get(ANNA, connection.id)).job_id is None


async def test_an_erasure_that_died_is_begun_anew_by_asking_again(
    world: World, linked: ConnectionId
) -> None:
    await world.disconnect(linked, erase=True)
    await world.work()
    told = len(world.events)

    await world.disconnect(linked, erase=True)

    feed_id = world.connection(linked).feed_id
    assert world.events[told:] == [ConnectionEnded(ANNA, linked, feed_id, erase=True)]
