"""What a person is told of a consent: once, whatever repeats, is late, or dies half-way."""

from datetime import timedelta

import pytest

from application.connections.consent.jobs import LookAtConsentJob
from application.connections.gateway import (
    AccessGoneError,
    LinkBrokenError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from domain.connections.connection import ConnectionStatus
from domain.connections.webhook import Happening
from domain.shared.notices import NoticeKind
from tests.support.mortal import DeathError
from tests.unit.connections.consent.told import HOURS_A_WEEK, UNTIL, Told
from tests.unit.connections.world import ANNA

SIGN_IN = RenewalRequiredError("tink", "SESSION_EXPIRED")
REVOKED = RenewalRequiredError("plaid", "USER_PERMISSION_REVOKED", withdrawn=True)
GONE = AccessGoneError("plaid", "ITEM_NOT_FOUND")
NOTHING_THERE = LinkBrokenError("plaid", "NO_ACCOUNTS")
OFFERED, REQUIRED = NoticeKind.RENEWAL_OFFERED, NoticeKind.RENEWAL_REQUIRED
EXPIRED, WITHDRAWN = NoticeKind.CONSENT_EXPIRED, NoticeKind.ACCESS_WITHDRAWN_AT_BANK


async def test_an_offer_is_made_a_week_before_the_end_and_once(told: Told) -> None:
    await told.links()
    told.world.clock.at = UNTIL - timedelta(days=7, hours=1)
    await told.hour()
    assert told.kinds == []

    await told.hours(HOURS_A_WEEK - 1)

    assert told.kinds == [OFFERED]
    assert told.mails == [OFFERED]


async def test_whoever_comes_late_makes_the_offer_all_the_same(told: Told) -> None:
    await told.links()
    told.world.clock.at = UNTIL - timedelta(hours=3)

    await told.hour()

    assert told.kinds == [OFFERED]


async def test_who_is_far_from_their_end_is_not_even_looked_at(told: Told) -> None:
    await told.links()
    told.world.clock.forward(days=30)
    before = told.connection

    await told.hour()

    assert told.world.jobs(LookAtConsentJob) == []
    assert told.connection.granted_at == before.granted_at


async def test_a_date_the_bank_prolongs_is_offered_again_at_its_new_end(told: Told) -> None:
    await told.links()
    told.world.clock.at = UNTIL - timedelta(days=5)
    await told.hour()
    told.world.bank.consent_until = UNTIL + timedelta(days=90)
    await told.syncs()
    told.world.clock.at = UNTIL + timedelta(days=90 - 5)
    await told.hour()

    assert told.kinds == [OFFERED, OFFERED]


async def test_a_renewal_takes_the_offer_back_and_the_next_end_brings_a_new_one(
    told: Told,
) -> None:
    await told.links()
    told.world.clock.at = UNTIL - timedelta(days=5)
    await told.hour()
    told.world.bank.consent_until = UNTIL + timedelta(days=90)
    started = await told.world.renew(told.id)
    await told.world.come_back(started.state)
    await told.hours(24)
    assert told.kinds == [OFFERED]

    told.world.clock.at = UNTIL + timedelta(days=85)
    await told.hour()

    assert told.kinds == [OFFERED, OFFERED]


async def test_at_its_end_the_bank_is_asked_once_and_its_word_counts(told: Told) -> None:
    await told.links()
    told.world.clock.at = UNTIL - timedelta(hours=1)
    await told.syncs()
    await told.hour()
    asked = told.world.bank.requests
    told.world.bank.lapsed = SIGN_IN
    told.world.clock.at = UNTIL

    await told.hours(5)

    assert told.kinds == [OFFERED, EXPIRED]
    assert told.world.bank.requests == asked + 1
    assert told.connection.status is ConnectionStatus.REQUIRES_RENEWAL


async def test_a_bank_that_holds_on_after_its_date_is_read_on_and_nobody_is_alarmed(
    told: Told,
) -> None:
    await told.links()
    told.world.clock.at = UNTIL - timedelta(hours=1)
    await told.hour()

    await told.hours(48)

    assert told.kinds == [OFFERED]
    assert told.connection.status is ConnectionStatus.ACTIVE


@pytest.mark.parametrize(
    ("error", "kind"),
    [(SIGN_IN, REQUIRED), (NOTHING_THERE, REQUIRED), (REVOKED, WITHDRAWN), (GONE, WITHDRAWN)],
)
async def test_each_kind_of_refusal_is_told_once(
    told: Told, error: Exception, kind: NoticeKind
) -> None:
    await told.links()
    told.world.bank.lapsed = error
    await told.syncs()

    for _ in range(3):
        await told.hears(Happening.SIGN_IN_REQUIRED)
        await told.hours(7)

    assert told.kinds == [kind]
    assert told.mails == [kind]


async def test_news_that_comes_twice_and_late_tells_nothing_twice(told: Told) -> None:
    """ERROR, LOGIN_REPAIRED and ERROR again, shuffled and doubled, while the bank still refuses."""
    await told.links()
    told.world.bank.lapsed = SIGN_IN
    for happening in (
        Happening.SIGN_IN_REQUIRED,
        Happening.SIGN_IN_REPAIRED,
        Happening.SIGN_IN_REPAIRED,
        Happening.CONSENT_ENDS_SOON,
        Happening.SIGN_IN_REQUIRED,
        Happening.SIGN_IN_REPAIRED,
    ):
        await told.hears(happening)

    assert told.kinds == [REQUIRED]
    assert told.connection.status is ConnectionStatus.REQUIRES_RENEWAL


async def test_a_second_lapse_after_a_confirmed_repair_is_told_again(told: Told) -> None:
    await told.links()
    told.world.bank.lapsed = SIGN_IN
    await told.syncs()
    told.world.clock.forward(days=1)
    told.world.bank.lapsed = None
    await told.hears(Happening.SIGN_IN_REPAIRED)
    assert told.connection.status is ConnectionStatus.ACTIVE
    told.world.clock.forward(days=1)
    told.world.bank.lapsed = SIGN_IN
    await told.syncs()

    assert told.kinds == [REQUIRED, REQUIRED]


async def test_a_bank_that_is_merely_down_is_nothing_to_tell(told: Told) -> None:
    await told.links()
    told.world.bank.fetch_troubles = [ProviderUnavailableError("tink", "500")]
    with pytest.raises(ProviderUnavailableError):
        await told.syncs()

    assert told.connection.status is ConnectionStatus.DEGRADED
    assert told.kinds == []


@pytest.mark.parametrize("erase", [True, False])
async def test_the_end_of_a_withdrawal_is_told_once(told: Told, *, erase: bool) -> None:
    await told.links()
    await told.world.disconnect(told.id)
    assert told.kinds == [], "not before the provider has confirmed"
    await told.world.work()
    await told.world.disconnect(told.id, erase=erase)
    await told.world.work()

    assert told.kinds == [NoticeKind.DISCONNECTED]
    await told.hours(3)
    assert told.kinds == [NoticeKind.DISCONNECTED], "no offer for what has ended"


@pytest.mark.parametrize("story", ["offer", "lapse", "end"])
async def test_a_process_that_dies_at_any_step_has_told_it_once(story: str) -> None:
    for steps in range(1_000):
        told = Told()
        await told.links()
        world = told.world
        match story:
            case "offer":
                world.clock.at = UNTIL - timedelta(days=5)
                async with world.begin(ANNA) as tx:
                    await tx.jobs.enqueue(LookAtConsentJob(user_id=ANNA, connection_id=told.id))
                    await tx.commit()
            case "lapse":
                world.bank.lapsed = SIGN_IN
                await world.ask_for_sync(told.id)
            case _:
                await world.disconnect(told.id, erase=True)
        world.live_for(steps)
        try:
            await world.work()
        except DeathError:
            await world.survive()
        else:
            assert steps > 10
            return
        assert len(told.kinds) == len(told.mails) == 1, steps
    raise AssertionError("the story has no end")
