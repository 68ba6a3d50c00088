from datetime import timedelta
from uuid import UUID

import pytest

from domain.identity.confirmation import (
    LIFETIME,
    Confirmation,
    ConfirmationId,
    Letter,
    Purpose,
    token_hash,
)
from domain.identity.email import EmailAddress
from domain.identity.errors_mail import ConfirmationExpiredError, ConfirmationInvalidError
from domain.identity.password import PasswordHash
from domain.identity.person import Person, PersonName, PersonStatus
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON

ANNA, BO = UserId(UUID(int=1)), UserId(UUID(int=2))
AT = ConfirmationId(UUID(int=3))
EMAIL, NEW = EmailAddress("anna@example.no"), EmailAddress("anna@new.example")
TOKEN = Secret("t" * 43)
SECOND = timedelta(seconds=1)

REGISTERING = Confirmation.registration(AT, PersonName("Anna"), EMAIL, PasswordHash("$h"), NOON)
FORGOTTEN = Confirmation.password_reset(AT, EMAIL, NOON)
MOVING = Confirmation.change_of_email(AT, ANNA, EMAIL, NEW, NOON)


def person(user_id: UserId = ANNA, status: PersonStatus = PersonStatus.ACTIVE) -> Person:
    return Person(id=user_id, name=PersonName("Anna"), email=EMAIL, created_at=NOON, status=status)


@pytest.mark.parametrize(
    ("asked", "owner", "letter"),
    [
        (REGISTERING, None, Letter.CONFIRM_ADDRESS),
        (REGISTERING, person(), Letter.ADDRESS_KNOWN),
        (REGISTERING, person(status=PersonStatus.BANNED), Letter.ADDRESS_KNOWN),
        (FORGOTTEN, None, None),
        (FORGOTTEN, person(), Letter.RESET_PASSWORD),
        (FORGOTTEN, person(status=PersonStatus.BANNED), None),
        (FORGOTTEN, person(status=PersonStatus.LOCKED), None),
        (FORGOTTEN, person(status=PersonStatus.DELETED), None),
        (MOVING, None, Letter.CONFIRM_NEW_ADDRESS),
        (MOVING, person(BO), Letter.ADDRESS_KNOWN),
        (MOVING, person(ANNA), None),
    ],
)
def test_what_is_written_depends_on_who_has_the_address(
    asked: Confirmation, owner: Person | None, letter: Letter | None
) -> None:
    assert asked.letter_to(owner) is letter


def test_a_token_is_good_for_an_hour_from_its_mail() -> None:
    later = NOON + timedelta(minutes=50)
    sent = REGISTERING.written(TOKEN, None, later)

    assert sent.used(Purpose.REGISTER, later + LIFETIME - SECOND).used_at is not None
    with pytest.raises(ConfirmationExpiredError):
        sent.used(Purpose.REGISTER, later + LIFETIME)


def test_a_token_is_good_once() -> None:
    used = REGISTERING.written(TOKEN, None, NOON).used(Purpose.REGISTER, NOON)

    with pytest.raises(ConfirmationInvalidError):
        used.used(Purpose.REGISTER, NOON)


def test_a_token_is_good_for_what_it_was_sent_for_only() -> None:
    for purpose in (Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL):
        with pytest.raises(ConfirmationInvalidError):
            REGISTERING.written(TOKEN, None, NOON).used(purpose, NOON)


def test_a_used_token_that_is_old_as_well_is_a_used_one() -> None:
    used = REGISTERING.written(TOKEN, None, NOON).used(Purpose.REGISTER, NOON)

    with pytest.raises(ConfirmationInvalidError):
        used.used(Purpose.REGISTER, NOON + 2 * LIFETIME)


def test_a_second_try_has_another_token_and_is_no_second_mail() -> None:
    first = FORGOTTEN.written(TOKEN, ANNA, NOON)
    second = first.written(Secret("u" * 43), ANNA, NOON + SECOND)

    assert second.token != first.token
    assert second.written_at == first.written_at == NOON


def test_a_notice_without_a_token_prolongs_nothing() -> None:
    told = REGISTERING.written(None, ANNA, NOON + SECOND)

    assert (told.token, told.expires_at) == (None, REGISTERING.expires_at)
    assert told.user_id is None


def test_a_change_of_address_stays_whose_it_is() -> None:
    assert MOVING.written(TOKEN, None, NOON).user_id == ANNA


def test_nothing_is_written_for_what_was_asked_an_hour_ago() -> None:
    assert FORGOTTEN.open(NOON + LIFETIME - SECOND)
    assert not FORGOTTEN.open(NOON + LIFETIME)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "short",
        "t" * 42,
        "t" * 65,
        "t" * 42 + "!",
        "t" * 42 + "\n",
        "t" * 43 + "\n",
        "ø" * 43,
        "\ud800" * 43,
        "t" * 1_000_000,
    ],
)
def test_what_has_not_the_form_of_a_token_is_refused_unseen(text: str) -> None:
    with pytest.raises(ConfirmationInvalidError):
        token_hash(Secret(text))


def test_nothing_secret_is_in_what_a_confirmation_prints() -> None:
    shown = repr(REGISTERING.written(TOKEN, None, NOON)) + str(MOVING)

    for secret in ("anna@", "Anna", "$h", "t" * 43):
        assert secret not in shown
