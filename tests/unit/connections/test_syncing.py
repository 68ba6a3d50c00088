from datetime import timedelta

import pytest

from adapters.memory.database import AUDIT_CHAINS
from application.connections.consent.ending import PATIENCE
from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from application.connections.jobs import (
    FindOutOfStepJob,
    KeepInStepJob,
    PurgeRawPagesJob,
    RevokeConnectionJob,
    SyncConnectionJob,
)
from application.connections.keep_in_step import Step
from application.connections.rhythm import Rhythm
from application.connections.sync_connection import SyncLimits, SyncOutcome, SyncReport
from application.connections.sync_setback import SyncSetback
from application.shared.jobs import LeaseLostError
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import ConsentLapsedError
from domain.shared.events import ConnectionLinked, FeedReceived
from tests.support.observations import a_page, pages
from tests.unit.connections.world import ANNA, World

DOWN = ProviderUnavailableError("tink", "500", retry_after_s=7)
ONE_PAGE_AT_A_TIME = SyncLimits(pages=1)


async def test_a_whole_update_is_numbered_kept_and_announced(world: World) -> None:
    connection = await world.link()
    world.bank.says(*pages(3))

    reports = await world.work()

    assert reports == [SyncReport(SyncOutcome.SYNCED, number=1, transactions=3)]
    assert await world.received(connection.feed_id, 1) == pages(3)
    assert world.events[-1] == FeedReceived(ANNA, connection.feed_id, 1)
    synced = world.connection(connection.id)
    assert (synced.cursor, synced.synced_at) == ("3", world.clock.now())
    assert (synced.wanted, synced.served) == (1, 1)
    assert world.audited()[-1] == "connections.synced"


async def test_the_next_update_begins_where_the_last_one_ended(world: World) -> None:
    connection = await world.link()
    world.bank.says(a_page("a"))
    await world.work()
    world.bank.says(a_page("b"))
    await world.ask_for_sync(connection.id)

    await world.work()

    assert await world.received(connection.feed_id, 1) == [a_page("a")]
    assert await world.received(connection.feed_id, 2) == [a_page("b")]


async def test_the_date_of_the_consent_follows_the_provider(world: World) -> None:
    connection = await world.link()
    await world.work()
    world.bank.consent_until = world.clock.now() + timedelta(days=180)
    await world.ask_for_sync(connection.id)
    await world.work()
    assert world.connection(connection.id).consent_expires_at == world.bank.consent_until

    told, world.bank.consent_until = world.bank.consent_until, None
    await world.ask_for_sync(connection.id)
    await world.work()
    assert world.connection(connection.id).consent_expires_at == told


async def test_a_bank_with_nothing_to_say_needs_no_number(world: World) -> None:
    connection = await world.link()

    (report,) = await world.work()

    assert report == SyncReport(SyncOutcome.SYNCED, number=None)
    assert world.events == [ConnectionLinked(ANNA, connection.id)]
    assert world.updates_kept() == 0
    assert world.connection(connection.id).synced_at == world.clock.now()


async def test_an_outage_is_shown_and_costs_nothing_that_was_fetched(world: World) -> None:
    world.limits = ONE_PAGE_AT_A_TIME
    connection = await world.link()
    world.bank.says(*pages(4))
    world.bank.fetch_troubles = [None, None, DOWN]
    claimed = await world.claim()

    with pytest.raises(ProviderUnavailableError) as down:
        await world.run(claimed)

    assert down.value.retry_after_s == 7
    assert world.connection(connection.id).status is ConnectionStatus.DEGRADED
    assert world.connection(connection.id).last_error == "provider_unavailable"
    assert world.audited()[-1] == "connections.sync_failed"

    world.bank.pages_asked.clear()
    await world.run(await world.again(claimed))

    assert world.bank.pages_asked == [(None, "2"), (None, "3")]
    assert await world.received(connection.feed_id, 1) == pages(4)
    assert world.connection(connection.id).status is ConnectionStatus.ACTIVE
    assert world.connection(connection.id).last_error is None


