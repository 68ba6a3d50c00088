"""Second factors from setting up to getting in, over memory and over PostgreSQL."""

from dataclasses import replace

import pytest

from application.identity.signing_in.tokens import SignedIn
from domain.identity.challenge import TRIES_MAX
from domain.identity.errors import (
    AccountNotActiveError,
    BadCredentialsError,
    SessionEndedError,
    SignInLockedError,
    StepUpRequiredError,
)
from domain.identity.errors_factors import (
    ChallengeOverError,
    CodeWrongError,
    LongerPasswordNeededError,
    PasswordNotEnoughError,
    SecondFactorOffError,
    TotpNotBegunError,
    TotpOnError,
)
from domain.identity.person import PersonStatus
from domain.identity.session import Ended, Method
from domain.shared.errors import InvalidFieldsError
from domain.shared.secret import Secret
from tests.support.factors import Anna, anna_of
from tests.support.identity import PASSWORD, World

NEVER_ISSUED = Secret("n" * 43)


@pytest.fixture
async def anna(world: World) -> Anna:
    """Without a second factor."""
    return await anna_of(world)


@pytest.fixture
async def guarded(anna: Anna) -> Anna:
    """With an authenticator app."""
    await anna.sets_up_totp()
    return anna


async def methods_of(world: World, signed_in: SignedIn) -> frozenset[Method]:
    async with world.begin(signed_in.user_id) as tx:
        return (await tx.sessions.get(signed_in.session_id)).methods


async def misses(anna: Anna, challenge: Secret, times: int) -> None:
    for _ in range(times):
        with pytest.raises(CodeWrongError):
            await anna.shows_code(challenge, anna.wrong_code())


# Setting up


async def test_an_app_counts_once_its_first_code_is_confirmed(anna: Anna) -> None:
    await anna.begins_totp()
    assert isinstance(await anna.world.tries(), SignedIn), "a setup alone is no factor"

    codes = await anna.confirms(anna.code())

    assert len({code.reveal() for code in codes}) == 10
    seen = await anna.sees()
    assert (seen.on, seen.totp, seen.passkeys, seen.recovery_codes_left) == (True, True, 0, 10)
    assert (await anna.is_asked()).methods == (Method.TOTP, Method.RECOVERY_CODE)


async def test_a_wrong_first_code_turns_nothing_on(anna: Anna) -> None:
    await anna.begins_totp()
    with pytest.raises(CodeWrongError):
        await anna.confirms(anna.wrong_code())

    assert not (await anna.sees()).on
    assert len(await anna.confirms(anna.code())) == 10


async def test_beginning_again_forgets_the_secret_before(anna: Anna) -> None:
    await anna.begins_totp()
    old = anna.code()
    setup = await anna.begins_totp()

    assert setup.secret.reveal() in setup.address.reveal()
    assert setup.qr_svg.reveal().startswith("<svg")
    with pytest.raises(CodeWrongError):
        await anna.confirms(old)
    await anna.confirms(anna.code())


async def test_without_a_setup_there_is_nothing_to_confirm(anna: Anna) -> None:
    with pytest.raises(TotpNotBegunError):
        await anna.confirms(Secret("123456"))

    await anna.begins_totp()
    anna.world.clock.forward(minutes=16)
    with pytest.raises(TotpNotBegunError):
        await anna.confirms(anna.code())


async def test_a_second_app_does_not_push_out_the_first(guarded: Anna) -> None:
    with pytest.raises(TotpOnError):
        await guarded.begins_totp()


async def test_setting_up_takes_a_fresh_proof(anna: Anna) -> None:
    anna.world.clock.forward(minutes=5, seconds=1)
    with pytest.raises(StepUpRequiredError):
        await anna.begins_totp()

    await anna.steps_up(password=PASSWORD)
    await anna.begins_totp()


async def test_other_sessions_stay_when_a_factor_is_added(anna: Anna) -> None:
    other = await anna.world.logs_in()
    await anna.sets_up_totp()

    await anna.world.asks(other)
    assert await methods_of(anna.world, anna.here) == {Method.PASSWORD, Method.TOTP}
    assert await methods_of(anna.world, other) == {Method.PASSWORD}


