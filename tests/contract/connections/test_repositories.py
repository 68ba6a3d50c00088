from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

import pytest

from application.connections.jobs import RevokeConnectionJob, SyncConnectionJob, sync_key
from application.connections.views import ConnectionPlace, ConnectionView, NeededAction
from domain.connections.attempt import Attempt
from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.errors import (
    BankLinkTakenError,
    ConnectionNotFoundError,
    StaleAttemptError,
    StaleConnectionError,
    StateInvalidError,
)
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, ExternalId, FeedId
from domain.shared.secret import Secret
from tests.contract.connections.conftest import ANNA, BJORN, Backend
from tests.support.clock import NOON

HERS = ConnectionId(UUID(int=11))
OTHER = ConnectionId(UUID(int=12))
LOGIN = ExternalId("login-Ærlig")


def a_connection(**facts: object) -> Connection:
    legal: dict[str, object] = {
        "id": HERS,
        "owner": ANNA,
        "provider": Provider.TINK,
        "feed_id": FeedId(UUID(int=77)),
        "external_id": LOGIN,
        "institution": "Fjordbank",
        "status": ConnectionStatus.ACTIVE,
        "consent_expires_at": NOON + timedelta(days=90),
        "granted_at": NOON,
        "created_at": NOON,
    }
    return Connection(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def an_attempt(**facts: object) -> Attempt:
    legal: dict[str, object] = {
        "id": AttemptId(UUID(int=21)),
        "owner": ANNA,
        "provider": Provider.PLAID,
        "state_digest": sha256(b"state").digest(),
        "issued_at": NOON,
        "expires_at": NOON + timedelta(minutes=10),
    }
    return Attempt(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


async def given(backend: Backend, *connections: Connection) -> None:
    for connection in connections:
        async with backend.begin(connection.owner) as tx:
            await tx.connections.add(connection)
            await tx.commit()


async def test_a_connection_comes_out_whole(backend: Backend) -> None:
    full = a_connection(
        status=ConnectionStatus.DEGRADED,
        cursor="c" * 5000,
        wanted=8,
        served=7,
        synced_at=NOON,
        last_error="provider_unavailable",
        erase=True,
    )
    bare = a_connection(
        id=OTHER, feed_id=FeedId(UUID(int=78)), institution=None, consent_expires_at=None
    )
    await given(backend, full, bare)

    async with backend.begin(ANNA) as tx:
        assert await tx.connections.get(full.id) == full
        assert await tx.connections.get(bare.id) == bare


async def test_the_second_writer_of_a_version_loses(backend: Backend) -> None:
    connection = a_connection()
    await given(backend, connection)
    async with backend.begin(ANNA) as tx:
        await tx.connections.save(connection.sync_wanted())
        await tx.commit()

    async with backend.begin(ANNA) as tx:
        with pytest.raises(StaleConnectionError):
            await tx.connections.save(connection.degraded("late"))
        assert (await tx.connections.get(connection.id)).version == 2


async def test_what_is_not_committed_never_happened(backend: Backend) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.connections.add(a_connection())
        await tx.accesses.put(HERS, Secret("access"))
        await tx.objects.claim(Provider.TINK, LOGIN, HERS)

    async with backend.begin(ANNA) as tx:
        with pytest.raises(ConnectionNotFoundError):
            await tx.connections.get(HERS)
        assert await tx.accesses.find(HERS) is None
        assert await tx.objects.claim(Provider.TINK, LOGIN, OTHER) == OTHER


async def test_another_persons_rows_do_not_exist(backend: Backend) -> None:
    await given(backend, a_connection())
    async with backend.begin(ANNA) as tx:
        await tx.attempts.add(an_attempt())
        await tx.commit()

    async with backend.begin(BJORN) as tx:
        with pytest.raises(ConnectionNotFoundError):
            await tx.connections.get(HERS)
        with pytest.raises(StateInvalidError):
            await tx.attempts.get(an_attempt().id)
        with pytest.raises(StateInvalidError):
            await tx.attempts.by_state(an_attempt().state_digest)
        await tx.attempts.forget_before(NOON + timedelta(days=1))
        await tx.commit()
    with pytest.raises(ConnectionNotFoundError):
        await backend.reader.get(BJORN, HERS)
    async with backend.begin(ANNA) as tx:
        assert await tx.attempts.get(an_attempt().id) == an_attempt()


async def test_an_attempt_comes_out_whole_and_is_found_by_its_state(backend: Backend) -> None:
    attempt = an_attempt(renews=HERS)
    async with backend.begin(ANNA) as tx:
        await tx.attempts.add(attempt)
        await tx.commit()
    exchanging = attempt.came_back(NOON, b"r" * 32, exchange_is_repeatable=True)
    async with backend.begin(ANNA) as tx:
        assert await tx.attempts.by_state(attempt.state_digest) == attempt
        await tx.attempts.save(exchanging)
        with pytest.raises(StaleAttemptError):
            await tx.attempts.save(exchanging)
        await tx.commit()

    async with backend.begin(ANNA) as tx:
        kept = await tx.attempts.get(attempt.id)
        assert kept == replace(exchanging, version=2)
        await tx.attempts.save(kept.failed("link_refused"))
        await tx.commit()
    async with backend.begin(ANNA) as tx:
        assert (await tx.attempts.get(attempt.id)).failure == "link_refused"


async def test_old_attempts_are_forgotten(backend: Backend) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.attempts.add(an_attempt())
        await tx.attempts.forget_before(NOON)
        assert await tx.attempts.get(an_attempt().id) == an_attempt()
        await tx.attempts.forget_before(NOON + timedelta(seconds=1))
        with pytest.raises(StateInvalidError):
            await tx.attempts.get(an_attempt().id)


async def test_an_access_is_kept_replaced_and_forgotten(backend: Backend) -> None:
    async with backend.begin(ANNA) as tx:
        await tx.accesses.put(HERS, Secret("one"))
        await tx.accesses.put(HERS, Secret("two-ø"))
        await tx.commit()

    async with backend.begin(ANNA) as tx:
        assert await tx.accesses.find(HERS) == Secret("two-ø")
        assert await tx.accesses.find(OTHER) is None
        assert await tx.accesses.held([OTHER, HERS]) == [HERS]
        assert await tx.accesses.held([]) == []
        await tx.accesses.put(OTHER, Secret("three"))
        assert await tx.accesses.held([OTHER, HERS]) == sorted([HERS, OTHER])
        await tx.accesses.delete(HERS)
        assert await tx.accesses.held([OTHER, HERS]) == [OTHER]
        assert await tx.accesses.find(HERS) is None


async def test_a_login_has_one_connection_and_one_person(backend: Backend) -> None:
    async with backend.begin(ANNA) as tx:
        assert await tx.objects.claim(Provider.TINK, LOGIN, HERS) == HERS
        assert await tx.objects.claim(Provider.TINK, LOGIN, OTHER) == HERS
        assert await tx.objects.claim(Provider.PLAID, LOGIN, OTHER) == OTHER
        await tx.commit()

    async with backend.begin(BJORN) as tx:
        with pytest.raises(BankLinkTakenError):
            await tx.objects.claim(Provider.TINK, LOGIN, ConnectionId(UUID(int=13)))
        await tx.objects.release(HERS)  # not his to give
        await tx.commit()
    async with backend.begin(ANNA) as tx:
        assert await tx.objects.claim(Provider.TINK, LOGIN, OTHER) == HERS
        await tx.objects.release(HERS)
        await tx.commit()
    async with backend.begin(BJORN) as tx:
        his = ConnectionId(UUID(int=13))
        assert await tx.objects.claim(Provider.TINK, LOGIN, his) == his


async def test_the_house_finds_every_link_once(backend: Backend) -> None:
    for number, owner in enumerate((ANNA, BJORN, ANNA, BJORN, ANNA)):
        async with backend.begin(owner) as tx:
            connection_id = ConnectionId(UUID(int=100 + number))
            await tx.objects.claim(Provider.TINK, ExternalId(f"login-{number}"), connection_id)
            await tx.commit()

    async with backend.begin_house() as house:
        first = await house.names.after(None, 2)
        second = await house.names.after(first[-1], 2)
        third = await house.names.after(second[-1], 2)
        assert await house.names.after(third[-1], 2) == ()
        found = await house.names.find(Provider.TINK, ExternalId("login-3"))

    assert [name.external_id for name in (*first, *second, *third)] == [
        f"login-{number}" for number in range(5)
    ]
    assert found is not None
    assert (found.user_id, found.connection_id) == (BJORN, ConnectionId(UUID(int=103)))


async def test_the_house_knows_whose_a_link_is_until_it_is_disconnected(backend: Backend) -> None:
    async with backend.begin(BJORN) as tx:
        await tx.objects.claim(Provider.TINK, LOGIN, HERS)
        await tx.objects.claim(Provider.PLAID, ExternalId("another name of it"), HERS)
        await tx.objects.claim(Provider.PLAID, ExternalId("of another link"), OTHER)
        await tx.commit()

    async with backend.begin_house() as house:
        found = await house.names.of(HERS)
        assert await house.names.of(ConnectionId(UUID(int=99))) is None
    assert found is not None
    assert (found.user_id, found.connection_id) == (BJORN, HERS)

    async with backend.begin(BJORN) as tx:
        await tx.objects.release(HERS)
        await tx.commit()
    async with backend.begin_house() as house:
        assert await house.names.of(HERS) is None
        assert await house.names.of(OTHER) is not None


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7])
async def test_pages_of_any_size_show_each_connection_once(backend: Backend, size: int) -> None:
    """Also where several began at one instant, and without those of others."""
    mine = [
        a_connection(
            id=ConnectionId(UUID(int=20 + n)),
            external_id=ExternalId(f"login {n}"),
            feed_id=FeedId(UUID(int=90 + n)),
            status=ConnectionStatus.DISCONNECTED if n % 3 else ConnectionStatus.ACTIVE,
            created_at=NOON - timedelta(hours=n // 2),
        )
        for n in range(6)
    ]
    his = a_connection(id=ConnectionId(UUID(int=10)), owner=BJORN)
    await given(backend, *mine, his)
    whole = await backend.reader.list(ANNA, None)

    found: list[ConnectionView] = []
    place = None
    while shown := await backend.reader.list(ANNA, None, place, size):
        assert len(shown) <= size
        found += shown
        place = ConnectionPlace(shown[-1].created_at, shown[-1].id)

    assert found == list(whole)
    assert {one.id for one in found} == {one.id for one in mine}


async def test_screens_show_a_persons_connections_oldest_first(backend: Backend) -> None:
    newer = a_connection(
        id=OTHER,
        provider=Provider.PLAID,
        feed_id=FeedId(UUID(int=78)),
        status=ConnectionStatus.REQUIRES_RENEWAL,
        last_error="renewal_required",
        created_at=NOON + timedelta(hours=1),
    )
    his = a_connection(id=ConnectionId(UUID(int=10)), owner=BJORN)
    await given(backend, newer, a_connection(), his)

    shown = await backend.reader.list(ANNA, None)

    assert [one.id for one in shown] == [HERS, OTHER]
    assert [one.id for one in await backend.reader.list(ANNA, Provider.PLAID)] == [OTHER]
    assert shown[0].needs_action is None
    assert shown[1].needs_action is NeededAction.RENEW
    assert await backend.reader.get(ANNA, OTHER) == shown[1]
    with pytest.raises(ConnectionNotFoundError):
        await backend.reader.get(ANNA, his.id)


async def test_screens_show_the_job_that_is_under_way(backend: Backend) -> None:
    await given(backend, a_connection())
    async with backend.begin(ANNA) as tx:
        await tx.jobs.enqueue(
            RevokeConnectionJob(user_id=ANNA, connection_id=OTHER, erase=False),
            unique=f"connections.revoke:{OTHER}",
        )
        job_id = await tx.jobs.enqueue(
            SyncConnectionJob(user_id=ANNA, connection_id=HERS), unique=sync_key(HERS)
        )
        await tx.commit()
    assert (await backend.reader.get(ANNA, HERS)).job_id == job_id

    claimed = {job.lease.job_id: job.lease for job in await backend.board.claim(2)}
    assert (await backend.reader.get(ANNA, HERS)).job_id == job_id
    async with backend.begin(ANNA) as tx:
        await tx.jobs.finish(claimed[job_id])
        await tx.commit()
    assert (await backend.reader.get(ANNA, HERS)).job_id is None
