"""The whole way in and out, the same over memory and PostgreSQL."""

from collections.abc import Iterator

import pytest

from adapters.passwords.argon2id import Argon2Cost, Argon2idHasher, argon2id
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import (
    BadCredentialsError,
    EmailTakenError,
    RefreshTokenExpiredError,
    RefreshTokenReusedError,
    RefreshTokenUnknownError,
    SessionEndedError,
)
from domain.shared.errors import DalerError, InvalidFieldsError, UnauthenticatedError
from domain.shared.secret import Secret
from tests.support.identity import EMAIL, PASSWORD, World


@pytest.fixture
async def anna(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in()


async def test_a_person_registers_signs_in_and_sees_themselves(world: World) -> None:
    registered = await world.registers("Anna@Example.NO ")
    signed_in = await world.logs_in("anna@example.no")

    seen = await world.sees_themselves(await world.asks(signed_in))

    assert seen == registered
    assert (seen.name, seen.email) == ("Anna Berg", "anna@example.no")
    assert (seen.locale, seen.time_zone, seen.currency) == ("nb-NO", "Europe/Oslo", "NOK")


async def test_an_address_is_registered_once(world: World) -> None:
    await world.registers()

    with pytest.raises(EmailTakenError):
        await world.registers(EMAIL.upper(), Secret("another password of mine"))
    await world.logs_in()


async def test_what_is_wrong_with_a_form_keeps_nobody(world: World) -> None:
    with pytest.raises(InvalidFieldsError):
        await world.registers(password=Secret("short"))

    with pytest.raises(BadCredentialsError):
        await world.logs_in(password=Secret("short"))


async def refusal(world: World, email: str, password: Secret) -> tuple[type[DalerError], str]:
    with pytest.raises(BadCredentialsError) as refused:
        await world.logs_in(email, password)
    return type(refused.value), str(refused.value)


async def test_a_stranger_and_a_wrong_password_get_one_answer(world: World) -> None:
    await world.registers()
    wrong = Secret("five quite other words here")

    answers = {
        await refusal(world, EMAIL, wrong),
        await refusal(world, "nobody@example.no", wrong),
        await refusal(world, "nobody@example.no", PASSWORD),
        await refusal(world, EMAIL, Secret("x" * 100_000)),
        await refusal(world, EMAIL, Secret("")),
    }

    assert len(answers) == 1


async def test_each_sign_in_is_a_session_of_its_own(world: World, anna: SignedIn) -> None:
    again = await world.logs_in()
    await world.logs_out(await world.asks(anna))

    assert again.session_id != anna.session_id
    await world.asks(again)


async def test_a_signed_out_session_is_dead_on_the_next_request(
    world: World, anna: SignedIn
) -> None:
    caller = await world.asks(anna)
    await world.logs_out(caller)

    with pytest.raises(SessionEndedError):
        await world.asks(anna)
    with pytest.raises(SessionEndedError):
        await world.refreshes(anna.refresh)
    await world.logs_out(caller)  # once more does no harm


async def test_a_refresh_token_is_traded_for_another(world: World, anna: SignedIn) -> None:
    world.clock.forward(minutes=20)
    refreshed = await world.refreshes(anna.refresh)

    assert refreshed.refresh != anna.refresh
    assert refreshed.session_id == anna.session_id
    await world.asks(refreshed)
    await world.refreshes(refreshed.refresh)


async def test_a_repeat_within_ten_seconds_gets_the_same_successor(
    world: World, anna: SignedIn
) -> None:
    first = await world.refreshes(anna.refresh)
    world.clock.forward(seconds=10)
    second = await world.refreshes(anna.refresh)

    assert second.refresh == first.refresh
    assert second.refresh_expires_at == first.refresh_expires_at


async def test_a_later_reuse_ends_the_whole_family(world: World, anna: SignedIn) -> None:
    successor = await world.refreshes(anna.refresh)
    world.clock.forward(seconds=11)

    with pytest.raises(RefreshTokenReusedError):
        await world.refreshes(anna.refresh)

    with pytest.raises(SessionEndedError):
        await world.refreshes(successor.refresh)
    with pytest.raises(SessionEndedError):
        await world.asks(successor)


async def test_another_session_survives_the_end_of_a_family(world: World, anna: SignedIn) -> None:
    other = await world.logs_in()
    await world.refreshes(anna.refresh)
    world.clock.forward(seconds=11)
    with pytest.raises(RefreshTokenReusedError):
        await world.refreshes(anna.refresh)

    await world.asks(other)
    await world.refreshes(other.refresh)


async def test_a_refresh_token_runs_out(world: World, anna: SignedIn) -> None:
    world.clock.forward(days=6)
    await world.refreshes(anna.refresh)  # the session lives on
    other = await world.logs_in()
    world.clock.forward(days=6, hours=23)
    await world.refreshes(other.refresh)
    world.clock.forward(days=7)

    with pytest.raises((RefreshTokenExpiredError, SessionEndedError)):
        await world.refreshes(other.refresh)


@pytest.mark.parametrize("text", ["", "unknown", "x" * 1_000_000, "tøken", "a\0b", "\ud800"])
async def test_what_is_no_token_of_ours_is_refused(world: World, text: str) -> None:
    with pytest.raises(RefreshTokenUnknownError):
        await world.refreshes(Secret(text))


async def test_an_access_token_is_no_refresh_token_and_the_other_way_round(
    world: World, anna: SignedIn
) -> None:
    with pytest.raises(RefreshTokenUnknownError):
        await world.refreshes(anna.access.token)
    with pytest.raises(UnauthenticatedError):
        world.tokens.verify(anna.refresh)


@pytest.fixture
def stronger() -> Iterator[Argon2idHasher]:
    with argon2id(Argon2Cost(memory_kib=128)) as hasher:
        yield hasher


async def test_a_hash_is_renewed_when_the_parameters_rise(
    world: World, stronger: Argon2idHasher
) -> None:
    person = await world.registers()
    world.hasher = stronger
    await world.logs_in()

    async with world.begin(person.id) as tx:
        kept = await tx.credentials.password_of(person.id)
    assert kept is not None
    assert not stronger.outdated(kept.hash)
    assert kept.changed_at == kept.created_at
    await world.logs_in()
