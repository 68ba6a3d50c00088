from dataclasses import replace

import pytest

from adapters.memory.connections.rows import ATTEMPTS
from application.connections.gateway import (
    Granted,
    LinkAgainError,
    LinkCancelledError,
    LinkRefusedError,
    ProviderUnavailableError,
)
from application.connections.jobs import KeepInStepJob, SyncConnectionJob
from application.connections.keep_link import LinkOutcome
from domain.connections.attempt import AttemptStatus
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import (
    BankLinkTakenError,
    LinkInProgressError,
    StateExpiredError,
    StateInvalidError,
    StateUsedError,
)
from domain.connections.provider import Provider
from domain.shared.events import ConnectionLinked
from domain.shared.ids import ExternalId
from domain.shared.secret import Secret
from tests.support.clock import NOON
from tests.unit.connections.world import ANNA, BJORN, World

DOWN = ProviderUnavailableError("tink", "500")


class PowerCutError(Exception):
    """The process ends here."""


async def test_a_link_leaves_a_connection_its_access_an_event_and_a_sync(world: World) -> None:
    connection = await world.link()

    assert connection.owner == ANNA
    assert connection.status is ConnectionStatus.ACTIVE
    assert connection.institution == "Fjordbank"
    assert world.accesses[connection.id] == Secret("access-login-1-1")
    assert world.events == [ConnectionLinked(ANNA, connection.id)]
    assert len(world.jobs(SyncConnectionJob)) == 1
    assert len(world.jobs(KeepInStepJob)) == 1
    assert world.attempt.status is AttemptStatus.LINKED
    assert world.audited() == ["connections.link_started", "connections.linked"]


async def test_the_state_itself_is_nowhere_kept(world: World) -> None:
    started = await world.start()

    assert started.state.reveal() not in repr(world.database.tables)
    assert len(world.attempt.state_digest) == 32


async def test_a_state_is_good_for_one_link(world: World) -> None:
    started = await world.start()
    await world.come_back(started.state)

    with pytest.raises(StateUsedError):
        await world.come_back(started.state)
    assert len(world.connections) == 1


async def test_a_state_is_good_for_ten_minutes(world: World) -> None:
    started = await world.start()
    world.clock.forward(minutes=10)

    with pytest.raises(StateExpiredError):
        await world.come_back(started.state)
    assert world.bank.exchanges == 0


@pytest.mark.parametrize("forged", ["", ".", "abc", "abc.def", "å.ø", "x" * 1000])
async def test_a_forged_state_is_refused(world: World, forged: str) -> None:
    with pytest.raises(StateInvalidError):
        await world.come_back(Secret(forged))


