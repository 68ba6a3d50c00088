"""API keys from being made to being refused; the same over memory and PostgreSQL."""

from datetime import timedelta
from uuid import UUID

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.api_key import is_written_right
from domain.identity.errors import SessionEndedError
from domain.identity.errors_api_keys import (
    ApiKeyInvalidError,
    ApiKeyNotFoundError,
    TooManyApiKeysError,
)
from domain.identity.session import Ended, SessionKind
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import SessionId
from domain.shared.scopes import Scope
from domain.shared.secret import Secret
from tests.support.api_keys import Devices, Keys
from tests.support.clock import NOON
from tests.support.identity import World


@pytest.fixture
def keys(world: World) -> Keys:
    return Keys(world)


@pytest.fixture
async def anna(world: World) -> SignedIn:
    await world.registers()
    return await world.logs_in()


async def test_a_key_acts_for_its_person_within_its_scopes(keys: Keys, anna: SignedIn) -> None:
    made = await keys.makes(anna, scopes=[Scope.LEDGER_READ], days=30)

    claims = await keys.claims(made.key)

    assert is_written_right(made.key)
    assert (claims.user_id, claims.session_id) == (anna.user_id, made.id)
    assert claims.scopes == frozenset({Scope.LEDGER_READ})
    assert claims.expires_at == made.expires_at == NOON + timedelta(days=30)
    assert (await keys.asks(made.key)).user_id == anna.user_id


async def test_a_key_is_no_fresh_proof_of_anybody(world: World, keys: Keys, anna: SignedIn) -> None:
    made = await keys.makes(anna)

    standing = await world.check.standing(await keys.claims(made.key))

    assert standing.kind == SessionKind.API_KEY


async def test_the_list_has_everything_but_the_keys(
    world: World, keys: Keys, anna: SignedIn
) -> None:
    old = await keys.makes(anna, "  Old\tphone ", scopes=[Scope.JOBS_READ, Scope.LEDGER_READ])
    world.clock.forward(minutes=1)
    new = await keys.makes(anna, "Årsoppgjør")

    newest, oldest = await keys.of(anna)

    assert (newest.name, oldest.name) == ("Årsoppgjør", "Old phone")
    assert (newest.id, oldest.id) == (new.id, old.id)
    assert oldest.scopes == [Scope.JOBS_READ, Scope.LEDGER_READ]
    assert (oldest.created_at, oldest.expires_at) == (NOON, NOON + timedelta(days=90))
    assert oldest.last_used_at is None
    assert old.key.reveal() not in repr((newest, oldest, old))


async def test_the_last_use_is_known_to_a_minute(world: World, keys: Keys, anna: SignedIn) -> None:
    made = await keys.makes(anna)
    for seconds, noted in ((30, None), (50, 80), (30, 80), (40, 150)):
        world.clock.forward(seconds=seconds)
        await keys.asks(made.key)
        seen = (await keys.of(anna))[0].last_used_at
        assert seen == (noted and NOON + timedelta(seconds=noted))


async def test_a_key_may_lie_unused_and_lives_as_long_as_was_said(
    world: World, keys: Keys, anna: SignedIn
) -> None:
    made = await keys.makes(anna, days=365)
    world.clock.forward(days=200)
    await keys.asks(made.key)
    world.clock.forward(days=164)
    await keys.asks(made.key)
    world.clock.forward(days=1)

    with pytest.raises(SessionEndedError):
        await keys.asks(made.key)
    later = await world.logs_in()
    assert await keys.of(later) == []


async def test_a_revoked_key_is_refused_at_once(keys: Keys, anna: SignedIn) -> None:
    made, other = await keys.makes(anna), await keys.makes(anna)

    await keys.revokes(anna, made.id)
    await keys.revokes(anna, made.id)

    with pytest.raises(SessionEndedError):
        await keys.asks(made.key)
    await keys.asks(other.key)
    assert [one.id for one in await keys.of(anna)] == [other.id]


async def test_using_a_revoked_key_does_not_bring_it_back(
    world: World, keys: Keys, anna: SignedIn
) -> None:
    made = await keys.makes(anna)
    await keys.revokes(anna, made.id)
    world.clock.forward(minutes=5)
    await keys.claims(made.key)  # its use is noted, by and by

    async with world.begin(anna.user_id) as tx:
        session = await tx.sessions.get(made.id)
    assert (session.ended, session.last_used_at) == (Ended.KEY_REVOKED, NOON)


async def test_signing_out_leaves_the_keys(world: World, keys: Keys, anna: SignedIn) -> None:
    made = await keys.makes(anna)
    await world.logs_out(await world.asks(anna))

    await keys.asks(made.key)


async def test_whatever_ends_all_sessions_ends_the_keys(
    world: World, keys: Keys, anna: SignedIn
) -> None:
    """A ban, a lock, a deleted account, a password that was reset."""
    made = await keys.makes(anna)
    async with world.begin(anna.user_id) as tx:
        assert await tx.sessions.end_all(Ended.BANNED, world.clock.now()) == 2
        await tx.commit()

    with pytest.raises(SessionEndedError):
        await keys.asks(made.key)


async def test_anothers_key_is_not_there(world: World, keys: Keys, anna: SignedIn) -> None:
    await world.registers("bo@example.no", name="Bo")
    bo = await world.logs_in("bo@example.no")
    made = await keys.makes(bo)

    for one in (made.id, SessionId(UUID(int=7)), anna.session_id):
        with pytest.raises(ApiKeyNotFoundError):
            await keys.revokes(anna, one)
    assert await keys.of(anna) == []
    await keys.asks(made.key)


async def test_a_person_has_twenty_five_keys_at_most(
    world: World, keys: Keys, anna: SignedIn
) -> None:
    made = [await keys.makes(anna) for _ in range(25)]

    with pytest.raises(TooManyApiKeysError):
        await keys.makes(anna)
    await keys.revokes(anna, made[0].id)
    await keys.makes(anna)
    assert len(await Devices(world).of(anna)) == 1


async def test_no_key_is_made_by_a_session_that_has_ended(
    world: World, keys: Keys, anna: SignedIn
) -> None:
    await world.logs_out(await world.asks(anna))

    with pytest.raises(SessionEndedError):
        await keys.makes(anna)


@pytest.mark.parametrize(
    ("name", "scopes", "days"),
    [
        ("", [Scope.LEDGER_READ], 1),
        (" \t", [Scope.LEDGER_READ], 1),
        ("x" * 61, [Scope.LEDGER_READ], 1),
        ("a\u202eb", [Scope.LEDGER_READ], 1),
        ("a\ud800", [Scope.LEDGER_READ], 1),
        ("key", [], 1),
        ("key", [Scope.LEDGER_READ], 0),
        ("key", [Scope.LEDGER_READ], 366),
    ],
)
async def test_what_is_wrong_with_a_wish_makes_no_key(
    keys: Keys, anna: SignedIn, name: str, scopes: list[Scope], days: int
) -> None:
    with pytest.raises(InvalidFieldsError):
        await keys.makes(anna, name, scopes, days)
    assert await keys.of(anna) == []


async def test_a_key_of_the_right_form_that_nobody_has_is_refused(keys: Keys) -> None:
    nobodys = Secret("dk_" + "A" * 43 + "3FjkUc")
    for key in (nobodys, Secret("dk_"), Secret("dk_å"), Secret("dk_" + "A" * 5_000)):
        with pytest.raises(ApiKeyInvalidError):
            await keys.claims(key)
