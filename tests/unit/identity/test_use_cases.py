"""What is left behind, whoever comes: sessions, traces, and nothing of strangers."""

from dataclasses import dataclass, replace

import pytest
from typing_extensions import override

from adapters.crypto.keys import Key, KeyRing
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.memory.identity.lockout import GUARDED_COUNTS
from adapters.memory.identity.tables import PASSWORDS, PEOPLE, SESSIONS
from adapters.passwords.argon2id import Argon2idHasher
from adapters.tokens.successors import HmacSuccessors
from application.identity.ports import PasswordHasher
from domain.identity.errors import (
    AccountNotActiveError,
    BadCredentialsError,
    RefreshTokenReusedError,
)
from domain.identity.password import PasswordHash
from domain.identity.person import PersonStatus
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.identity import PHONE, World

WRONG = Secret("five quite other words here")


def traces(memory: MemoryDatabase, user_id: UserId) -> list[str]:
    return [entry.action for entry in memory.tables.of(AUDIT_CHAINS)[user_id]]


def ban(memory: MemoryDatabase, user_id: UserId) -> None:
    people = memory.tables.of(PEOPLE)
    people[user_id] = replace(people[user_id], status=PersonStatus.BANNED)


async def test_everything_that_happens_to_a_person_is_audited(
    world: World, memory: MemoryDatabase
) -> None:
    person = await world.registers()
    with pytest.raises(BadCredentialsError):
        await world.logs_in(password=WRONG)
    signed_in = await world.logs_in()
    await world.refreshes(signed_in.refresh)
    await world.logs_out(await world.asks(signed_in))

    assert traces(memory, person.id) == [
        "identity.registered",
        "identity.log_in_refused",
        "identity.logged_in",
        "identity.logged_out",
    ]


async def test_a_reused_token_is_audited_although_it_is_refused(
    world: World, memory: MemoryDatabase
) -> None:
    person = await world.registers()
    signed_in = await world.logs_in()
    await world.refreshes(signed_in.refresh)
    world.clock.forward(seconds=11)
    with pytest.raises(RefreshTokenReusedError):
        await world.refreshes(signed_in.refresh)

    assert traces(memory, person.id)[-1] == "identity.refresh_token_reused"


async def test_a_stranger_leaves_no_trace(world: World, memory: MemoryDatabase) -> None:
    before = memory.tables.snapshot()
    with pytest.raises(BadCredentialsError):
        await world.logs_in("nobody@example.no")

    counts = memory.tables.rows.pop(GUARDED_COUNTS.name)
    assert len(counts) == 2
    assert memory.tables == before


async def test_a_session_knows_where_it_came_from(world: World, memory: MemoryDatabase) -> None:
    await world.registers()
    await world.logs_in()

    (session,) = memory.tables.of(SESSIONS).values()
    assert (session.device, session.address) == (PHONE.device, PHONE.address)


async def test_a_refresh_notes_the_last_use(world: World, memory: MemoryDatabase) -> None:
    await world.registers()
    signed_in = await world.logs_in()
    world.clock.forward(minutes=15)
    await world.refreshes(signed_in.refresh)

    (session,) = memory.tables.of(SESSIONS).values()
    assert session.last_used_at == world.clock.now()


async def test_who_is_banned_gets_neither_in_nor_on(world: World, memory: MemoryDatabase) -> None:
    person = await world.registers()
    signed_in = await world.logs_in()
    ban(memory, person.id)

    with pytest.raises(AccountNotActiveError):
        await world.logs_in()
    with pytest.raises(AccountNotActiveError):
        await world.refreshes(signed_in.refresh)
    with pytest.raises(BadCredentialsError):  # only the password's owner learns of it
        await world.logs_in(password=WRONG)
    assert len(memory.tables.of(SESSIONS)) == 1


@dataclass(slots=True)
class ChangesThePasswordMeanwhile(PasswordHasher):
    """While one device signs in, the person changes their password on another."""

    inner: Argon2idHasher
    memory: MemoryDatabase

    @override
    async def hash(self, password: Secret) -> PasswordHash:
        return await self.inner.hash(password)

    @override
    async def verify(self, password: Secret, against: PasswordHash | None) -> bool:
        right = await self.inner.verify(password, against)
        kept = self.memory.tables.of(PASSWORDS)
        for user_id, credential in list(kept.items()):
            kept[user_id] = credential.rehashed(await self.inner.hash(WRONG))
        return right

    @override
    def outdated(self, hashed: PasswordHash) -> bool:
        return self.inner.outdated(hashed)


async def test_a_password_that_was_just_replaced_opens_nothing(
    world: World, memory: MemoryDatabase, hasher: Argon2idHasher
) -> None:
    await world.registers()
    world.hasher = ChangesThePasswordMeanwhile(hasher, memory)

    with pytest.raises(BadCredentialsError):
        await world.logs_in()
    assert not memory.tables.of(SESSIONS)


async def test_after_a_key_rotation_tokens_can_still_be_traded(world: World) -> None:
    old = Key("k1", b"1" * 32)
    world.successors = HmacSuccessors(KeyRing([old]))
    await world.registers()
    signed_in = await world.logs_in()
    given = await world.refreshes(signed_in.refresh)

    world.successors = HmacSuccessors(KeyRing([Key("k2", b"2" * 32), old]))

    assert (await world.refreshes(signed_in.refresh)).refresh == given.refresh
    assert (await world.refreshes(given.refresh)).refresh != given.refresh
