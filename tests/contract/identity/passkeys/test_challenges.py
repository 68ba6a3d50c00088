"""A challenge is for one answer, one purpose, one session and five minutes."""

from collections.abc import Awaitable, Callable

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors_passkeys import (
    PasskeyChallengeError,
    PasskeyRefusedError,
    PasskeyUnacceptableError,
)
from domain.identity.passkey_challenge import Asked, PasskeyChallenge, Purpose
from domain.identity.refresh import hash_of
from domain.shared.secret import Secret
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying
from tests.support.passkeys import PasskeyWorld, asked


async def test_a_challenge_is_used_once_when_all_is_well(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    options = await passkeys.starts(anna)
    made, presented = phone.makes(asked(options), options.user_handle)
    await passkeys.adds(anna, presented)
    with pytest.raises(PasskeyChallengeError):
        await passkeys.adds(anna, presented)

    request = await passkeys.is_asked()
    await passkeys.shows(request.challenge, phone.signs(made, asked(request)))
    with pytest.raises(PasskeyChallengeError):
        await passkeys.shows(request.challenge, phone.signs(made, asked(request)))


async def test_a_challenge_is_used_up_when_nothing_is_well(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    options = await passkeys.starts(anna)
    _, bad = phone.makes(asked(options), options.user_handle, lies=lying(rp_id="elsewhere"))
    _, good = phone.makes(asked(options), options.user_handle)
    with pytest.raises(PasskeyUnacceptableError):
        await passkeys.adds(anna, bad)
    with pytest.raises(PasskeyChallengeError):
        await passkeys.adds(anna, good)

    request = await passkeys.is_asked()
    with pytest.raises(PasskeyRefusedError):
        await passkeys.shows(
            request.challenge, phone.signs(key, asked(request), lying(signature=b"no"))
        )
    with pytest.raises(PasskeyChallengeError):
        await passkeys.shows(request.challenge, phone.signs(key, asked(request)))


async def test_a_challenge_runs_out_after_five_minutes(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    options, request = await passkeys.starts(anna), await passkeys.is_asked()
    step_up = await passkeys.is_asked_to_step_up(anna)
    passkeys.identity.clock.forward(minutes=5)

    _, presented = phone.makes(asked(options), options.user_handle)
    with pytest.raises(PasskeyChallengeError):
        await passkeys.adds(anna, presented)
    with pytest.raises(PasskeyChallengeError):
        await passkeys.shows(request.challenge, phone.signs(key, asked(request)))
    with pytest.raises(PasskeyChallengeError):
        await passkeys.steps_up(anna, phone.signs(key, asked(step_up)))


async def test_a_challenge_of_another_session_or_person_is_none(
    passkeys: PasskeyWorld, anna: SignedIn, bjorn: SignedIn, phone: Authenticator
) -> None:
    other = await passkeys.identity.logs_in()
    for stranger in (other, bjorn):
        options = await passkeys.starts(anna)
        _, presented = phone.makes(asked(options), options.user_handle)
        with pytest.raises(PasskeyChallengeError):
            await passkeys.adds(stranger, presented)
        with pytest.raises(PasskeyChallengeError):
            await passkeys.adds(anna, presented)  # it is used up by that


async def test_a_challenge_for_one_thing_is_none_for_another(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    asking: dict[Purpose, Callable[[], Awaitable[bytes]]] = {}

    async def to_register() -> bytes:
        return asked(await passkeys.starts(anna))

    async def to_sign_in() -> bytes:
        return asked(await passkeys.is_asked())

    async def to_step_up() -> bytes:
        return asked(await passkeys.is_asked_to_step_up(anna))

    async def to_finish() -> bytes:
        waiting = await passkeys.begins()
        return asked(await passkeys.is_asked_after_password(waiting.challenge))

    asking = {
        Purpose.REGISTER: to_register,
        Purpose.SIGN_IN: to_sign_in,
        Purpose.STEP_UP: to_step_up,
        Purpose.SECOND_FACTOR: to_finish,
    }
    for purpose, ask in asking.items():
        if purpose is not Purpose.SIGN_IN:
            challenge = await ask()
            with pytest.raises(PasskeyChallengeError):
                await passkeys.shows(Secret(challenge.decode()), phone.signs(key, challenge))
        if purpose is not Purpose.STEP_UP:
            with pytest.raises(PasskeyChallengeError):
                await passkeys.steps_up(anna, phone.signs(key, await ask()))
        if purpose is not Purpose.SECOND_FACTOR:
            waiting = await passkeys.begins()
            with pytest.raises(PasskeyChallengeError):
                await passkeys.finishes(waiting.challenge, phone.signs(key, await ask()))
        if purpose is not Purpose.REGISTER:
            _, presented = phone.makes(await ask(), key.user_handle)
            with pytest.raises(PasskeyChallengeError):
                await passkeys.adds(anna, presented)


@pytest.mark.parametrize("text", ["", "never-issued", "x" * 100_000, "tøken", "\ud800"])
async def test_what_was_never_a_challenge_is_none(
    passkeys: PasskeyWorld, phone: Authenticator, key: software.Passkey, text: str
) -> None:
    shown = phone.signs(key, b"x")
    with pytest.raises(PasskeyChallengeError):
        await passkeys.shows(Secret(text), shown)


async def test_a_challenge_is_taken_once(passkeys: PasskeyWorld, anna: SignedIn) -> None:
    now = passkeys.identity.clock.now()
    mine = Asked(Purpose.STEP_UP, anna.user_id, anna.session_id.bytes)
    for token, whom in (("a" * 43, mine), ("b" * 43, Asked(Purpose.SIGN_IN))):
        challenge = PasskeyChallenge.issue(Secret(token), whom, now)
        await passkeys.challenges.put(challenge)

        assert await passkeys.challenges.take(hash_of(Secret("never"))) is None
        assert await passkeys.challenges.take(challenge.hash) == challenge
        assert await passkeys.challenges.take(challenge.hash) is None
