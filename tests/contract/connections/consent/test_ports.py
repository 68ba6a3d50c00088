"""Notices, terms and receipts, over memory and PostgreSQL."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from application.connections.consent.ports import DueConsent, NoticesReader
from application.connections.consent.receipts import Ending, ReceiptsReader, ReceiptState
from application.connections.webhook_ports import Delivery, DeliveryId, DeliveryState, Settled
from application.shared.receipts import (
    Fate,
    Line,
    Part,
    Receipts,
    Revocation,
    Thing,
    Why,
    deleted,
    kept,
)
from domain.connections.connection import Connection
from domain.connections.errors_consent import NoticeNotFoundError, ReceiptNotFoundError
from domain.connections.provider import Provider
from domain.connections.webhook import Happening
from domain.shared.ids import ConnectionId, FeedId
from domain.shared.notices import NoticeId, NoticeKind
from tests.contract.connections.conftest import ANNA, BJORN, Backend
from tests.contract.connections.test_repositories import HERS, OTHER, a_connection, given
from tests.support.clock import NOON, FixedClock

UNTIL = NOON + timedelta(days=90)
OFFERED, REQUIRED = NoticeKind.RENEWAL_OFFERED, NoticeKind.RENEWAL_REQUIRED
HIS = a_connection(
    id=ConnectionId(UUID(int=13)), owner=BJORN, feed_id=FeedId(UUID(int=79)), external_id="his"
)


async def raises(backend: Backend, connection: Connection, kind: NoticeKind) -> NoticeId | None:
    async with backend.begin(connection.owner) as tx:
        notice_id = await tx.notices.raise_once(connection, kind)
        await tx.commit()
    return notice_id


# Notices


async def test_a_notice_is_raised_once_for_each_kind_and_consent(
    backend: Backend, notices: NoticesReader
) -> None:
    connection = a_connection()
    later = a_connection(granted_at=NOON + timedelta(days=80))
    await given(backend, connection)

    raised = [await raises(backend, connection, OFFERED) for _ in range(3)]
    raised += [await raises(backend, connection, REQUIRED), await raises(backend, later, OFFERED)]

    assert [one is not None for one in raised] == [True, False, False, True, True]
    found = await notices.newest(ANNA, None, 10)
    assert [one.id for one in found] == [raised[4], raised[3], raised[0]]
    assert [(one.kind, one.until) for one in found] == [
        (OFFERED, UNTIL),
        (REQUIRED, None),
        (OFFERED, UNTIL),
    ]
    assert {one.institution for one in found} == {"Fjordbank"}


async def test_notices_are_paged_and_one_persons_only(
    backend: Backend, notices: NoticesReader
) -> None:
    await given(backend, a_connection(), HIS)
    mine = [await raises(backend, a_connection(), kind) for kind in NoticeKind]
    await raises(backend, HIS, OFFERED)

    first = await notices.newest(ANNA, None, 3)
    rest = await notices.newest(ANNA, first[-1].id, 10)

    assert [one.id for one in (*first, *rest)] == mine[::-1]


async def test_seeing_a_notice_counts_the_first_time(
    backend: Backend, notices: NoticesReader, clock: FixedClock
) -> None:
    await given(backend, a_connection())
    notice_id = await raises(backend, a_connection(), OFFERED)
    assert notice_id is not None
    for _ in range(2):
        async with backend.begin(ANNA) as tx:
            await tx.notices.seen(notice_id)
            await tx.commit()
        clock.forward(hours=1)

    (found,) = await notices.newest(ANNA, None, 10)
    assert found.seen_at == NOON


async def test_a_notice_of_somebody_else_cannot_be_seen(backend: Backend) -> None:
    await given(backend, a_connection())
    notice_id = await raises(backend, a_connection(), OFFERED)
    assert notice_id is not None

    async with backend.begin(BJORN) as tx:
        with pytest.raises(NoticeNotFoundError):
            await tx.notices.seen(notice_id)


# Terms


async def test_what_is_due_is_found_in_order_and_nothing_else(backend: Backend) -> None:
    names = [ConnectionId(UUID(int=100 + number)) for number in range(5)]
    for number, name in enumerate(names):
        async with backend.begin(ANNA if number % 2 else BJORN) as tx:
            await tx.terms.put(name, NOON - timedelta(hours=5 - number))
            await tx.commit()
    async with backend.begin(ANNA) as tx:
        await tx.terms.put(HERS, NOON + timedelta(seconds=1))
        await tx.commit()

    async with backend.begin_house() as house:
        first = await house.consents.until(NOON, None, 2)
        rest = await house.consents.until(NOON, first[-1], 10)

    assert [one.connection_id for one in (*first, *rest)] == names
    assert first[0] == DueConsent(NOON - timedelta(hours=5), BJORN, names[0])


async def test_a_connection_has_one_term_and_may_have_none(backend: Backend) -> None:
    for due_at in (NOON, NOON - timedelta(days=1)):
        async with backend.begin(ANNA) as tx:
            await tx.terms.put(HERS, due_at)
            await tx.commit()
    async with backend.begin_house() as house:
        assert await house.consents.until(NOON, None, 10) == (
            DueConsent(NOON - timedelta(days=1), ANNA, HERS),
        )
    async with backend.begin(ANNA) as tx:
        await tx.terms.put(HERS, None)
        await tx.terms.put(OTHER, None)
        await tx.commit()
    async with backend.begin_house() as house:
        assert await house.consents.until(NOON, None, 10) == ()


# Receipts


async def test_a_receipt_grows_step_by_step(
    backend: Backend, receipts: ReceiptsReader, clock: FixedClock
) -> None:
    await given(backend, a_connection())
    steps: tuple[Callable[[Receipts], Awaitable[None]], ...] = (
        lambda one: one.begin(HERS, erase=False),
        lambda one: one.tried(HERS),
        lambda one: one.failed(HERS, "provider_unavailable"),
        lambda one: one.tried(HERS),
        lambda one: one.revoked(HERS, Revocation.CONFIRMED),
        lambda one: one.fill(HERS, Part.LINK, deleted(access=1)),
        lambda one: one.fill(HERS, Part.LEDGER, kept(Why.NOT_ASKED, accounts=2, entries=0)),
    )
    states = []
    for step in steps:
        async with backend.begin(ANNA) as tx:
            await step(tx.receipts)
            await tx.commit()
        view = await receipts.get(ANNA, HERS)
        states.append((view.state, view.tries, view.last_error))
        clock.forward(minutes=1)

    revoking, clearing = ReceiptState.REVOKING, ReceiptState.CLEARING
    assert states == [
        (revoking, 0, None),
        (revoking, 1, None),
        (revoking, 1, "provider_unavailable"),
        (revoking, 2, "provider_unavailable"),
        (clearing, 2, None),
        (clearing, 2, None),
        (ReceiptState.DONE, 2, None),
    ]
    view = await receipts.get(ANNA, HERS)
    assert (view.asked_at, view.revoked_at) == (NOON, NOON + timedelta(minutes=4))
    assert view.done_at == NOON + timedelta(minutes=6)
    assert view.lines == (
        Line(Thing.ACCESS, Fate.DELETED, 1),
        Line(Thing.ACCOUNTS, Fate.KEPT, 2, Why.NOT_ASKED),
    )


@pytest.mark.parametrize("erase", [True, False])
async def test_what_is_said_twice_leaves_a_receipt_that_is_done_as_it_is(
    backend: Backend, receipts: ReceiptsReader, clock: FixedClock, *, erase: bool
) -> None:
    await given(backend, a_connection())
    async with backend.begin(ANNA) as tx:
        assert not await tx.receipts.is_done(HERS, Part.LINK)
        await tx.receipts.begin(HERS, erase=erase)
        await tx.receipts.revoked(HERS, Revocation.CONFIRMED)
        await tx.receipts.fill(HERS, Part.LINK, deleted(access=1))
        assert await tx.receipts.is_done(HERS, Part.LINK)
        assert not await tx.receipts.is_done(HERS, Part.LEDGER)
        await tx.receipts.fill(HERS, Part.LEDGER, deleted(entries=7))
        await tx.commit()
    once = await receipts.get(ANNA, HERS)
    assert once.state is ReceiptState.DONE
    clock.forward(days=1)

    async with backend.begin(ANNA) as tx:
        await tx.receipts.begin(HERS, erase=erase)
        await tx.receipts.begin(HERS, erase=False)
        await tx.commit()

    assert await receipts.get(ANNA, HERS) == once


async def test_a_second_withdrawal_adds_up_and_what_was_kept_and_then_goes_is_kept_no_more(
    backend: Backend, receipts: ReceiptsReader, clock: FixedClock
) -> None:
    await given(backend, a_connection())
    async with backend.begin(ANNA) as tx:
        await tx.receipts.begin(HERS, erase=False)
        await tx.receipts.revoked(HERS, Revocation.CONFIRMED)
        await tx.receipts.fill(
            HERS, Part.LINK, (*deleted(access=1), *kept(Why.NOT_ASKED, observations=9))
        )
        await tx.receipts.fill(HERS, Part.LEDGER, kept(Why.NOT_ASKED, entries=7))
        await tx.commit()
    clock.forward(days=1)
    async with backend.begin(ANNA) as tx:
        await tx.receipts.begin(HERS, erase=True)
        await tx.receipts.begin(HERS, erase=False)
        await tx.commit()
    assert (await receipts.get(ANNA, HERS)).state is ReceiptState.CLEARING
    async with backend.begin(ANNA) as tx:
        assert not await tx.receipts.is_done(HERS, Part.LEDGER)
        await tx.receipts.revoked(HERS, Revocation.GONE_ALREADY)
        await tx.receipts.fill(HERS, Part.LINK, deleted(access=0, observations=9))
        await tx.receipts.fill(HERS, Part.LEDGER, deleted(entries=7))
        await tx.receipts.fill(HERS, Part.LEDGER, deleted(entries=0))
        await tx.commit()

    view = await receipts.get(ANNA, HERS)
    assert (view.erase, view.asked_at, view.revoked_at) == (True, NOON, NOON)
    assert view.revocation is Ending.CONFIRMED
    assert {line.thing: line.count for line in view.lines} == {
        Thing.ACCESS: 1,
        Thing.OBSERVATIONS: 9,
        Thing.ENTRIES: 7,
    }
    assert {line.fate for line in view.lines} == {Fate.DELETED}


async def test_a_receipt_is_nobody_elses_and_there_is_none_without_a_withdrawal(
    backend: Backend, receipts: ReceiptsReader
) -> None:
    await given(backend, a_connection())
    with pytest.raises(ReceiptNotFoundError):
        await receipts.get(ANNA, HERS)
    async with backend.begin(ANNA) as tx:
        await tx.receipts.begin(HERS, erase=True)
        await tx.commit()

    with pytest.raises(ReceiptNotFoundError):
        await receipts.get(BJORN, HERS)
    async with backend.begin(BJORN) as tx:
        await tx.receipts.tried(HERS)
        await tx.receipts.fill(HERS, Part.LEDGER, deleted(entries=5))
        await tx.commit()
    assert (await receipts.get(ANNA, HERS)).tries == 0
    assert (await receipts.get(ANNA, HERS)).lines == ()


async def test_webhooks_about_one_link_are_counted_and_forgotten_with_it(backend: Backend) -> None:
    about = {
        DeliveryId(UUID(int=51)): HERS,
        DeliveryId(UUID(int=52)): OTHER,
        DeliveryId(UUID(int=53)): None,
    }
    for delivery_id, link in about.items():
        async with backend.begin(ANNA) as tx:
            await tx.deliveries.add(Delivery(delivery_id, Provider.PLAID, b"{}", NOON))
            settled = Settled(DeliveryState.DONE, NOON, Happening.TRANSACTIONS_CHANGED, ANNA, link)
            await tx.deliveries.settle(delivery_id, settled)
            await tx.commit()
    async with backend.begin(BJORN) as tx:
        assert await tx.deliveries.about(HERS) == 0
        await tx.deliveries.forget_about(HERS)
        await tx.commit()

    async with backend.begin(ANNA) as tx:
        assert await tx.deliveries.about(HERS) == 1
        await tx.deliveries.forget_about(HERS)
        await tx.commit()

    async with backend.begin_house() as house:
        left = [one for one in about if await house.deliveries.find(one) is not None]
    assert left == [DeliveryId(UUID(int=52)), DeliveryId(UUID(int=53))]
