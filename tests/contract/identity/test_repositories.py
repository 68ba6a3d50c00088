"""What every store of identity promises."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from application.identity.ports import IdentityTx
from application.shared.caller import Caller, Claims, Standing
from domain.identity.email import EmailAddress
from domain.identity.errors import (
    EmailTakenError,
    PersonNotFoundError,
    SessionEndedError,
    SessionNotFoundError,
)
from domain.identity.password import CredentialId, PasswordCredential, PasswordHash
from domain.identity.person import Locality, Person, PersonName
from domain.identity.refresh import RefreshToken, hash_of
from domain.identity.session import Ended, Origin, Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON
from tests.support.identity import World

ANNA, BO = UserId(UUID(int=1)), UserId(UUID(int=2))
HASH = PasswordHash("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g")


def a_person(user_id: UserId = ANNA, email: str = "anna@example.no") -> Person:
    return Person(
        id=user_id,
        name=PersonName("Anna Ås"),
        email=EmailAddress(email),
        created_at=NOON,
        locality=Locality("en-GB", "Europe/London", "GBP"),
    )


def a_session(user_id: UserId = ANNA, number: int = 1) -> Session:
    return Session.begin(SessionId(UUID(int=number)), user_id, Origin("phone", "2001:db8::1"), NOON)


def a_credential() -> PasswordCredential:
    return PasswordCredential(
        user_id=ANNA,
        id=CredentialId(UUID(int=5)),
        hash=HASH,
        created_at=NOON,
        changed_at=NOON,
        suffices_alone=False,
    )


async def given(
    world: World, write: Callable[[IdentityTx], Awaitable[None]], acting_for: UserId = ANNA
) -> None:
    async with world.begin(acting_for) as tx:
        await write(tx)
        await tx.commit()


async def test_a_person_comes_back_whole(world: World) -> None:
    await given(world, lambda tx: tx.people.add(a_person()))

    async with world.begin(ANNA) as tx:
        assert await tx.people.get(ANNA) == a_person()
    assert await world.directory.owner_of_email(EmailAddress("anna@example.no")) == ANNA


async def test_what_is_not_committed_never_happened(world: World) -> None:
    async with world.begin(ANNA) as tx:
        await tx.people.add(a_person())

    assert await world.directory.owner_of_email(EmailAddress("anna@example.no")) is None
    async with world.begin(ANNA) as tx:
        with pytest.raises(PersonNotFoundError):
            await tx.people.get(ANNA)


async def test_an_address_belongs_to_one_person(world: World) -> None:
    await given(world, lambda tx: tx.people.add(a_person()))

    with pytest.raises(EmailTakenError):
        await given(world, lambda tx: tx.people.add(a_person(BO)), BO)
    assert await world.directory.owner_of_email(EmailAddress("anna@example.no")) == ANNA


async def test_nobody_sees_another_person(world: World) -> None:
    await given(world, lambda tx: tx.people.add(a_person()))
    await given(world, lambda tx: tx.credentials.put(a_credential()))
    await given(world, lambda tx: tx.sessions.add(a_session()))

    async with world.begin(BO) as tx:
        with pytest.raises(PersonNotFoundError):
            await tx.people.get(ANNA)
        with pytest.raises(SessionNotFoundError):
            await tx.sessions.get(a_session().id)
        assert await tx.credentials.password_of(ANNA) is None


async def test_a_password_is_kept_and_replaced(world: World) -> None:
    await given(world, lambda tx: tx.credentials.put(a_credential()))
    newer = a_credential().rehashed(PasswordHash(HASH + "2"))
    await given(world, lambda tx: tx.credentials.put(newer))

    async with world.begin(ANNA) as tx:
        assert await tx.credentials.password_of(ANNA) == newer


async def test_a_session_comes_back_as_it_was_saved(world: World) -> None:
    await given(world, lambda tx: tx.sessions.add(a_session()))
    later = a_session().used(NOON + timedelta(hours=1)).end(Ended.SIGNED_OUT, NOON)
    await given(world, lambda tx: tx.sessions.save(later))

    async with world.begin(ANNA) as tx:
        assert await tx.sessions.get(later.id) == later


async def test_a_session_that_is_not_there_cannot_be_saved(world: World) -> None:
    with pytest.raises(SessionNotFoundError):
        await given(world, lambda tx: tx.sessions.save(a_session()))


async def test_a_refresh_token_is_found_by_its_hash(world: World) -> None:
    kept = RefreshToken.issue(Secret("t"), a_session(), NOON)
    await given(world, lambda tx: tx.refresh_tokens.add(kept))
    used = kept.used(hash_of(Secret("next")), NOON)
    await given(world, lambda tx: tx.refresh_tokens.save(used))

    assert await world.directory.owner_of_token(kept.hash) == ANNA
    assert await world.directory.owner_of_token(hash_of(Secret("other"))) is None
    async with world.begin(ANNA) as tx:
        assert await tx.refresh_tokens.get(kept.hash) == used
        assert await tx.refresh_tokens.get(hash_of(Secret("other"))) is None


async def test_a_living_session_gives_its_caller(world: World) -> None:
    session = a_session()
    await given(world, lambda tx: tx.people.add(a_person()))
    await given(world, lambda tx: tx.sessions.add(session))

    standing = await world.check.standing(Claims(ANNA, session.id, NOON))

    caller = Caller(ANNA, session.id)
    assert standing == Standing(caller, NOON, frozenset({"password"}), "device", "user")


@pytest.mark.parametrize(
    "broken",
    [
        a_session().end(Ended.SIGNED_OUT, NOON),
        replace(a_session(), idle_expires_at=NOON + timedelta(days=1)),
        replace(
            a_session(),
            idle_expires_at=NOON + timedelta(days=1),
            expires_at=NOON + timedelta(days=1),
        ),
    ],
    ids=["ended", "idle", "old"],
)
async def test_a_session_that_is_over_gives_nobody(world: World, broken: Session) -> None:
    await given(world, lambda tx: tx.sessions.add(broken))
    world.clock.forward(days=1)

    with pytest.raises(SessionEndedError):
        await world.check.standing(Claims(ANNA, broken.id, NOON))


async def test_a_session_under_another_name_gives_nobody(world: World) -> None:
    session = a_session()
    await given(world, lambda tx: tx.sessions.add(session))

    with pytest.raises(SessionEndedError):
        await world.check.standing(Claims(BO, session.id, NOON))
    with pytest.raises(SessionEndedError):
        await world.check.standing(Claims(ANNA, SessionId(UUID(int=9)), NOON))
