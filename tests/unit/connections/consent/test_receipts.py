"""The receipt of a withdrawal, as far as the link goes; tests/http/consents has the whole way."""

import pytest

from adapters.memory.connections.receipts import MemoryReceiptsReader
from application.connections.consent.receipts import Ending, ReceiptState, ReceiptView
from application.connections.gateway import (
    AccessGoneError,
    AccessUnreadableError,
    ProviderUnavailableError,
)
from application.connections.jobs import RevokeConnectionJob
from application.shared.receipts import Fate, Line, Thing, Why
from domain.connections.errors_consent import ReceiptNotFoundError
from domain.shared.ids import ConnectionId
from tests.support.clock import NOON
from tests.support.mortal import DeathError
from tests.support.observations import pages
from tests.unit.connections.world import ANNA, BJORN, World

DOWN = ProviderUnavailableError("tink", "500")
GONE = AccessGoneError("tink", "NOT_FOUND")


async def read(world: World) -> ConnectionId:
    connection = await world.link()
    world.bank.says(*pages(2))
    await world.work()
    return connection.id


async def receipt(world: World, connection_id: ConnectionId) -> ReceiptView:
    return await MemoryReceiptsReader(world.database.tables).get(ANNA, connection_id)


def counts(view: ReceiptView, fate: Fate) -> dict[Thing, int]:
    return {line.thing: line.count for line in view.lines if line.fate is fate}


async def test_there_is_none_before_the_person_withdraws_and_none_for_anybody_else(
    world: World,
) -> None:
    linked = await read(world)
    with pytest.raises(ReceiptNotFoundError):
        await receipt(world, linked)

    await world.disconnect(linked)
    with pytest.raises(ReceiptNotFoundError):
        await MemoryReceiptsReader(world.database.tables).get(BJORN, linked)


async def test_it_is_there_from_the_first_moment(world: World) -> None:
    linked = await read(world)

    await world.disconnect(linked, erase=True)

    view = await receipt(world, linked)
    assert (view.state, view.asked_at, view.tries) == (ReceiptState.REVOKING, NOON, 0)
    assert (view.erase, view.revoked_at, list(view.lines)) == (True, None, [])


async def test_a_provider_out_of_reach_is_seen_with_the_tries_so_far(world: World) -> None:
    linked = await read(world)
    world.bank.revoke_troubles = [DOWN, DOWN, DOWN]
    await world.disconnect(linked)
    claimed = await world.claim()
    for tries in (1, 2, 3):
        with pytest.raises(ProviderUnavailableError):
            await world.run(claimed)
        view = await receipt(world, linked)
        assert (view.state, view.tries) == (ReceiptState.REVOKING, tries)
        assert view.last_error == "provider_unavailable"
        claimed = await world.again(claimed)
    world.clock.forward(minutes=5)

    await world.run(claimed)

    view = await receipt(world, linked)
    assert (view.state, view.tries, view.last_error) == (ReceiptState.CLEARING, 4, None)
    assert view.revoked_at == world.clock.now()
    assert view.revocation is Ending.CONFIRMED


async def test_a_try_that_is_cut_off_was_one(world: World) -> None:
    linked = await read(world)
    await world.disconnect(linked)
    world.bank.revoke_troubles = [DeathError()]
    with pytest.raises(DeathError):
        await world.work()
    await world.survive()

    assert (await receipt(world, linked)).tries == 2


async def test_what_was_erased_is_counted_and_what_was_kept_has_its_reason(world: World) -> None:
    linked = await read(world)
    await world.disconnect(linked)
    await world.work()

    kept = await receipt(world, linked)
    assert counts(kept, Fate.DELETED) == {Thing.ACCESS: 1}
    assert [line for line in kept.lines if line.fate is Fate.KEPT] == [
        Line(Thing.OBSERVATIONS, Fate.KEPT, 2, Why.NOT_ASKED),
        Line(Thing.RAW_PAGES, Fate.KEPT, 2, Why.GOES_BY_ITSELF),
    ]

    await world.disconnect(linked, erase=True)
    assert (await receipt(world, linked)).state is ReceiptState.CLEARING
    await world.work()

    gone = await receipt(world, linked)
    assert gone.erase
    assert counts(gone, Fate.KEPT) == {}
    assert counts(gone, Fate.DELETED) == {
        Thing.ACCESS: 1,
        Thing.OBSERVATIONS: 2,
        Thing.RAW_PAGES: 2,
        Thing.WEBHOOKS: 0,
    }
    assert (gone.revocation, gone.revoked_at) == (kept.revocation, kept.revoked_at)


async def test_a_consent_that_was_gone_already_is_called_that(world: World) -> None:
    linked = await read(world)
    world.bank.revoke_troubles = [GONE]
    await world.disconnect(linked)
    await world.work()

    assert (await receipt(world, linked)).revocation is Ending.GONE_ALREADY


@pytest.mark.parametrize("erase", [True, False])
async def test_a_process_that_dies_at_any_step_leaves_the_same_receipt(*, erase: bool) -> None:
    whole = World()
    linked = await read(whole)
    await whole.disconnect(linked, erase=erase)
    await whole.work()
    expected = (await receipt(whole, linked)).lines
    for steps in range(1_000):
        world = World()
        linked = await read(world)
        await world.disconnect(linked, erase=erase)
        world.live_for(steps)
        try:
            await world.work()
        except DeathError:
            view = await receipt(world, linked)
            if view.state is ReceiptState.REVOKING:
                assert list(view.lines) == [], "nothing is said that has not happened"
                assert len(world.jobs(RevokeConnectionJob)) == 1
            await world.survive()
        else:
            assert steps > 10
            return
        view = await receipt(world, linked)
        assert view.lines == expected, steps
        assert 1 <= view.tries <= 2
    raise AssertionError("the story has no end")


async def test_an_access_that_only_we_cannot_read_is_not_called_gone(world: World) -> None:
    linked = await read(world)
    unreadable = AccessUnreadableError("plaid")
    world.bank.fetch_troubles = [unreadable]
    await world.ask_for_sync(linked)
    await world.work()

    world.bank.revoke_troubles = [unreadable]
    await world.disconnect(linked)
    await world.work()

    view = await receipt(world, linked)
    assert (view.revocation, view.revoked_at) == (Ending.NOT_CONFIRMED, None)
