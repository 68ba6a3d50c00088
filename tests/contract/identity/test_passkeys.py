"""Passkeys from making them to getting in, over memory and over PostgreSQL."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from application.identity.challenges import SecondFactorAsked
from application.identity.passkeys_options import Described
from application.identity.tokens import SignedIn
from domain.identity.errors import AccountNotActiveError, SessionEndedError, StepUpRequiredError
from domain.identity.errors_bankid import LastWayInError
from domain.identity.errors_factors import (
    ChallengeOverError,
    LongerPasswordNeededError,
    SecondFactorOffError,
)
from domain.identity.errors_passkeys import (
    PasskeyChallengeError,
    PasskeyClonedError,
    PasskeyKnownError,
    PasskeyNotFoundError,
    PasskeyRefusedError,
    PasskeyUnacceptableError,
    TooManyPasskeysError,
)
from domain.identity.passkey import (
    PASSKEYS_MAX,
    Algorithm,
    Attested,
    Passkey,
    PasskeyId,
    PasskeyName,
    RawCredentialId,
)
from domain.identity.passkey_challenge import Asked, PasskeyChallenge, Purpose
from domain.identity.person import PersonStatus
from domain.identity.refresh import hash_of
from domain.identity.session import Method
from domain.shared.errors import DalerError, InvalidFieldsError
from domain.shared.secret import Secret
from tests.support import authenticator as software
from tests.support.authenticator import Authenticator, lying
from tests.support.identity import EMAIL, World
from tests.support.passkeys import PasskeyWorld, asked, passkeys_over

BJORN = "bjorn@example.no"
Refused = Callable[[], Awaitable[object]]


@pytest.fixture
def passkeys(world: World) -> PasskeyWorld:
    return passkeys_over(world)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


@pytest.fixture
async def anna(passkeys: PasskeyWorld) -> SignedIn:
    await passkeys.identity.registers()
    return await passkeys.identity.logs_in()


@pytest.fixture
async def bjorn(passkeys: PasskeyWorld) -> SignedIn:
    await passkeys.identity.registers(BJORN, name="Bjorn Dal")
    return await passkeys.identity.logs_in(BJORN)


@pytest.fixture
async def key(passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator) -> software.Passkey:
    """Anna's, on her phone."""
    made, _ = await passkeys.registers(anna, phone)
    return made


async def after_password(passkeys: PasskeyWorld, email: str = EMAIL) -> SecondFactorAsked:
    answer = await passkeys.identity.tries(email)
    assert isinstance(answer, SecondFactorAsked)
    return answer


# Making them


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


# Challenges


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
        waiting = await after_password(passkeys)
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
            waiting = await after_password(passkeys)
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


# Signing in


