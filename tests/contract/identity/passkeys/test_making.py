"""Making a passkey: by whom, for whom, how many."""

import pytest

from application.identity.passkeys.options import Described
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_passkeys import (
    PasskeyKnownError,
    PasskeyUnacceptableError,
    TooManyPasskeysError,
)
from domain.identity.passkey import (
    PASSKEYS_MAX,
    RawCredentialId,
)
from domain.identity.session import Method
from domain.shared.errors import InvalidFieldsError
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying
from tests.support.identity import EMAIL
from tests.support.passkeys import PasskeyWorld, asked


async def test_a_passkey_is_made_and_signs_in_alone(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    made, view = await passkeys.registers(anna, phone, "Anna's phone")
    signed_in = await passkeys.signs_in(phone, made)

    assert (signed_in.user_id, view.name) == (anna.user_id, "Anna's phone")
    assert signed_in.session_id != anna.session_id
    assert await passkeys.methods(signed_in) == {Method.PASSKEY}
    await passkeys.fresh(signed_in)
    assert (await passkeys.acts(anna.user_id))[-2:] == [
        "identity.passkey_added",
        "identity.logged_in",
    ]
    assert (await passkeys.last(anna.user_id))[1]["with"] == "passkey"
    assert await passkeys.letters() == ["passkey_added"]


async def test_the_session_that_adds_a_passkey_has_shown_it(
    passkeys: PasskeyWorld, anna: SignedIn, key: software.Passkey
) -> None:
    assert key.uses == 1
    assert await passkeys.methods(anna) == {Method.PASSWORD, Method.PASSKEY}


async def test_authenticators_know_a_person_by_64_random_bytes_for_good(
    passkeys: PasskeyWorld, anna: SignedIn, bjorn: SignedIn, phone: Authenticator
) -> None:
    first = (await passkeys.starts(anna)).user_handle
    _, view = await passkeys.registers(anna, phone)
    await passkeys.removes(anna, view.id)

    assert len(first) == 64
    assert (await passkeys.starts(anna)).user_handle == first
    assert (await passkeys.starts(bjorn)).user_handle != first
    assert first.find(anna.user_id.bytes) == -1


async def test_an_authenticator_is_told_what_it_holds_already(
    passkeys: PasskeyWorld, anna: SignedIn, key: software.Passkey
) -> None:
    options = await passkeys.starts(anna)

    assert options.known == (Described(RawCredentialId(key.credential_id), ("hybrid", "internal")),)
    assert options.account == EMAIL


async def test_a_passkey_that_is_known_is_not_added_again(
    passkeys: PasskeyWorld, anna: SignedIn, bjorn: SignedIn, phone: Authenticator
) -> None:
    made, _ = await passkeys.registers(anna, phone)
    for person in (anna, bjorn):
        options = await passkeys.starts(person)
        lies = lying(credential_id=made.credential_id, attested_id=made.credential_id)
        _, presented = phone.makes(asked(options), options.user_handle, lies=lies)
        with pytest.raises(PasskeyKnownError):
            await passkeys.adds(person, presented)

    assert len(await passkeys.lists(anna)) == 1
    assert await passkeys.lists(bjorn) == []
    assert (await passkeys.signs_in(phone, made)).user_id == anna.user_id


async def test_a_removed_passkey_can_be_registered_again(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    made, view = await passkeys.registers(anna, phone)
    await passkeys.removes(anna, view.id)
    options = await passkeys.starts(anna)
    lies = lying(credential_id=made.credential_id, attested_id=made.credential_id)
    _, presented = phone.makes(asked(options), options.user_handle, lies=lies)

    await passkeys.adds(anna, presented)

    assert len(await passkeys.lists(anna)) == 1


async def test_twenty_passkeys_are_enough(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    late = await passkeys.starts(anna)
    for number in range(PASSKEYS_MAX):
        await passkeys.registers(anna, phone, f"Number {number}")

    with pytest.raises(TooManyPasskeysError):
        await passkeys.starts(anna)
    _, presented = phone.makes(asked(late), late.user_handle)
    with pytest.raises(TooManyPasskeysError):
        await passkeys.adds(anna, presented)
    names = [view.name for view in await passkeys.lists(anna)]
    assert names == [f"Number {number}" for number in range(PASSKEYS_MAX)]


async def test_what_is_no_good_passkey_is_refused_and_noted(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    options = await passkeys.starts(anna)
    lies = lying(verified=False)
    _, presented = phone.makes(asked(options), options.user_handle, lies=lies)

    with pytest.raises(PasskeyUnacceptableError):
        await passkeys.adds(anna, presented)

    action, facts = await passkeys.last(anna.user_id)
    assert (action, facts["why"]) == ("identity.passkey_not_added", "not_verified")
    assert await passkeys.lists(anna) == []
    assert await passkeys.letters() == []


async def test_a_name_can_be_typed_again_after_a_bad_one(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    options = await passkeys.starts(anna)
    _, presented = phone.makes(asked(options), options.user_handle)
    with pytest.raises(InvalidFieldsError):
        await passkeys.adds(anna, presented, "  ")

    assert (await passkeys.adds(anna, presented, "Phone")).name == "Phone"


async def test_options_are_for_who_has_just_proved_to_be_there(
    passkeys: PasskeyWorld, anna: SignedIn
) -> None:
    passkeys.identity.clock.forward(minutes=6)

    with pytest.raises(StepUpRequiredError):
        await passkeys.starts(anna)


async def test_another_session_with_only_the_password_adds_no_second_passkey(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    """A thief with the password signed in a minute before the first passkey was added."""
    thief = await passkeys.identity.logs_in()
    _, view = await passkeys.registers(anna, phone)

    with pytest.raises(StepUpRequiredError):
        await passkeys.starts(thief)
    with pytest.raises(StepUpRequiredError):
        await passkeys.removes(thief, view.id)
