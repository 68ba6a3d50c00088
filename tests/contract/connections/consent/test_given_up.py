"""A present access that cannot be ended: the withdrawal comes to its end all the same."""

from datetime import timedelta

import pytest

from adapters.memory.bank import MemoryBank
from application.connections.banks import Banks
from application.connections.consent.ending import PATIENCE
from application.connections.consent.receipts import Ending, ReceiptsReader, ReceiptState
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.gateway import (
    AccessGoneError,
    LinkBrokenError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from application.connections.jobs import RevokeConnectionJob
from application.connections.ports import BeginConnectionsTx
from application.connections.revoke_connection import RevokeConnection, RevokeReport
from application.shared.cipher import SealBrokenError
from application.shared.jobs import LeasedJob
from application.shared.receipts import Part, kept
from application.shared.receipts import Why as Reason
from domain.connections.connection import ConnectionStatus
from domain.connections.former import former_ids
from domain.connections.provider import Provider
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.contract.connections.conftest import ANNA, Backend
from tests.contract.connections.test_repositories import HERS, a_connection, given
from tests.support.clock import FixedClock
from tests.support.torn_seals import Torn

ACCESS = Secret("opens her bank")
FORMER = Secret("opened her bank before")


class House:
    def __init__(self, backend: Backend, receipts: ReceiptsReader, clock: FixedClock) -> None:
        self.backend, self.receipts, self.clock = backend, receipts, clock
        self.bank = MemoryBank()

    async def linked(self) -> None:
        await given(self.backend, a_connection())
        async with self.backend.begin(ANNA) as tx:
            await tx.accesses.put(HERS, ACCESS)
            await tx.commit()

    async def withdraws(self, *, erase: bool = False) -> LeasedJob:
        await Disconnect(self.backend.begin)(DisconnectCommand(ANNA, HERS, erase))
        return await self.claim()

    async def claim(self) -> LeasedJob:
        claimed = await self.backend.board.claim(10)
        (job,) = [one for one in claimed if one.name == RevokeConnectionJob.name]
        return job

    async def again(self, job: LeasedJob) -> LeasedJob:
        await self.backend.board.retry(job.lease, self.clock.now(), "test")
        return await self.claim()

    async def revokes(
        self, job: LeasedJob, begin: BeginConnectionsTx | None = None
    ) -> RevokeReport:
        banks = Banks(dict.fromkeys(Provider, self.bank))
        revoke = RevokeConnection(begin or self.backend.begin, banks, self.clock)
        wish = RevokeConnectionJob(user_id=ANNA, connection_id=HERS, erase=False)
        return await revoke(wish, job.lease)

    async def cleared(self) -> None:
        """The ledger does its part."""
        async with self.backend.begin(ANNA) as tx:
            await tx.receipts.fill(HERS, Part.LEDGER, kept(Reason.NOT_ASKED, entries=1))
            await tx.commit()

    async def is_over(self) -> bool:
        async with self.backend.begin(ANNA) as tx:
            connection = await tx.connections.get(HERS)
            held = await tx.accesses.held([HERS, *former_ids(HERS)])
        return connection.status is ConnectionStatus.DISCONNECTED and not held


@pytest.fixture
async def house(backend: Backend, receipts: ReceiptsReader, clock: FixedClock) -> House:
    house = House(backend, receipts, clock)
    await house.linked()
    return house


async def test_what_can_never_be_opened_again_is_given_up_at_once(house: House) -> None:
    job = await house.withdraws()

    assert await house.revokes(job, Torn(house.backend.begin)) is RevokeReport.REVOKED

    assert await house.is_over()
    view = await house.receipts.get(ANNA, HERS)
    assert (view.state, view.revocation) == (ReceiptState.CLEARING, Ending.NOT_CONFIRMED)
    assert (view.revoked_at, view.last_error, view.tries) == (None, "seal_broken", 0)
    await house.cleared()
    assert (await house.receipts.get(ANNA, HERS)).state is ReceiptState.DONE


async def test_a_key_that_may_be_put_back_is_waited_for_and_then_no_more(house: House) -> None:
    locked = Torn(house.backend.begin, key_missing=True)
    job = await house.withdraws()
    with pytest.raises(SealBrokenError):
        await house.revokes(job, locked)
    view = await house.receipts.get(ANNA, HERS)
    assert (view.state, view.last_error) == (ReceiptState.REVOKING, "seal_broken")
    house.clock.forward(seconds=PATIENCE.total_seconds())

    assert await house.revokes(await house.again(job), locked) is RevokeReport.REVOKED

    assert await house.is_over()
    assert (await house.receipts.get(ANNA, HERS)).revocation is Ending.NOT_CONFIRMED


async def test_a_key_that_is_put_back_in_time_ends_it_as_usual(house: House) -> None:
    job = await house.withdraws()
    with pytest.raises(SealBrokenError):
        await house.revokes(job, Torn(house.backend.begin, key_missing=True))

    await house.revokes(await house.again(job))

    assert house.bank.revoked == [ACCESS]
    view = await house.receipts.get(ANNA, HERS)
    assert (view.revocation, view.last_error) == (Ending.CONFIRMED, None)


@pytest.mark.parametrize(
    "trouble",
    [ProviderUnavailableError("tink", "500"), ProviderMisconfiguredError("tink", "403")],
    ids=lambda one: one.code,
)
async def test_a_provider_that_never_does_as_it_is_asked_holds_nobody_up_for_good(
    house: House, trouble: DalerError
) -> None:
    house.bank.revoke_troubles = [trouble, trouble, trouble]
    job = await house.withdraws(erase=True)
    for wait in (timedelta(0), PATIENCE - timedelta(seconds=1)):
        house.clock.forward(seconds=wait.total_seconds())
        with pytest.raises(type(trouble)):
            await house.revokes(job)
        assert not await house.is_over()
        job = await house.again(job)
    house.clock.forward(seconds=1)

    assert await house.revokes(job) is RevokeReport.REVOKED

    assert await house.is_over()
    view = await house.receipts.get(ANNA, HERS)
    assert (view.revocation, view.revoked_at) == (Ending.NOT_CONFIRMED, None)
    assert (view.last_error, view.tries) == (trouble.code, 3)


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (AccessGoneError("plaid", "ITEM_NOT_FOUND"), Ending.GONE_ALREADY),
        (
            RenewalRequiredError("plaid", "USER_PERMISSION_REVOKED", withdrawn=True),
            Ending.GONE_ALREADY,
        ),
        (AccessGoneError("plaid", "cannot be read", withdrawn=False), Ending.NOT_CONFIRMED),
        (RenewalRequiredError("plaid", "ITEM_LOGIN_REQUIRED"), Ending.NOT_CONFIRMED),
        (LinkBrokenError("plaid", "INSTITUTION_NO_LONGER_SUPPORTED"), Ending.NOT_CONFIRMED),
    ],
)
async def test_what_only_a_sign_in_could_change_is_over_and_called_what_it_is(
    house: House, answer: DalerError, ending: Ending
) -> None:
    house.bank.revoke_troubles = [answer]

    await house.revokes(await house.withdraws())

    assert await house.is_over()
    assert (await house.receipts.get(ANNA, HERS)).revocation is ending


