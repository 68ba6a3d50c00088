"""What a passkey is, and what its use means."""

from datetime import timedelta
from uuid import UUID

import pytest

from domain.identity.errors_passkeys import (
    PasskeyChallengeError,
    PasskeyClonedError,
    PasskeyRefusedError,
)
from domain.identity.passkey import (
    NAME_MAX,
    Algorithm,
    Asserted,
    Attested,
    Passkey,
    PasskeyId,
    PasskeyName,
    RawCredentialId,
    known_transports,
    new_user_handle,
)
from domain.identity.passkey_challenge import Asked, PasskeyChallenge, Purpose
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON

ANNA, BJORN = UserId(UUID(int=1)), UserId(UUID(int=2))
TOKEN = Secret("t" * 43)


def a_passkey(sign_count: int = 0, *, eligible: bool = False) -> Passkey:
    return Passkey.register(
        passkey_id=PasskeyId(UUID(int=7)),
        user_id=ANNA,
        name=PasskeyName("Phone"),
        attested=Attested(
            credential_id=RawCredentialId(b"id"),
            public_key=b"key",
            algorithm=Algorithm.ES256,
            sign_count=sign_count,
            aaguid=None,
            backup_eligible=eligible,
            backed_up=False,
        ),
        transports=(),
        now=NOON,
    )


def said(sign_count: int, *, eligible: bool = False, backed_up: bool = False) -> Asserted:
    return Asserted(sign_count=sign_count, backup_eligible=eligible, backed_up=backed_up)


def test_a_use_is_counted_and_remembered() -> None:
    later = NOON + timedelta(hours=1)

    used = a_passkey(3).used(said(9), later)

    assert (used.sign_count, used.last_used_at) == (9, later)


def test_a_passkey_that_never_counts_is_no_clone() -> None:
    used = a_passkey(0).used(said(0), NOON)
    assert used.used(said(0), NOON).sign_count == 0


@pytest.mark.parametrize(("kept", "told"), [(5, 5), (5, 4), (5, 0), (1, 1), (2**32 - 1, 0)])
def test_a_counter_that_does_not_rise_is_a_clone(kept: int, told: int) -> None:
    with pytest.raises(PasskeyClonedError):
        a_passkey(kept).used(said(told), NOON)


@pytest.mark.parametrize("eligible", [True, False])
def test_whether_it_may_be_copied_never_changes(eligible: bool) -> None:  # noqa: FBT001 - both ways
    with pytest.raises(PasskeyRefusedError) as refused:
        a_passkey(eligible=eligible).used(said(1, eligible=not eligible), NOON)

    assert refused.value.why == "backup_eligibility"


def test_whether_it_was_copied_may_change() -> None:
    used = a_passkey(eligible=True).used(said(1, eligible=True, backed_up=True), NOON)
    assert used.backed_up


def test_a_name_is_one_line_of_letters() -> None:
    assert PasskeyName.parse("  Annas \t telefon ").text == "Annas telefon"
    assert PasskeyName.parse("x" * NAME_MAX).text == "x" * NAME_MAX
    assert "telefon" not in repr(PasskeyName.parse("Annas telefon"))


@pytest.mark.parametrize(
    "typed", ["", "   ", "x" * (NAME_MAX + 1), "x" * 10_000, "a\0b", "a\u202eb", "\ud800"]
)
def test_what_is_no_name_is_refused(typed: str) -> None:
    with pytest.raises(InvalidFieldsError) as refused:
        PasskeyName.parse(typed)
    assert refused.value.problems[0].field == "name"


def test_a_user_handle_is_64_bytes_and_anybodys() -> None:
    first, second = Secret("a" * 43), Secret("b" * 43)

    assert len(new_user_handle(first, second)) == 64
    assert new_user_handle(first, second) != new_user_handle(second, first)


def test_only_transports_that_mean_something_are_kept() -> None:
    assert known_transports(["hybrid", "carrier-pigeon", "usb", "usb"]) == ("usb", "hybrid")


ASKED = Asked(Purpose.STEP_UP, ANNA, b"s" * 16)


def test_a_challenge_is_good_for_five_minutes() -> None:
    challenge = PasskeyChallenge.issue(TOKEN, ASKED, NOON)

    challenge.ensure_for(ASKED, NOON + timedelta(minutes=4, seconds=59))
    with pytest.raises(PasskeyChallengeError):
        challenge.ensure_for(ASKED, NOON + timedelta(minutes=5))


@pytest.mark.parametrize(
    "other",
    [
        Asked(Purpose.REGISTER, ANNA, b"s" * 16),
        Asked(Purpose.STEP_UP, BJORN, b"s" * 16),
        Asked(Purpose.STEP_UP, ANNA, b"t" * 16),
        Asked(Purpose.SIGN_IN),
    ],
)
def test_a_challenge_answers_only_what_it_was_asked_for(other: Asked) -> None:
    challenge = PasskeyChallenge.issue(TOKEN, ASKED, NOON)

    with pytest.raises(PasskeyChallengeError):
        challenge.ensure_for(other, NOON)


def test_a_challenge_is_kept_as_a_hash() -> None:
    assert TOKEN.reveal() not in repr(PasskeyChallenge.issue(TOKEN, ASKED, NOON))
