"""Registering, forgetting, and moving to another address: by mail, over memory and PostgreSQL."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from application.identity.mail.mails import MailRefusedError, MailUnavailableError
from domain.identity.confirmation import LIFETIME, MAILS_MAX
from domain.identity.errors import (
    BadCredentialsError,
    EmailTakenError,
    SessionEndedError,
    SignInLockedError,
)
from domain.identity.errors_mail import (
    ConfirmationExpiredError,
    ConfirmationInvalidError,
    EmailUnchangedError,
    PasswordAlreadySetError,
)
from domain.identity.person import Person, PersonStatus
from domain.identity.session import Origin
from domain.shared.errors import DalerError, InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.identity import EMAIL, PASSWORD, PHONE, World
from tests.support.post import NEW, Post, token_in

NOBODYS = Secret("n" * 43)
MOVED = "anna@new.example"
WELCOME = "Bekreft e-postadressen din"
KNOWN = "Du har allerede en konto"
RESET = "Velg et nytt passord"
CHANGED = "Passordet ditt er endret"


@pytest.fixture
def post(world: World) -> Post:
    return Post.of(world)


async def trail(post: Post, user_id: UserId) -> Sequence[str]:
    """What a person's audit trail says, oldest first."""
    return [entry.action for entry in await post.trail(user_id)]


async def set_status(post: Post, user_id: UserId, status: PersonStatus) -> None:
    async with post.world.begin(user_id) as tx:
        person: Person = await tx.people.hold(user_id)
        await tx.people.save(replace(person, status=status))
        await tx.commit()


# Registering


async def test_who_registers_is_nobody_until_they_confirm(post: Post) -> None:
    promised = await post.registers("Anna@Example.NO ")
    assert (promised.email, promised.expires_in) == (EMAIL, 3600)
    with pytest.raises(BadCredentialsError):
        await post.world.logs_in()

    await post.delivers()
    with pytest.raises(BadCredentialsError):
        await post.world.logs_in()
    person = await post.confirms(post.newest_token())

    assert (person.name, person.email) == ("Anna Berg", EMAIL)
    seen = await post.world.sees_themselves(await post.world.asks(await post.world.logs_in()))
    assert seen == person


async def test_a_known_address_is_answered_alike_and_its_owner_told(post: Post) -> None:
    first = await post.registers()
    await post.delivers()
    await post.confirms(post.newest_token())

    again = await post.registers(EMAIL.upper(), Secret("another password of mine"))
    await post.delivers()

    assert again == first
    assert post.subjects(EMAIL) == [WELCOME, KNOWN]
    assert "another password" not in post.mailbox.mails[-1].text
    await post.world.logs_in()


async def test_a_mail_repeats_nothing_that_was_typed(post: Post) -> None:
    await post.registers(name="Click http://evil.example")
    await post.delivers()

    mail = post.mailbox.mails[-1]
    assert "evil" not in mail.subject + mail.text + mail.html


async def test_a_form_that_is_wrong_leads_to_no_mail(post: Post) -> None:
    for email, password in ((EMAIL, "short"), ("nowhere", PASSWORD.reveal()), (EMAIL, "p" * 20)):
        with pytest.raises(InvalidFieldsError):
            await post.registers(email, Secret(password))

    assert await post.delivers() == 0


async def test_a_token_makes_one_person(post: Post) -> None:
    await post.registers()
    await post.delivers()
    await post.confirms(post.newest_token())

    with pytest.raises(ConfirmationInvalidError):
        await post.confirms(post.newest_token())


async def test_of_two_who_register_one_address_the_first_to_confirm_gets_it(post: Post) -> None:
    await post.registers()
    await post.delivers()
    mine = post.newest_token()
    await post.registers(password=NEW, name="Somebody Else")
    await post.delivers()
    theirs = post.newest_token()

    await post.confirms(mine)

    with pytest.raises(EmailTakenError):
        await post.confirms(theirs)
    await post.world.logs_in(EMAIL, PASSWORD)


async def test_a_token_runs_out(post: Post) -> None:
    await post.registers()
    await post.delivers()
    post.world.clock.forward(seconds=LIFETIME.total_seconds())

    with pytest.raises(ConfirmationExpiredError):
        await post.confirms(post.newest_token())