async def test_a_changed_state_is_refused(world: World) -> None:
    state = (await world.start()).state.reveal()

    for at in (0, len(state) // 2, len(state) - 1):
        changed = state[:at] + ("0" if state[at] != "0" else "1") + state[at + 1 :]
        with pytest.raises(StateInvalidError):
            await world.come_back(Secret(changed))


async def test_another_persons_state_is_as_good_as_forged(world: World) -> None:
    started = await world.start(ANNA)

    with pytest.raises(StateInvalidError):
        await world.come_back(started.state, BJORN)
    assert world.attempt.status is AttemptStatus.ISSUED


async def test_a_state_that_was_signed_but_forgotten_is_refused(world: World) -> None:
    state = world.states.issue(ANNA, Provider.TINK)

    with pytest.raises(StateInvalidError):
        await world.come_back(state)


async def test_a_change_of_mind_at_the_bank_ends_the_attempt(world: World) -> None:
    started = await world.start()

    with pytest.raises(LinkCancelledError):
        await world.come_back(started.state, error="USER_CANCELLED")

    assert world.attempt.status is AttemptStatus.FAILED
    assert world.attempt.failure == "link_cancelled"
    assert world.connections == []
    assert world.audited()[-1] == "connections.link_failed"


@pytest.mark.parametrize(
    "error", [LinkRefusedError("no accounts", "NO_ACCOUNTS"), LinkAgainError("too old")]
)
async def test_a_refusal_ends_the_attempt(world: World, error: Exception) -> None:
    started = await world.start()
    world.bank.exchange_troubles = [error]

    with pytest.raises(type(error)):
        await world.come_back(started.state)
    with pytest.raises(StateUsedError):
        await world.come_back(started.state)


async def test_a_provider_that_is_down_can_be_asked_again_with_the_same_return(
    world: World,
) -> None:
    started = await world.start()
    world.bank.exchange_troubles = [DOWN]

    with pytest.raises(ProviderUnavailableError):
        await world.come_back(started.state)
    report = await world.come_back(started.state)

    assert report.outcome is LinkOutcome.LINKED


async def test_two_returns_at_once_exchange_once(world: World) -> None:
    started = await world.start()
    world.bank.exchange_troubles = [PowerCutError()]
    with pytest.raises(PowerCutError):
        await world.come_back(started.state)  # as if it was still busy

    with pytest.raises(LinkInProgressError):
        await world.come_back(started.state)
    assert world.bank.exchanges == 1


async def test_an_exchange_that_was_cut_off_is_resumed_where_that_is_possible(
    world: World,
) -> None:
    started = await world.start()
    world.bank.exchange_troubles = [PowerCutError()]
    with pytest.raises(PowerCutError):
        await world.come_back(started.state)
    world.clock.forward(seconds=31)

    report = await world.come_back(started.state)

    assert report.outcome is LinkOutcome.LINKED
    assert world.attempt.status is AttemptStatus.LINKED


async def test_an_exchange_that_was_cut_off_is_not_resumed_with_another_return(
    world: World,
) -> None:
    started = await world.start()
    world.bank.exchange_troubles = [PowerCutError()]
    with pytest.raises(PowerCutError):
        await world.come_back(started.state)
    world.clock.forward(seconds=31)

    with pytest.raises(LinkAgainError):
        await world.come_back(started.state, credentials_id="c-of-somebody")
    assert world.attempt.status is AttemptStatus.FAILED


async def test_an_exchange_that_is_good_once_asks_to_link_again_after_a_crash(
    world: World,
) -> None:
    world.bank.exchange_repeatable = False
    started = await world.start()
    world.bank.exchange_troubles = [PowerCutError()]
    with pytest.raises(PowerCutError):
        await world.come_back(started.state)
    world.clock.forward(seconds=31)

    with pytest.raises(LinkAgainError):
        await world.come_back(started.state)

    assert world.bank.exchanges == 1
    assert world.attempt.failure == "exchange_cut_off"
    assert world.audited()[-1] == "connections.link_failed"


async def test_whoever_was_slow_finds_that_another_request_has_finished(world: World) -> None:
    started = await world.start()
    world.bank.exchange_troubles = [PowerCutError()]
    with pytest.raises(PowerCutError):
        await world.come_back(started.state)
    slow = world.attempt
    world.clock.forward(seconds=31)
    await world.come_back(started.state)

    granted = Granted(Secret("late"), ExternalId("login-9"), None, None)
    with pytest.raises(StateUsedError):
        await world.complete.keep(slow, granted)
    assert len(world.connections) == 1


async def test_the_same_bank_login_linked_twice_is_one_connection(world: World) -> None:
    first = await world.link()
    started = await world.start()
    report = await world.come_back(started.state)

    assert report.outcome is LinkOutcome.RENEWED
    assert report.connection.id == first.id
    assert len(world.connections) == 1
    assert world.accesses[first.id] == Secret("access-login-1-2")


async def test_a_bank_login_of_somebody_else_is_refused_without_saying_whose(
    world: World,
) -> None:
    await world.link(BJORN)
    started = await world.start(ANNA)

    with pytest.raises(BankLinkTakenError) as refused:
        await world.come_back(started.state, ANNA)

    assert str(BJORN) not in str(refused.value)
    assert [one.owner for one in world.connections] == [BJORN]
    assert world.attempt.status is AttemptStatus.FAILED


async def test_a_renewal_wakes_the_connection_up(world: World) -> None:
    connection = await world.link()
    lapsed = replace(
        connection.consent_lapsed("renewal_required", NOON), version=connection.version
    )
    async with world.begin(ANNA) as tx:
        await tx.connections.save(lapsed)
        await tx.commit()

    started = await world.renew(connection.id)
    report = await world.come_back(started.state)

    assert world.bank.renewals_asked[-1] == Secret("access-login-1-1")
    assert report.outcome is LinkOutcome.RENEWED
    assert world.connection(connection.id).status is ConnectionStatus.ACTIVE
    assert world.connection(connection.id).last_error is None


async def test_a_renewal_under_a_new_name_goes_on_with_the_same_history(world: World) -> None:
    world.bank.says(*[])
    connection = await world.link()
    await world.work()
    world.bank.external_id = "login-2"

    started = await world.renew(connection.id)
    report = await world.come_back(started.state)

    moved = world.connection(connection.id)
    assert report.outcome is LinkOutcome.MOVED
    assert moved.external_id == "login-2"
    assert moved.feed_id == connection.feed_id
    assert moved.cursor is None


async def test_a_renewal_at_another_bank_is_another_connection(world: World) -> None:
    connection = await world.link()
    world.bank.external_id, world.bank.institution = "login-2", "Sparebanken"

    started = await world.renew(connection.id)
    report = await world.come_back(started.state)

    assert report.outcome is LinkOutcome.LINKED
    assert report.connection.id != connection.id
    assert world.connection(connection.id).external_id == "login-1"


async def test_what_the_provider_knows_of_the_bank_outweighs_its_name(world: World) -> None:
    connection = await world.link()

    world.bank.external_id, world.bank.institution = "login-2", "Fjordbank, formerly Fjord"
    world.bank.same_bank = True
    started = await world.renew(connection.id)
    moved = await world.come_back(started.state)
    assert (moved.outcome, moved.connection.id) == (LinkOutcome.MOVED, connection.id)

    world.bank.external_id = "login-3"  # of another bank that calls itself the same
    world.bank.same_bank = False
    started = await world.renew(connection.id)
    linked = await world.come_back(started.state)
    assert linked.outcome is LinkOutcome.LINKED
    assert linked.connection.id != connection.id


async def test_attempts_are_forgotten_after_a_month(world: World) -> None:
    await world.start()
    world.clock.forward(days=31)
    started = await world.start()

    assert world.attempt.id == started.attempt_id
    assert len(world.database.tables.of(ATTEMPTS)) == 1