@pytest.mark.parametrize(
    "limits",
    [
        SyncLimits(pages=1),
        SyncLimits(pages=100, raw_bytes=1),
        SyncLimits(pages=100, seconds=0),
    ],
)
async def test_pages_are_committed_by_number_by_size_and_by_time(
    world: World, limits: SyncLimits
) -> None:
    world.limits = limits
    await world.link()
    world.bank.says(*pages(4))
    world.bank.fetch_troubles = [None, None, DOWN]
    claimed = await world.claim()
    with pytest.raises(ProviderUnavailableError):
        await world.run(claimed)
    world.bank.pages_asked.clear()

    await world.run(await world.again(claimed))

    assert world.bank.pages_asked == [(None, "2"), (None, "3")]


async def test_a_long_outage_is_one_line_in_the_trail(world: World) -> None:
    await world.link()
    world.bank.fetch_troubles = [DOWN] * 3
    claimed = await world.claim()
    for _ in range(3):
        with pytest.raises(ProviderUnavailableError):
            await world.run(claimed)
        claimed = await world.again(claimed)

    assert world.audited().count("connections.sync_failed") == 1


async def test_a_provider_that_changes_its_mind_costs_a_discarded_update(world: World) -> None:
    world.limits = ONE_PAGE_AT_A_TIME
    connection = await world.link()
    world.bank.says(*pages(3))
    world.bank.fetch_troubles = [None, None, UpdateChangedError("mutation")]

    (report,) = await world.work()

    assert report == SyncReport(SyncOutcome.SYNCED, number=1, transactions=3)
    assert await world.received(connection.feed_id, 1) == pages(3)
    assert world.updates_kept() == 1


async def test_a_provider_that_keeps_changing_its_mind_is_given_time(world: World) -> None:
    world.limits = ONE_PAGE_AT_A_TIME
    connection = await world.link()
    world.bank.says(*pages(3))
    world.bank.fetch_troubles = [None, UpdateChangedError("mutation")] * 5

    with pytest.raises(UpdateChangedError) as raised:
        await world.work()
    found = world.connection(connection.id)
    assert (found.served, found.status) == (0, ConnectionStatus.DEGRADED)
    # Each page that was kept has made the attempt look like the first one: the error has to say.
    assert raised.value.retry_after_s == 300


async def test_a_wish_that_met_a_sync_about_to_end_unwanted_is_not_lost(world: World) -> None:
    connection = await world.link()
    claimed = await world.claim()
    job = SyncConnectionJob(user_id=ANNA, connection_id=connection.id)

    # It found nothing to be read; then the person renewed, and their wish found this very job.
    await SyncSetback(world.begin, world.clock).not_wanted(job, claimed.lease)

    assert len(world.jobs(SyncConnectionJob)) == 1
    assert await world.work() == [SyncReport(SyncOutcome.SYNCED)]


async def test_a_feed_that_is_not_ready_is_looked_at_again_soon(world: World) -> None:
    connection = await world.link()
    world.bank.says(*pages(1))
    world.bank.fetch_troubles = [FeedNotReadyError("soon"), FeedNotReadyError("soon")]

    assert await world.work() == [SyncReport(SyncOutcome.NOT_READY)]
    world.clock.forward(seconds=2)
    assert await world.work() == [SyncReport(SyncOutcome.NOT_READY)]
    assert world.connection(connection.id).served == 0
    world.clock.forward(seconds=3)
    assert await world.work() == []
    world.clock.forward(seconds=1)
    (report,) = await world.work()

    assert report == SyncReport(SyncOutcome.SYNCED, number=1, transactions=1)


@pytest.mark.parametrize(
    "error", [RenewalRequiredError("tink", "SESSION"), AccessGoneError("tink", "GONE")]
)
async def test_a_consent_that_lapsed_waits_for_the_person_without_asking_again(
    world: World, error: Exception
) -> None:
    connection = await world.link()
    world.bank.fetch_troubles = [error]

    (report,) = await world.work()

    assert report == SyncReport(SyncOutcome.NEEDS_RENEWAL)
    assert world.connection(connection.id).status is ConnectionStatus.REQUIRES_RENEWAL
    assert world.jobs(SyncConnectionJob) == []
    assert world.audited()[-1] == "connections.consent_lapsed"
    with pytest.raises(ConsentLapsedError):
        await world.ask_for_sync(connection.id)