@pytest.mark.parametrize("text", ["", "n" * 43, "n" * 10_000, "ø" * 43, "a\0" * 22])
async def test_what_is_no_token_of_ours_is_refused(post: Post, text: str) -> None:
    with pytest.raises(ConfirmationInvalidError):
        await post.confirms(Secret(text))
    with pytest.raises(ConfirmationInvalidError):
        await post.resets(Secret(text))


async def test_a_token_works_at_its_own_door_only(post: Post) -> None:
    anna = await post.joins_and_signs_in()
    caller = await post.world.asks(anna)
    await post.registers("bo@example.no")
    await post.forgets()
    await post.changes_email(caller, MOVED)
    await post.delivers()
    registering, resetting, moving = (
        post.newest_token(address) for address in ("bo@example.no", EMAIL, MOVED)
    )

    for wrong in (
        post.confirms(resetting),
        post.confirms(moving),
        post.resets(registering),
        post.resets(moving),
        post.confirms_email(caller, registering),
        post.confirms_email(caller, resetting),
    ):
        with pytest.raises(ConfirmationInvalidError):
            await wrong


# Sending


async def test_a_mail_that_could_not_be_sent_is_tried_with_another_token(post: Post) -> None:
    await post.registers()
    post.mailbox.trouble = MailUnavailableError()
    with pytest.raises(MailUnavailableError):
        await post.delivers()
    assert post.mailbox.mails == []

    await post.delivers()

    assert len(post.mailbox.mails) == 1
    await post.confirms(post.newest_token())


async def test_a_mail_that_will_never_be_taken_is_given_up_and_noted(post: Post) -> None:
    signed_in = await post.joins_and_signs_in()
    await post.forgets()
    post.mailbox.trouble = MailRefusedError(550)

    assert await post.delivers() == 1
    assert await post.delivers() == 0, "it is not tried again"
    assert (await trail(post, signed_in.user_id))[-1] == "identity.mail_refused"


async def test_after_a_few_mails_an_hour_an_address_gets_no_more(post: Post) -> None:
    answers = set()
    for _ in range(MAILS_MAX + 3):
        answers.add(await post.registers())
    await post.delivers()

    assert len(post.mailbox.mails) == MAILS_MAX
    assert len(answers) == 1
    await post.registers("bo@example.no")
    await post.delivers()
    assert post.subjects("bo@example.no") == [WELCOME], "others are written to"

    post.world.clock.forward(hours=1, seconds=1)
    await post.registers()
    await post.delivers()
    assert len(post.mailbox.to(EMAIL)) == MAILS_MAX + 1


async def test_what_was_asked_for_too_long_ago_is_not_mailed_any_more(post: Post) -> None:
    await post.registers()
    post.world.clock.forward(hours=1)

    assert await post.delivers() == 1
    assert post.mailbox.mails == []


# Forgetting


async def test_who_forgot_their_password_chooses_another(post: Post) -> None:
    old = await post.joins_and_signs_in()
    other = await post.world.logs_in()
    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())

    for session in (old, other):
        with pytest.raises(SessionEndedError):
            await post.world.asks(session)
        with pytest.raises(SessionEndedError):
            await post.world.refreshes(session.refresh)
    with pytest.raises(BadCredentialsError):
        await post.world.logs_in(EMAIL, PASSWORD)
    await post.world.asks(await post.world.logs_in(EMAIL, NEW))
    await post.delivers()
    assert post.subjects(EMAIL) == [RESET, CHANGED]
    assert "identity.password_reset" in await trail(post, old.user_id)


async def test_an_unknown_address_is_answered_alike_and_gets_nothing(post: Post) -> None:
    await post.world.registers()
    known, unknown = await post.forgets(), await post.forgets("nobody@example.no")
    await post.delivers()

    assert (known.expires_in, unknown.expires_in) == (3600, 3600)
    assert post.subjects("nobody@example.no") == []
    assert post.subjects(EMAIL) == [RESET]