async def test_who_we_do_not_know_is_refused(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    stranger, _ = phone.makes(b"x", b"h" * 64)

    with pytest.raises(PasskeyRefusedError) as refused:
        await passkeys.signs_in(phone, stranger)

    assert refused.value.why == "unknown"
    assert await passkeys.living(anna.user_id) == 1


@pytest.mark.parametrize(
    "lie",
    [
        ("origin", lying(origin="https://daler.example")),
        ("type", lying(type="webauthn.create")),
        ("rp_id", lying(rp_id="daler.example")),
        ("challenge", lying(challenge=b"another")),
        ("not_present", lying(present=False)),
        ("not_verified", lying(verified=False)),
        ("signature", lying(signature=b"\x30\x06\x02\x01\x01\x02\x01\x01")),
        ("malformed", lying(authenticator_data=b"")),
        ("user_handle", lying(nameless=True)),
        ("user_handle", lying(user_handle=b"h" * 64)),
        ("user_handle", lying(user_handle=b"h")),
        ("backup_eligibility", lying(eligible=True)),
    ],
)
async def test_every_lie_is_refused_alike_and_noted(
    passkeys: PasskeyWorld,
    anna: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
    lie: tuple[str, software.Lies],
) -> None:
    check, lies = lie
    with pytest.raises(PasskeyRefusedError) as refused:
        await passkeys.signs_in(phone, key, lies)

    assert str(refused.value) == str(PasskeyRefusedError("unknown"))
    action, facts = await passkeys.last(anna.user_id)
    assert (action, facts["check"]) == ("identity.log_in_refused", check)
    assert await passkeys.living(anna.user_id) == 1
    await passkeys.signs_in(phone, key)  # the next honest try is as good as ever


async def test_anothers_key_pair_under_ones_own_name_is_refused(
    passkeys: PasskeyWorld,
    bjorn: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
) -> None:
    """Bjorn's device says that it is Anna, or names her credential and signs with his."""
    his, _ = await passkeys.registers(bjorn, phone)

    for lies in (
        lying(user_handle=key.user_handle),
        lying(credential_id=key.credential_id),
        lying(credential_id=key.credential_id, user_handle=key.user_handle),
    ):
        with pytest.raises(PasskeyRefusedError):
            await passkeys.signs_in(phone, his, lies)


@pytest.mark.parametrize("counter", [0, 1])
async def test_a_copied_passkey_is_refused_and_its_person_told(
    passkeys: PasskeyWorld,
    anna: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
    counter: int,
) -> None:
    await passkeys.letters()
    with pytest.raises(PasskeyClonedError):
        await passkeys.signs_in(phone, key, lying(sign_count=counter))

    assert (await passkeys.acts(anna.user_id))[-2:] == [
        "identity.passkey_cloned",
        "identity.log_in_refused",
    ]
    assert await passkeys.letters() == ["passkey_cloned"]
    assert await passkeys.living(anna.user_id) == 1
    [view] = await passkeys.lists(anna)
    assert view.last_used_at is None


async def test_a_synced_passkey_never_counts(passkeys: PasskeyWorld, anna: SignedIn) -> None:
    cloud = Authenticator(synced=True)
    made, view = await passkeys.registers(anna, cloud)

    await passkeys.signs_in(cloud, made)
    await passkeys.signs_in(cloud, made)

    assert view.synced
    assert (await passkeys.lists(anna))[0].last_used_at == passkeys.identity.clock.now()


async def test_who_may_not_sign_in_may_not_with_a_passkey_either(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: software.Passkey
) -> None:
    async with passkeys.identity.begin(anna.user_id) as tx:
        person = await tx.people.hold(anna.user_id)
        await tx.people.save(replace(person, status=PersonStatus.BANNED))
        await tx.commit()

    with pytest.raises(AccountNotActiveError):
        await passkeys.signs_in(phone, key)

    action, facts = await passkeys.last(anna.user_id)
    assert (action, facts["why"]) == ("identity.log_in_refused", "account_not_active")


# After a password


async def test_a_passkey_finishes_what_a_password_began(
    passkeys: PasskeyWorld, phone: Authenticator, key: software.Passkey
) -> None:
    waiting = await after_password(passkeys)
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
    waiting = await after_password(passkeys)
    options = await passkeys.is_asked_after_password(waiting.challenge)

    await passkeys.finishes(waiting.challenge, phone.signs(key, asked(options), lies))


async def test_a_sign_in_is_finished_with_its_own_challenge_and_passkey_only(
    passkeys: PasskeyWorld,
    bjorn: SignedIn,
    phone: Authenticator,
    key: software.Passkey,
) -> None:
    his, _ = await passkeys.registers(bjorn, phone)
    annas, again = await after_password(passkeys), await after_password(passkeys)
    bjorns = await after_password(passkeys, BJORN)

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


# Stepping up


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
    await passkeys.starts(anna)
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
    waiting = await after_password(passkeys)
    options = await passkeys.is_asked_after_password(waiting.challenge)
    with pytest.raises(PasskeyClonedError):
        await passkeys.finishes(waiting.challenge, phone.signs(key, asked(options), copied))

    assert await passkeys.letters() == ["passkey_cloned"] * 2
    assert (await passkeys.acts(anna.user_id)).count("identity.passkey_cloned") == 2


# Looking after them


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


# What is kept


async def test_what_goes_in_comes_out_whole(
    passkeys: PasskeyWorld, anna: SignedIn, bjorn: SignedIn
) -> None:
    full = Passkey.register(
        passkey_id=PasskeyId(UUID(int=77)),
        user_id=anna.user_id,
        name=PasskeyName("Nøkkel på mobilen"),
        attested=Attested(
            credential_id=RawCredentialId(bytes(range(256)) * 3),
            public_key=b"\x00key\xff",
            algorithm=Algorithm.RS256,
            sign_count=2**32 - 1,
            aaguid=UUID(int=9),
            backup_eligible=True,
            backed_up=True,
        ),
        transports=("usb", "nfc"),
        now=passkeys.identity.clock.now(),
    )
    bare = replace(
        full,
        id=PasskeyId(UUID(int=78)),
        credential_id=RawCredentialId(b"\x00"),
        aaguid=None,
        transports=(),
        sign_count=0,
        created_at=full.created_at + timedelta(seconds=1),
        last_used_at=full.created_at + timedelta(days=1),
    )
    async with passkeys.identity.begin(anna.user_id) as tx:
        for passkey in (full, bare):
            await tx.passkeys.add(passkey)
        await tx.commit()

    async with passkeys.identity.begin(anna.user_id) as tx:
        assert await tx.passkeys.all() == [full, bare]
        assert await tx.passkeys.count() == 2
        assert await tx.passkeys.get(bare.id) == bare
        assert await tx.passkeys.by_credential(full.credential_id) == full
        await tx.passkeys.save(replace(full, sign_count=0, backed_up=False))
        await tx.commit()
    async with passkeys.identity.begin(anna.user_id) as tx:
        assert await tx.passkeys.get(full.id) == replace(full, sign_count=0, backed_up=False)
    async with passkeys.identity.begin(bjorn.user_id) as tx:
        assert await tx.passkeys.all() == []
        assert await tx.passkeys.by_credential(full.credential_id) is None
    assert await passkeys.directory.owner_of_passkey(full.credential_id) == anna.user_id
    assert await passkeys.directory.owner_of_passkey(RawCredentialId(b"none")) is None


async def test_nothing_is_kept_without_a_commit(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    made, view = await passkeys.registers(anna, phone)
    async with passkeys.identity.begin(anna.user_id) as tx:
        await tx.passkeys.remove(await tx.passkeys.get(view.id))

    await passkeys.signs_in(phone, made)


async def test_a_refusal_says_nothing_of_why() -> None:
    said: set[str] = {str(PasskeyRefusedError(why)) for why in ("unknown", "signature")}
    assert len(said) == 1
    assert issubclass(PasskeyRefusedError, DalerError)