async def test_an_access_that_is_gone_for_good_is_forgotten_and_the_history_goes_on(
    world: World,
) -> None:
    connection = await world.link()
    world.bank.fetch_troubles = [AccessGoneError("plaid", "ITEM_NOT_FOUND")]
    await world.work()
    assert connection.id not in world.accesses

    world.bank.external_id = "login-2"
    started = await world.renew(connection.id)
    report = await world.come_back(started.state)

    assert report.connection.id == connection.id


async def test_a_renewal_during_a_sync_is_not_undone_by_the_old_consent(world: World) -> None:
    connection = await world.link()
    claimed = await world.claim()
    world.clock.forward(seconds=5)

    async def renewed_meanwhile() -> None:
        started = await world.renew(connection.id)
        await world.come_back(started.state)

    world.bank.fetch_troubles = [RenewalRequiredError("tink", "SESSION")]
    world.bank.before_fetch = renewed_meanwhile
    await world.run(claimed)

    assert world.connection(connection.id).status is ConnectionStatus.ACTIVE
    (report,) = await world.work()
    assert report == SyncReport(SyncOutcome.SYNCED, number=None)


async def test_a_wish_during_a_sync_is_served_by_another_one(world: World) -> None:
    connection = await world.link()
    world.bank.says(*pages(1))
    claimed = await world.claim()

    async def asked_meanwhile() -> None:
        job_id = await world.ask_for_sync(connection.id)
        assert job_id == claimed.lease.job_id  # one at a time

    world.bank.before_fetch = asked_meanwhile
    await world.run(claimed)

    assert world.connection(connection.id).served < world.connection(connection.id).wanted
    assert len(world.jobs(SyncConnectionJob)) == 1
    await world.work()
    done = world.connection(connection.id)
    assert done.served == done.wanted
    assert world.jobs(SyncConnectionJob) == []


async def test_a_wish_after_a_crash_is_not_taken_for_served_by_what_was_fetched_before(
    world: World,
) -> None:
    world.limits = ONE_PAGE_AT_A_TIME
    connection = await world.link()
    world.bank.says(*pages(3))
    world.bank.fetch_troubles = [None, DOWN]
    claimed = await world.claim()
    with pytest.raises(ProviderUnavailableError):
        await world.run(claimed)

    await world.ask_for_sync(connection.id)
    await world.run(await world.again(claimed))

    assert world.connection(connection.id).served == 1
    assert len(world.jobs(SyncConnectionJob)) == 1


async def test_a_worker_that_was_thought_dead_writes_nothing(world: World) -> None:
    connection = await world.link()
    world.bank.says(*pages(2))
    slow = await world.claim()
    world.clock.forward(minutes=1)
    await world.board.sweep()
    quick = await world.claim()
    await world.run(quick)

    with pytest.raises(LeaseLostError):
        await world.run(slow)
    assert await world.received(connection.feed_id, 1) == pages(2)
    assert await world.received(connection.feed_id, 2) is None


async def test_two_jobs_of_one_connection_never_mix_their_pages(world: World) -> None:
    world.limits = ONE_PAGE_AT_A_TIME
    connection = await world.link()
    world.bank.says(*pages(4))
    first = await world.claim()
    async with world.begin(ANNA) as tx:  # without its key, as nobody should
        await tx.jobs.enqueue(SyncConnectionJob(user_id=ANNA, connection_id=connection.id))
        await tx.commit()
    second = await world.claim()

    async def the_other_one() -> None:
        await world.run(second)

    world.bank.fetch_troubles = [None, None]
    world.bank.before_fetch = the_other_one
    await world.run(first)

    assert await world.received(connection.feed_id, 1) == pages(4)
    assert world.updates_kept() == 1


async def test_raw_pages_are_dropped_after_90_days_and_what_they_say_stays(
    world: World,
) -> None:
    connection = await world.link()
    world.bank.says(a_page("a"))
    await world.work()
    assert "Observations(accounts" in world.raw_kept()

    world.clock.forward(days=90)
    world.lose_jobs(KeepInStepJob)
    await world.work()

    assert not world.raw_kept()
    assert await world.received(connection.feed_id, 1) == [a_page("a")]
    assert world.jobs(PurgeRawPagesJob) == []


