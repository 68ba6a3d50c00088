"""After a login error nobody asks the bank again until the person has signed in."""

from datetime import timedelta

import pytest

from adapters.memory.connections.receipts import MemoryReceiptsReader
from application.connections.consent.jobs import RevokeFormerJob
from application.connections.consent.receipts import Ending
from application.connections.gateway import (
    AccessGoneError,
    LinkBrokenError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from application.connections.jobs import KeepInStepJob, SyncConnectionJob
from application.shared.receipts import Thing
from domain.connections.connection import ConnectionStatus
from domain.connections.errors import ConsentLapsedError
from domain.connections.webhook import Happening
from domain.shared.secret import Secret
from tests.support.observations import pages
from tests.unit.connections.consent.told import Told
from tests.unit.connections.world import ANNA

REFUSALS = [
    RenewalRequiredError("tink", "SESSION_EXPIRED"),
    RenewalRequiredError("plaid", "ITEM_LOGIN_REQUIRED"),
    LinkBrokenError("plaid", "INSTITUTION_NO_LONGER_SUPPORTED"),
    AccessGoneError("plaid", "ITEM_NOT_FOUND"),
]
DAYS = 3


async def lapsed(told: Told, error: Exception) -> int:
    """How often the bank was asked by the time it had refused."""
    told.world.bank.says(*pages(2))
    await told.links()
    told.world.bank.lapsed = error
    await told.syncs()
    assert told.connection.status is ConnectionStatus.REQUIRES_RENEWAL
    return told.world.bank.requests


@pytest.mark.parametrize("error", REFUSALS, ids=lambda error: type(error).__name__)
async def test_one_refusal_is_one_request_and_then_there_is_silence(
    told: Told, error: Exception
) -> None:
    await told.links()
    before = told.world.bank.requests
    told.world.bank.lapsed = error
    await told.syncs()
    assert told.world.bank.requests == before + 1
    assert told.world.jobs(SyncConnectionJob) == []

    for _ in range(DAYS * 24):
        told.world.clock.forward(hours=1)
        await told.hour()
        await told.hears(Happening.TRANSACTIONS_CHANGED)
        await told.hears(Happening.SIGN_IN_REQUIRED)

    assert told.world.bank.requests == before + 1
    assert told.world.jobs(SyncConnectionJob) == []
    assert told.world.jobs(KeepInStepJob) == []


async def test_a_person_who_asks_for_a_sync_is_told_to_renew_and_the_bank_is_not_asked(
    told: Told,
) -> None:
    asked = await lapsed(told, REFUSALS[0])

    with pytest.raises(ConsentLapsedError):
        await told.syncs()

    assert told.world.bank.requests == asked


async def test_a_renewal_brings_it_back_with_exactly_one_sync_and_its_rhythm(told: Told) -> None:
    await lapsed(told, REFUSALS[0])
    started = await told.world.renew(told.id)
    await told.world.come_back(started.state)
    waiting = told.world.jobs(SyncConnectionJob)
    assert len(waiting) == 1
    before = len(told.world.bank.pages_asked)

    await told.world.work()
    await told.hour()

    assert told.connection.status is ConnectionStatus.ACTIVE
    assert len(told.world.bank.pages_asked) == before + 1
    assert told.world.audited().count("connections.synced") == 2
    assert len(told.world.jobs(KeepInStepJob)) == 1


async def test_a_repaired_sign_in_brings_it_back_with_exactly_one_sync_and_its_rhythm(
    told: Told,
) -> None:
    await lapsed(told, REFUSALS[1])
    told.world.clock.forward(days=2)
    told.world.bank.lapsed = None
    before = len(told.world.bank.pages_asked)

    await told.hears(Happening.SIGN_IN_REPAIRED)
    await told.hour()

    assert told.connection.status is ConnectionStatus.ACTIVE
    assert len(told.world.bank.pages_asked) == before + 1
    assert len(told.world.jobs(KeepInStepJob)) == 1


async def test_a_repair_that_is_none_costs_one_question_and_is_quiet_again(told: Told) -> None:
    asked = await lapsed(told, REFUSALS[1])

    await told.hears(Happening.SIGN_IN_REPAIRED)
    assert told.world.bank.requests == asked + 1
    await told.hours(24)

    assert told.world.bank.requests == asked + 1
    assert told.connection.status is ConnectionStatus.REQUIRES_RENEWAL


async def test_what_is_gone_at_the_provider_is_not_brought_back_by_its_word(told: Told) -> None:
    asked = await lapsed(told, REFUSALS[3])
    told.world.bank.lapsed = None

    await told.hears(Happening.SIGN_IN_REPAIRED)

    assert told.world.bank.requests == asked
    assert told.connection.status is ConnectionStatus.REQUIRES_RENEWAL


async def test_tinks_word_that_the_link_was_refreshed_since_brings_it_back(told: Told) -> None:
    asked = await lapsed(told, REFUSALS[0])
    lapsed_at = told.connection.lapsed_at
    assert lapsed_at is not None
    told.world.clock.forward(hours=2)

    await told.hears(Happening.TRANSACTIONS_CHANGED, at=lapsed_at - timedelta(seconds=1))
    assert told.world.bank.requests == asked, "older than the refusal, only late"

    told.world.bank.lapsed = None
    await told.hears(Happening.TRANSACTIONS_CHANGED, at=lapsed_at + timedelta(hours=1))
    assert told.connection.status is ConnectionStatus.ACTIVE


# What a renewal replaces


async def test_a_renewal_under_a_new_name_ends_the_old_consent_at_the_provider(told: Told) -> None:
    await lapsed(told, REFUSALS[0])
    former = told.world.accesses[told.id]
    told.world.bank.external_id = "login-2"
    started = await told.world.renew(told.id)
    await told.world.come_back(started.state)
    told.world.bank.revoke_troubles = [None]

    await told.world.work()

    assert told.world.bank.revoked == [former]
    assert list(told.world.accesses) == [told.id], "nothing is left that opens the old one"
    assert told.world.accesses[told.id] != former
    assert "connections.former_revoked" in told.world.audited()


async def moved_and_left_behind(told: Told) -> Secret:
    """Renewed under a new name, while whatever was to end the former consent has died."""
    await lapsed(told, REFUSALS[0])
    former = told.world.accesses[told.id]
    told.world.bank.external_id, told.world.bank.lapsed = "login-2", None
    started = await told.world.renew(told.id)
    await told.world.come_back(started.state)
    told.world.lose_jobs(RevokeFormerJob)
    await told.world.work()
    assert (told.world.bank.revoked, len(told.world.accesses)) == ([], 2)
    return former


async def test_a_former_consent_whose_job_died_is_ended_by_the_rhythm(told: Told) -> None:
    former = await moved_and_left_behind(told)

    await told.hours(7)

    assert told.world.bank.revoked == [former]
    assert list(told.world.accesses) == [told.id]
    assert told.world.jobs(RevokeFormerJob) == []


async def test_a_former_consent_whose_job_died_is_ended_with_the_withdrawal(told: Told) -> None:
    former = await moved_and_left_behind(told)
    now = told.world.accesses[told.id]
    await told.world.disconnect(told.id)
    told.world.bank.revoke_troubles = [None, ProviderUnavailableError("tink", "500")]
    claimed = await told.world.claim()
    with pytest.raises(ProviderUnavailableError):
        await told.world.run(claimed)
    assert len(told.world.accesses) == 2, "all are kept until all are ended"

    told.world.bank.revoke_troubles = [AccessGoneError("tink", "NOT_FOUND"), None]
    await told.world.run(await told.world.again(claimed))

    assert {one.reveal() for one in told.world.bank.revoked} == {former.reveal(), now.reveal()}
    assert dict(told.world.accesses) == {}
    view = await MemoryReceiptsReader(told.world.database.tables).get(ANNA, told.id)
    assert {line.thing: line.count for line in view.lines}[Thing.ACCESS] == 2
    assert view.revocation is Ending.CONFIRMED


async def test_renewed_again_and_again_each_former_consent_has_its_own_name(told: Told) -> None:
    former = [await moved_and_left_behind(told)]
    for n in range(3, 6):
        former.append(told.world.accesses[told.id])
        told.world.bank.external_id = f"login-{n}"
        started = await told.world.renew(told.id)
        await told.world.come_back(started.state)
    await told.hours(7)

    assert {one.reveal() for one in told.world.bank.revoked} == {one.reveal() for one in former}
    assert list(told.world.accesses) == [told.id]


async def test_a_renewal_under_the_same_name_revokes_nothing(told: Told) -> None:
    await lapsed(told, REFUSALS[0])
    started = await told.world.renew(told.id)
    await told.world.come_back(started.state)
    await told.world.work()

    assert told.world.bank.revoked == []