async def test_data_that_is_erased_later_makes_no_confirmation_out_of_none(house: House) -> None:
    await house.revokes(await house.withdraws(), Torn(house.backend.begin))
    await house.cleared()

    await house.revokes(await house.withdraws(erase=True))

    view = await house.receipts.get(ANNA, HERS)
    assert (view.revocation, view.last_error) == (Ending.NOT_CONFIRMED, "seal_broken")
    assert (view.erase, view.revoked_at) == (True, None)


async def test_a_consent_before_a_renewal_is_ended_though_the_present_one_does_not_open(
    house: House,
) -> None:
    former = former_ids(HERS)[0]
    async with house.backend.begin(ANNA) as tx:
        await tx.accesses.put(former, FORMER)
        await tx.commit()

    await house.revokes(await house.withdraws(), Torn(house.backend.begin, sound=former))

    assert house.bank.revoked == [FORMER]
    assert await house.is_over()
    assert (await house.receipts.get(ANNA, HERS)).revocation is Ending.NOT_CONFIRMED


async def test_one_before_a_renewal_that_the_provider_refuses_stays_noted(house: House) -> None:
    async with house.backend.begin(ANNA) as tx:
        await tx.accesses.put(former_ids(HERS)[0], FORMER)
        await tx.commit()
    house.bank.revoke_troubles = [RenewalRequiredError("tink", "SESSION_EXPIRED")]
    await house.revokes(await house.withdraws())
    await house.cleared()

    await house.revokes(await house.withdraws(erase=True))

    assert house.bank.revoked == [ACCESS]
    view = await house.receipts.get(ANNA, HERS)
    assert (view.revocation, view.last_error) == (Ending.CONFIRMED, "bank_wants_sign_in")


async def test_nothing_is_confirmed_where_only_a_former_access_is_left(house: House) -> None:
    async with house.backend.begin(ANNA) as tx:
        await tx.accesses.delete(HERS)
        await tx.accesses.put(former_ids(HERS)[0], FORMER)
        await tx.commit()
    job = await house.withdraws()
    house.clock.forward(seconds=PATIENCE.total_seconds())
    house.bank.revoke_troubles = [ProviderUnavailableError("tink", "x")]

    assert await house.revokes(job) is RevokeReport.REVOKED

    view = await house.receipts.get(ANNA, HERS)
    assert (view.revocation, view.revoked_at) == (Ending.NOT_CONFIRMED, None)
