import asyncio
import threading
from collections.abc import Iterator

import pytest

from adapters.passwords.argon2id import (
    DEFAULT_COST,
    Argon2Cost,
    Argon2idHasher,
    SignInBusyError,
    argon2id,
)
from domain.identity.password import PasswordHash
from domain.shared.secret import Secret

PASSWORD = Secret("blåbærsyltetøy på skiva")


@pytest.fixture
def stronger() -> Iterator[Argon2idHasher]:
    with argon2id(Argon2Cost(memory_kib=128)) as hasher:
        yield hasher


async def test_a_password_is_known_by_its_hash(hasher: Argon2idHasher) -> None:
    hashed = await hasher.hash(PASSWORD)

    assert await hasher.verify(PASSWORD, hashed)
    assert not await hasher.verify(Secret("something else entirely"), hashed)


async def test_two_hashes_of_one_password_differ(hasher: Argon2idHasher) -> None:
    assert await hasher.hash(PASSWORD) != await hasher.hash(PASSWORD)


async def test_nobody_has_no_password(hasher: Argon2idHasher) -> None:
    assert not await hasher.verify(PASSWORD, None)


@pytest.mark.parametrize("broken", ["", "plain", "$argon2id$v=19$m=64,t=1,p=1$x$y", "$2b$12$abc"])
async def test_a_broken_hash_lets_nobody_in(hasher: Argon2idHasher, broken: str) -> None:
    assert not await hasher.verify(PASSWORD, PasswordHash(broken))


async def test_a_weaker_hash_is_outdated_and_still_lets_in(
    hasher: Argon2idHasher, stronger: Argon2idHasher
) -> None:
    weak = await hasher.hash(PASSWORD)

    assert stronger.outdated(weak)
    assert await stronger.verify(PASSWORD, weak)
    assert not stronger.outdated(await stronger.hash(PASSWORD))


async def test_the_default_is_argon2id_with_46_mib_one_pass_one_lane() -> None:
    with argon2id(DEFAULT_COST) as hasher:
        hashed = await hasher.hash(PASSWORD)

    assert hashed.startswith("$argon2id$v=19$m=47104,t=1,p=1$")


async def test_hashing_never_runs_on_the_event_loop(hasher: Argon2idHasher) -> None:
    ran_on: list[int] = []
    original = hasher.argon2

    class Watching:
        def hash(self, password: str) -> str:
            ran_on.append(threading.get_ident())
            return original.hash(password)

    hasher.argon2 = Watching()  # type: ignore[assignment] # only what `hash` needs
    try:
        await hasher.hash(PASSWORD)
    finally:
        hasher.argon2 = original

    assert ran_on
    assert threading.get_ident() not in ran_on


async def test_when_too_many_wait_the_next_is_told_to_come_back() -> None:
    with argon2id(Argon2Cost(memory_kib=64), threads=1, waiting_max=3) as hasher:
        answers = await asyncio.gather(
            *(hasher.hash(PASSWORD) for _ in range(5)), return_exceptions=True
        )
        again = await hasher.hash(PASSWORD)

    assert [isinstance(a, SignInBusyError) for a in answers] == [False, False, False, True, True]
    assert again
