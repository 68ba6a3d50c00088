"""Proving with a passkey that one is still there."""

from datetime import timedelta

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_passkeys import (
    PasskeyClonedError,
    PasskeyRefusedError,
)
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying
from tests.support.passkeys import PasskeyWorld, asked


async def test_a_passkey_proves_that_one_is_there(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    passkeys.identity.clock.forward(minutes=6)
    with pytest.raises(StepUpRequiredError):
        await passkeys.starts(anna)

    options = await passkeys.is_asked_to_step_up(anna)
    stepped_up = await passkeys.steps_up(anna, phone.signs(key, asked(options)))

    assert options.verified
    assert stepped_up.fresh_until == passkeys.identity.clock.now() + timedelta(minutes=5)
    await passkeys.starts(stepped_up.signed_in)
    assert (await passkeys.acts(anna.user_id))[-1] == "identity.stepped_up"


@pytest.mark.parametrize(
    "lies", [lying(verified=False), lying(user_handle=b"x" * 64), lying(signature=b"")]
)
async def test_a_passkey_that_does_not_hold_proves_nothing(
    passkeys: PasskeyWorld,
    anna: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
    lies: software.Lies,
) -> None:
    before = await passkeys.session(anna)
    passkeys.identity.clock.forward(minutes=6)
    options = await passkeys.is_asked_to_step_up(anna)
    with pytest.raises(PasskeyRefusedError):
        await passkeys.steps_up(anna, phone.signs(key, asked(options), lies))

    assert (await passkeys.session(anna)).proved_at == before.proved_at
    assert (await passkeys.acts(anna.user_id))[-1] == "identity.step_up_refused"


async def test_anothers_passkey_proves_nothing(
    passkeys: PasskeyWorld, bjorn: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    await passkeys.registers(bjorn, phone)
    options = await passkeys.is_asked_to_step_up(bjorn)

    with pytest.raises(PasskeyRefusedError):
        await passkeys.steps_up(bjorn, phone.signs(key, asked(options)))


async def test_a_copy_is_noticed_wherever_it_is_shown(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    copied = lying(sign_count=1)
    await passkeys.letters()
    options = await passkeys.is_asked_to_step_up(anna)
    with pytest.raises(PasskeyClonedError):
        await passkeys.steps_up(anna, phone.signs(key, asked(options), copied))
    waiting = await passkeys.begins()
    options = await passkeys.is_asked_after_password(waiting.challenge)
    with pytest.raises(PasskeyClonedError):
        await passkeys.finishes(waiting.challenge, phone.signs(key, asked(options), copied))

    assert await passkeys.letters() == ["passkey_cloned"] * 2
    assert (await passkeys.acts(anna.user_id)).count("identity.passkey_cloned") == 2