class TestRhythm:
    async def test_a_connection_is_synced_every_six_hours(self, world: World) -> None:
        connection = await world.link()
        await world.work()
        for _ in range(4):
            world.clock.forward(hours=6)
            await world.work()
            assert world.connection(connection.id).synced_at == world.clock.now()

    async def test_a_sync_in_between_moves_the_next_one(self, world: World) -> None:
        connection = await world.link()
        await world.work()
        world.clock.forward(hours=5)
        await world.ask_for_sync(connection.id)
        await world.work()
        asked_at = world.clock.now()

        world.clock.forward(hours=1)
        await world.work()
        assert world.connection(connection.id).synced_at == asked_at
        world.clock.forward(hours=5)
        await world.work()
        assert world.connection(connection.id).synced_at == world.clock.now()

    async def test_the_rhythm_is_the_installation_s_to_set(self, world: World) -> None:
        world.rhythm = Rhythm(timedelta(hours=24))
        await world.link()
        await world.work()

        world.clock.forward(hours=23)
        assert await world.work() == []
        world.clock.forward(hours=1)
        assert Step.SYNC in await world.work()

    async def test_a_rhythm_that_was_lost_is_found_within_an_hour(self, world: World) -> None:
        connection = await world.link()
        await world.work()
        world.lose_jobs(KeepInStepJob)
        world.clock.forward(hours=7)

        await self._house_round(world)

        assert world.connection(connection.id).synced_at == world.clock.now()
        assert len(world.jobs(KeepInStepJob)) == 1

    async def test_a_sync_that_died_is_begun_again(self, world: World) -> None:
        connection = await world.link()
        world.lose_jobs(SyncConnectionJob)
        world.lose_jobs(KeepInStepJob)

        await self._house_round(world)

        assert world.connection(connection.id).served == 1

    async def test_a_revocation_that_died_is_begun_again(self, world: World) -> None:
        connection = await world.link()
        await world.disconnect(connection.id)
        world.lose_jobs(RevokeConnectionJob)
        world.lose_jobs(KeepInStepJob)

        await self._house_round(world)

        assert world.connection(connection.id).status is ConnectionStatus.DISCONNECTED

    async def test_a_revocation_whose_jobs_all_die_ends_with_the_patience(
        self, world: World
    ) -> None:
        connection = await world.link()
        world.lose_jobs(SyncConnectionJob)
        await world.disconnect(connection.id)
        world.bank.revoke_troubles = [ProviderUnavailableError("tink", "500")] * 3
        with pytest.raises(ProviderUnavailableError):
            await self._house_round(world)
        world.lose_jobs(RevokeConnectionJob)
        world.lose_jobs(KeepInStepJob)
        assert world.connection(connection.id).status is ConnectionStatus.DISCONNECTING
        world.clock.at += PATIENCE

        await self._house_round(world)

        assert world.connection(connection.id).status is ConnectionStatus.DISCONNECTED
        assert world.accesses == {}

    async def test_a_connection_that_needs_its_person_is_left_alone(self, world: World) -> None:
        connection = await world.link()
        world.bank.fetch_troubles = [RenewalRequiredError("tink", "SESSION")]
        await world.work()
        asked = len(world.bank.pages_asked)

        world.clock.at += timedelta(days=2)
        await world.work()

        assert len(world.bank.pages_asked) == asked
        assert world.connection(connection.id).status is ConnectionStatus.REQUIRES_RENEWAL

    async def _house_round(self, world: World) -> None:
        async with world.begin(ANNA) as tx:
            await tx.jobs.enqueue(FindOutOfStepJob())
            await tx.commit()
        await world.work()


async def test_what_a_provider_says_and_cannot_be_kept_is_counted_in_the_trail(
    world: World,
) -> None:
    await world.link()
    world.bank.says(*pages(3))
    world.bank.left_out = ("impossible_day:t-9", "impossible_day:t-9")

    await world.work()

    (synced,) = [
        one
        for one in world.database.tables.of(AUDIT_CHAINS)[ANNA]
        if one.action == "connections.synced"
    ]
    assert b'"left_out":1' in synced.payload
