"""A passkey as the second factor."""

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors_factors import (
    ChallengeOverError,
    SecondFactorOffError,
)
from domain.identity.errors_passkeys import (
    PasskeyChallengeError,
    PasskeyRefusedError,
)
from domain.identity.session import Method
from domain.shared.secret import Secret
from tests.contract.identity.passkeys.conftest import BJORN
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying
from tests.support.passkeys import PasskeyWorld, asked


async def test_a_passkey_finishes_what_a_password_began(
    passkeys: PasskeyWorld, phone: Authenticator, key: software.Passkey
) -> None:
    waiting = await passkeys.begins()
    options = await passkeys.is_asked_after_password(waiting.challenge)

    signed_in = await passkeys.finishes(waiting.challenge, phone.signs(key, asked(options)))

    assert Method.PASSKEY in waiting.methods
    assert [one.credential_id for one in options.allowed] == [key.credential_id]
    assert await passkeys.methods(signed_in) == {Method.PASSWORD, Method.PASSKEY}
    assert await passkeys.acts(signed_in.user_id)


@pytest.mark.parametrize("lies", [lying(verified=False), lying(nameless=True)])
async def test_after_a_password_it_is_enough_to_have_the_passkey(
    passkeys: PasskeyWorld, phone: Authenticator, key: software.Passkey, lies: software.Lies
) -> None:
    waiting = await passkeys.begins()
    options = await passkeys.is_asked_after_password(waiting.challenge)

    await passkeys.finishes(waiting.challenge, phone.signs(key, asked(options), lies))


async def test_a_sign_in_is_finished_with_its_own_challenge_and_passkey_only(
    passkeys: PasskeyWorld,
    bjorn: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
) -> None:
    his, _ = await passkeys.registers(bjorn, phone)
    annas, again = await passkeys.begins(), await passkeys.begins()
    bjorns = await passkeys.begins(BJORN)

    for_anna = await passkeys.is_asked_after_password(annas.challenge)
    with pytest.raises(PasskeyRefusedError) as refused:
        await passkeys.finishes(annas.challenge, phone.signs(his, asked(for_anna)))
    assert refused.value.why == "foreign"

    for elsewhere in (again, bjorns):
        for_anna = await passkeys.is_asked_after_password(annas.challenge)
        with pytest.raises(PasskeyChallengeError):
            await passkeys.finishes(elsewhere.challenge, phone.signs(key, asked(for_anna)))

    with pytest.raises(ChallengeOverError):
        await passkeys.is_asked_after_password(Secret("n" * 43))
    assert "identity.second_factor_refused" in await passkeys.acts(
        (await passkeys.signs_in(phone, key)).user_id
    )


async def test_who_has_no_passkey_is_asked_for_none(passkeys: PasskeyWorld, anna: SignedIn) -> None:
    with pytest.raises(SecondFactorOffError):
        await passkeys.is_asked_to_step_up(anna)
