"""Naming and removing passkeys."""

from dataclasses import replace

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import SessionEndedError, StepUpRequiredError
from domain.identity.errors_bankid import LastWayInError
from domain.identity.errors_factors import (
    LongerPasswordNeededError,
)
from domain.identity.errors_passkeys import (
    PasskeyNotFoundError,
    PasskeyRefusedError,
)
from tests.support.authenticator import Authenticator
from tests.support.passkeys import PasskeyWorld


async def test_a_passkey_is_renamed(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    made, view = await passkeys.registers(anna, phone)

    renamed = await passkeys.renames(anna, view.id, " My  old phone ")

    assert renamed == replace(view, name="My old phone")
    assert await passkeys.lists(anna) == [renamed]
    await passkeys.signs_in(phone, made)


async def test_a_removed_passkey_opens_nothing_and_ends_other_sessions(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    made, view = await passkeys.registers(anna, phone)
    elsewhere = await passkeys.signs_in(phone, made)

    await passkeys.removes(anna, view.id)

    with pytest.raises(PasskeyRefusedError):
        await passkeys.signs_in(phone, made)
    with pytest.raises(SessionEndedError):
        await passkeys.caller(elsewhere)
    await passkeys.caller(anna)
    assert isinstance(await passkeys.identity.tries(), SignedIn), "no second factor is left"
    assert "identity.passkey_removed" in await passkeys.acts(anna.user_id)
    assert await passkeys.letters() == ["passkey_added", "passkey_removed"]


async def test_anothers_passkey_does_not_exist(
    passkeys: PasskeyWorld, anna: SignedIn, bjorn: SignedIn, phone: Authenticator
) -> None:
    _, view = await passkeys.registers(anna, phone)

    with pytest.raises(PasskeyNotFoundError):
        await passkeys.renames(bjorn, view.id, "Mine")
    with pytest.raises(PasskeyNotFoundError):
        await passkeys.removes(bjorn, view.id)
    assert await passkeys.lists(bjorn) == []
    assert len(await passkeys.lists(anna)) == 1


async def test_the_last_way_in_stays(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    passkeys.rules = replace(passkeys.rules, passwords=False)
    _, first = await passkeys.registers(anna, phone)
    _, second = await passkeys.registers(anna, phone)

    await passkeys.removes(anna, first.id)
    with pytest.raises(LastWayInError):
        await passkeys.removes(anna, second.id)

    assert [view.id for view in await passkeys.lists(anna)] == [second.id]


async def test_a_password_without_an_address_is_no_way_in(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    _, view = await passkeys.registers(anna, phone)
    async with passkeys.identity.begin(anna.user_id) as tx:
        person = await tx.people.hold(anna.user_id)
        await tx.people.save(replace(person, email=None))
        await tx.commit()

    with pytest.raises(LastWayInError):
        await passkeys.removes(anna, view.id)

    assert len(await passkeys.lists(anna)) == 1


async def test_a_short_password_keeps_the_last_second_factor(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    _, view = await passkeys.registers(anna, phone)
    async with passkeys.identity.begin(anna.user_id) as tx:
        password = await tx.credentials.password_of(anna.user_id)
        assert password is not None
        await tx.credentials.put(replace(password, suffices_alone=False))
        await tx.commit()

    with pytest.raises(LongerPasswordNeededError):
        await passkeys.removes(anna, view.id)

    assert len(await passkeys.lists(anna)) == 1


async def test_removing_wants_a_fresh_proof(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    _, view = await passkeys.registers(anna, phone)
    passkeys.identity.clock.forward(minutes=6)

    with pytest.raises(StepUpRequiredError):
        await passkeys.removes(anna, view.id)