async def test_a_reset_opens_a_lock(post: Post) -> None:
    await post.world.registers()
    for _ in range(5):
        with pytest.raises(BadCredentialsError):
            await post.world.logs_in(password=Secret("five quite other words"))
    with pytest.raises(DalerError) as locked:
        await post.world.logs_in()
    assert locked.value.code == "sign_in_locked"
    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())

    await post.world.logs_in(EMAIL, NEW)


async def test_a_password_that_may_not_be_one_leaves_the_token_as_it_was(post: Post) -> None:
    signed_in = await post.joins_and_signs_in()
    await post.forgets()
    await post.delivers()
    token = post.newest_token()
    for password in ("short", EMAIL, "Anna Berg Anna Berg", "p" * 20, "x" * 129):
        with pytest.raises(InvalidFieldsError):
            await post.resets(token, Secret(password))

    await post.world.asks(signed_in)
    await post.resets(token)


async def test_a_reset_makes_other_tokens_worthless(post: Post) -> None:
    signed_in = await post.joins_and_signs_in()
    caller = await post.world.asks(signed_in)
    await post.changes_email(caller, MOVED)
    await post.forgets()
    await post.delivers()
    first = post.newest_token()
    await post.forgets()
    await post.delivers()

    await post.resets(post.newest_token())

    with pytest.raises(ConfirmationInvalidError):
        await post.resets(first, Secret("yet another few words"))
    again = await post.world.asks(await post.world.logs_in(EMAIL, NEW))
    with pytest.raises(ConfirmationInvalidError):
        await post.confirms_email(again, post.newest_token(MOVED))


@pytest.mark.parametrize("status", [PersonStatus.BANNED, PersonStatus.LOCKED])
async def test_who_is_kept_out_gets_no_token_and_uses_none(
    post: Post, status: PersonStatus
) -> None:
    signed_in = await post.joins_and_signs_in()
    await post.forgets()
    await post.delivers()
    token = post.newest_token()
    await set_status(post, signed_in.user_id, status)

    with pytest.raises(DalerError) as refused:
        await post.resets(token)
    assert refused.value.code == "account_not_active"
    await post.forgets()
    await post.delivers()
    assert post.subjects(EMAIL) == [RESET]


# Changing a password


async def test_a_changed_password_ends_all_other_sessions(post: Post) -> None:
    mine, other = await post.joins_and_signs_in(), await post.world.logs_in()

    await post.changes_password(await post.world.asks(mine))

    await post.world.asks(mine)
    await post.world.refreshes(mine.refresh)
    with pytest.raises(SessionEndedError):
        await post.world.asks(other)
    await post.world.logs_in(EMAIL, NEW)
    await post.delivers()
    assert post.subjects(EMAIL) == [CHANGED]
    assert "identity.password_changed" in await trail(post, mine.user_id)


async def test_the_current_password_has_to_be_right(post: Post) -> None:
    mine, other = await post.joins_and_signs_in(), await post.world.logs_in()
    caller = await post.world.asks(mine)

    for wrong in ("five quite other words", "", "x" * 100_000):
        with pytest.raises(BadCredentialsError):
            await post.changes_password(caller, Secret(wrong))

    await post.world.asks(other)
    await post.world.logs_in()
    assert "identity.password_change_refused" in await trail(post, mine.user_id)