# Signing in


async def test_a_right_code_finishes_the_sign_in(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    opened = await guarded.shows_code(asked.challenge)

    assert asked.expires_in_s == 300
    assert (await guarded.world.asks(opened)).user_id == guarded.id
    assert await methods_of(guarded.world, opened) == {Method.PASSWORD, Method.TOTP}
    await guarded.fresh(opened)  # signing in is a proof


async def test_no_session_is_open_before_the_second_factor(guarded: Anna) -> None:
    await guarded.is_asked()

    async with guarded.world.begin(guarded.id) as tx:
        living = await tx.sessions.living(guarded.world.clock.now())
    assert [session.id for session in living] == [guarded.here.session_id]


async def test_a_code_works_once(guarded: Anna) -> None:
    code = guarded.code()
    await guarded.shows_code((await guarded.is_asked()).challenge, code)

    with pytest.raises(CodeWrongError):
        await guarded.shows_code((await guarded.is_asked()).challenge, code)
    guarded.world.clock.forward(seconds=30)
    await guarded.shows_code((await guarded.is_asked()).challenge)


async def test_the_code_that_turned_the_app_on_opens_nothing(anna: Anna) -> None:
    await anna.begins_totp()
    code = anna.code()
    await anna.confirms(code)

    with pytest.raises(CodeWrongError):
        await anna.shows_code((await anna.is_asked()).challenge, code)


async def test_a_challenge_works_once(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    await guarded.shows_code(asked.challenge)
    guarded.world.clock.forward(seconds=30)

    with pytest.raises(ChallengeOverError):
        await guarded.shows_code(asked.challenge)


async def test_a_challenge_runs_out_after_five_minutes(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    guarded.world.clock.forward(minutes=5)

    with pytest.raises(ChallengeOverError):
        await guarded.shows_code(asked.challenge)


async def test_a_challenge_dies_after_five_wrong_codes(guarded: Anna) -> None:
    first, second = await guarded.is_asked(), await guarded.is_asked()
    await misses(guarded, first.challenge, TRIES_MAX)

    # The place is locked, too; that passes, and the challenge stays dead.
    with pytest.raises(SignInLockedError):
        await guarded.shows_code(second.challenge)
    guarded.world.clock.forward(minutes=31)
    with pytest.raises(ChallengeOverError):
        await guarded.shows_code(first.challenge)
    await guarded.shows_code((await guarded.is_asked()).challenge)


async def test_wrong_codes_are_counted_over_all_challenges(guarded: Anna) -> None:
    for _ in range(TRIES_MAX):
        await misses(guarded, (await guarded.is_asked()).challenge, 1)

    with pytest.raises(SignInLockedError):
        await guarded.shows_code((await guarded.is_asked()).challenge)


async def test_what_cannot_be_a_code_costs_no_try(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    for _ in range(TRIES_MAX + 1):
        with pytest.raises(InvalidFieldsError):
            await guarded.shows_code(asked.challenge, Secret("١٢٣٤٥٦"))

    await guarded.shows_code(asked.challenge)


@pytest.mark.parametrize(
    "text", [NEVER_ISSUED.reveal(), "", "é", "x" * 10_000], ids=lambda t: t[:8]
)
async def test_a_challenge_that_was_never_issued_is_over(guarded: Anna, text: str) -> None:
    with pytest.raises(ChallengeOverError):
        await guarded.shows_code(Secret(text))


async def test_another_persons_code_does_not_finish_my_sign_in(guarded: Anna) -> None:
    world = guarded.world
    profile = await world.registers("bo@example.no", name="Bo Dahl")
    bo = Anna(world, profile.id, await world.logs_in("bo@example.no"))
    await bo.sets_up_totp()
    asked = await guarded.is_asked()

    with pytest.raises(CodeWrongError):
        await guarded.shows_code(asked.challenge, bo.code())
    with pytest.raises(CodeWrongError):
        await guarded.shows_recovery_code(asked.challenge, bo.codes[0])
    assert (await bo.sees()).recovery_codes_left == 10


async def test_a_changed_password_ends_the_challenges_of_the_old_one(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    world = guarded.world
    async with world.begin(guarded.id) as tx:
        kept = await tx.credentials.password_of(guarded.id)
        assert kept is not None
        await tx.credentials.put(replace(kept, changed_at=world.clock.now()))
        await tx.commit()

    with pytest.raises(ChallengeOverError):
        await guarded.shows_code(asked.challenge)


async def test_a_banned_person_does_not_get_in_with_a_second_factor(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    async with guarded.world.begin(guarded.id) as tx:
        person = await tx.people.hold(guarded.id)
        await tx.people.save(replace(person, status=PersonStatus.BANNED))
        await tx.commit()

    with pytest.raises(AccountNotActiveError):
        await guarded.shows_code(asked.challenge)


async def test_where_the_password_was_shown_is_known_again(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    world = guarded.world
    async with world.begin(guarded.id) as tx:
        waiting = await world.challenges.held(tx, guarded.id, asked.challenge)

    assert (waiting.origin.address, waiting.proved) == ("192.0.2.7", Method.PASSWORD)


# Recovery codes


async def test_a_recovery_code_gets_in_once(guarded: Anna) -> None:
    code = guarded.codes[3]
    asked = await guarded.is_asked()
    opened = await guarded.shows_recovery_code(asked.challenge, Secret(code.reveal().upper()))

    assert await methods_of(guarded.world, opened) == {Method.PASSWORD, Method.RECOVERY_CODE}
    assert (await guarded.sees()).recovery_codes_left == 9
    with pytest.raises(CodeWrongError):
        await guarded.shows_recovery_code((await guarded.is_asked()).challenge, code)


async def test_all_ten_codes_work_and_then_none_is_offered(guarded: Anna) -> None:
    for code in guarded.codes:
        await guarded.shows_recovery_code((await guarded.is_asked()).challenge, code)

    asked = await guarded.is_asked()
    assert asked.methods == (Method.TOTP,)
    with pytest.raises(CodeWrongError):
        await guarded.shows_recovery_code(asked.challenge, guarded.codes[0])


async def test_new_codes_make_the_old_ones_void(guarded: Anna) -> None:
    other = await guarded.shows_code((await guarded.is_asked()).challenge)
    old = guarded.codes
    new = await guarded.makes_codes()

    assert not {c.reveal() for c in old} & {c.reveal() for c in new}
    with pytest.raises(CodeWrongError):
        await guarded.shows_recovery_code((await guarded.is_asked()).challenge, old[0])
    await guarded.shows_recovery_code((await guarded.is_asked()).challenge, new[0])
    await guarded.world.asks(other)


async def test_codes_need_something_to_stand_in_for(anna: Anna) -> None:
    with pytest.raises(SecondFactorOffError):
        await anna.makes_codes()


# Taking away


async def test_without_the_app_the_password_is_enough_again(guarded: Anna) -> None:
    other = await guarded.shows_code((await guarded.is_asked()).challenge)
    await guarded.disables_totp()

    seen = await guarded.sees()
    assert (seen.on, seen.recovery_codes_left) == (False, 0)
    assert isinstance(await guarded.world.tries(), SignedIn)
    await guarded.world.asks(guarded.here)
    with pytest.raises(SessionEndedError):
        await guarded.world.asks(other)
    async with guarded.world.begin(guarded.id) as tx:
        assert (await tx.sessions.get(other.session_id)).ended is Ended.FACTOR_REMOVED


async def test_a_waiting_challenge_does_not_survive_the_app(guarded: Anna) -> None:
    asked = await guarded.is_asked()
    code = guarded.code()
    await guarded.disables_totp()

    with pytest.raises(CodeWrongError):
        await guarded.shows_code(asked.challenge, code)


async def test_a_short_password_keeps_its_second_factor(guarded: Anna) -> None:
    async with guarded.world.begin(guarded.id) as tx:
        kept = await tx.credentials.password_of(guarded.id)
        assert kept is not None
        assert kept.suffices_alone
        await tx.credentials.put(replace(kept, suffices_alone=False))
        await tx.commit()

    with pytest.raises(LongerPasswordNeededError):
        await guarded.disables_totp()
    assert (await guarded.sees()).recovery_codes_left == 10


async def test_what_is_off_cannot_be_disabled(anna: Anna) -> None:
    with pytest.raises(SecondFactorOffError):
        await anna.disables_totp()


async def test_a_setup_that_was_never_confirmed_is_forgotten_quietly(anna: Anna) -> None:
    other = await anna.world.logs_in()
    await anna.begins_totp()
    await anna.disables_totp()

    await anna.world.asks(other)
    with pytest.raises(TotpNotBegunError):
        await anna.confirms(anna.code())


async def test_a_session_of_the_password_alone_cannot_touch_the_factors(anna: Anna) -> None:
    """Somebody who knows the password got in just before the owner set up an app."""
    thief = await anna.world.logs_in()
    await anna.sets_up_totp()
    caller = await anna.fresh(thief)
    assert caller.session_id == thief.session_id

    with pytest.raises(StepUpRequiredError):
        await anna.disables_totp(thief)
    with pytest.raises(StepUpRequiredError):
        await anna.makes_codes(thief)
    with pytest.raises(PasswordNotEnoughError):
        await anna.steps_up(password=PASSWORD, caller=caller)

    shown = await anna.steps_up(code=anna.code(), caller=caller)  # the owner, on that device
    await anna.disables_totp(shown.signed_in)


# Proving again


async def test_stepping_up_lasts_five_minutes(guarded: Anna) -> None:
    clock = guarded.world.clock
    clock.forward(minutes=6)
    with pytest.raises(StepUpRequiredError):
        await guarded.fresh()

    stepped_up = await guarded.steps_up(code=guarded.code())
    clock.forward(minutes=5)
    assert stepped_up.fresh_until == clock.now()
    await guarded.fresh()
    clock.forward(seconds=1)
    with pytest.raises(StepUpRequiredError):
        await guarded.fresh()


async def test_a_recovery_code_steps_up_once(guarded: Anna) -> None:
    guarded.world.clock.forward(minutes=10)
    await guarded.steps_up(recovery_code=guarded.codes[0])

    await guarded.fresh()
    with pytest.raises(CodeWrongError):
        await guarded.steps_up(recovery_code=guarded.codes[0])


async def test_a_password_steps_up_only_who_has_nothing_better(anna: Anna) -> None:
    anna.world.clock.forward(minutes=10)
    with pytest.raises(BadCredentialsError):
        await anna.steps_up(password=Secret("a wrong password here"))
    with pytest.raises(StepUpRequiredError):
        await anna.fresh()
    await anna.steps_up(password=PASSWORD)
    await anna.sets_up_totp()

    with pytest.raises(PasswordNotEnoughError):
        await anna.steps_up(password=PASSWORD)


async def test_a_code_cannot_step_up_and_sign_in(guarded: Anna) -> None:
    code = guarded.code()
    await guarded.steps_up(code=code)

    with pytest.raises(CodeWrongError):
        await guarded.shows_code((await guarded.is_asked()).challenge, code)


async def test_who_guesses_in_a_session_is_locked_out_of_stepping_up_there(guarded: Anna) -> None:
    for _ in range(5):
        with pytest.raises(CodeWrongError):
            await guarded.steps_up(code=guarded.wrong_code())

    with pytest.raises(SignInLockedError):
        await guarded.steps_up(code=guarded.code())
    # Whoever it was held this session; it locks nobody out elsewhere.
    await guarded.shows_code((await guarded.is_asked()).challenge)


async def test_one_proof_at_a_time(guarded: Anna) -> None:
    with pytest.raises(InvalidFieldsError):
        await guarded.steps_up()
    with pytest.raises(InvalidFieldsError):
        await guarded.steps_up(code=guarded.code(), password=PASSWORD)
    await guarded.steps_up(code=guarded.code())


async def test_an_ended_session_cannot_be_proved_again(guarded: Anna) -> None:
    await guarded.world.logs_out(guarded.caller)

    with pytest.raises(SessionEndedError):
        await guarded.steps_up(code=guarded.code())