async def test_guessing_the_current_password_is_counted(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    for _ in range(5):
        with pytest.raises(BadCredentialsError):
            await post.changes_password(caller, Secret("five quite other words"))

    with pytest.raises(DalerError) as locked:
        await post.changes_password(caller)
    assert locked.value.code == "sign_in_locked"
    await post.world.logs_in()  # only this session is


async def test_a_new_password_that_may_not_be_one_costs_no_try(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    for _ in range(6):
        with pytest.raises(InvalidFieldsError) as refused:
            await post.changes_password(caller, PASSWORD, Secret("short"))
        assert [problem.field for problem in refused.value.problems] == ["new_password"]

    await post.changes_password(caller)


async def test_who_has_a_password_sets_no_first_one(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())

    with pytest.raises(PasswordAlreadySetError):
        await post.sets_password(caller)
    await post.world.logs_in()


# Moving


async def test_another_address_is_used_once_it_is_confirmed(post: Post) -> None:
    signed_in = await post.joins_and_signs_in()
    caller = await post.world.asks(signed_in)
    other = await post.world.logs_in()
    promised = await post.changes_email(caller, "Anna@New.example")
    await post.delivers()
    assert promised.email == MOVED
    await post.world.logs_in()

    moved = await post.confirms_email(caller, post.newest_token(MOVED))

    assert moved.email == MOVED
    assert (await post.world.sees_themselves(caller)).email == MOVED
    await post.world.asks(other)
    await post.world.logs_in(MOVED)
    with pytest.raises(BadCredentialsError):
        await post.world.logs_in(EMAIL)
    await post.delivers()
    assert post.subjects(EMAIL) == [
        "E-postadressen din er i ferd med å bli endret",
        "E-postadressen din er endret",
    ]
    assert "identity.email_changed" in await trail(post, signed_in.user_id)
    await post.world.registers(EMAIL)  # it is free


async def test_a_taken_address_is_answered_alike_and_its_owner_told(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    await post.world.registers("bo@example.no")

    free, taken = (
        await post.changes_email(caller, MOVED),
        await post.changes_email(caller, "bo@example.no"),
    )
    await post.delivers()

    assert free.expires_in == taken.expires_in
    assert post.subjects("bo@example.no") == [KNOWN]


async def test_an_address_taken_meanwhile_is_a_conflict(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    await post.changes_email(caller, MOVED)
    await post.delivers()
    await post.world.registers(MOVED)

    with pytest.raises(EmailTakenError):
        await post.confirms_email(caller, post.newest_token(MOVED))
    assert (await post.world.sees_themselves(caller)).email == EMAIL
    await post.world.logs_in(EMAIL)


async def test_who_reads_the_mail_of_a_mistyped_address_gets_nothing(post: Post) -> None:
    anna = await post.world.asks(await post.joins_and_signs_in())
    bo = await post.world.asks(await post.joins_and_signs_in("bo@example.no"))
    await post.changes_email(anna, MOVED)
    await post.delivers()
    token = post.newest_token(MOVED)

    with pytest.raises(ConfirmationInvalidError):
        await post.confirms_email(bo, token)

    await post.confirms_email(anna, token)


async def test_only_the_last_address_that_was_asked_for_counts(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    await post.changes_email(caller, "anan@new.example")
    await post.delivers()
    await post.changes_email(caller, MOVED)
    await post.delivers()

    with pytest.raises(ConfirmationInvalidError):
        await post.confirms_email(caller, post.newest_token("anan@new.example"))
    await post.confirms_email(caller, post.newest_token(MOVED))


async def test_the_same_address_is_no_change(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())

    with pytest.raises(EmailUnchangedError):
        await post.changes_email(caller, EMAIL.upper())


async def test_a_token_in_the_former_address_opens_nothing(post: Post) -> None:
    caller = await post.world.asks(await post.joins_and_signs_in())
    await post.forgets()
    await post.changes_email(caller, MOVED)
    await post.delivers()
    (token,) = (Secret(token_in(m)) for m in post.mailbox.to(EMAIL) if m.subject == RESET)

    await post.confirms_email(caller, post.newest_token(MOVED))

    with pytest.raises(ConfirmationInvalidError):
        await post.resets(token)


def test_the_terms_are_the_promised_ones() -> None:
    assert timedelta(hours=1) == LIFETIME
    assert MAILS_MAX == 5


async def test_a_reset_forgets_every_device_but_the_one_that_does_it(post: Post) -> None:
    before = await post.joins_and_signs_in()
    await post.forgets()
    await post.delivers()
    mine = await post.resets(post.newest_token())

    wrong = Secret("five wrong words are here")
    for number in range(20):
        with pytest.raises(BadCredentialsError):
            await post.world.tries(password=wrong, origin=Origin("x", f"10.0.0.{number}"))

    with pytest.raises(SignInLockedError):
        await post.world.logs_in(password=NEW, origin=PHONE.bringing(before.device_token))
    opened = await post.world.logs_in(password=NEW, origin=PHONE.bringing(mine))
    assert opened.device_token == mine
