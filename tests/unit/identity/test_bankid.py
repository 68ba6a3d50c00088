"""What BankID tells of a person, and one try to get in through it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from domain.identity.bankid import (
    Assurance,
    BankIdClaims,
    BankIdLink,
    BankIdLinkId,
    KeyKind,
    Verified,
)
from domain.identity.bankid_attempt import BankIdAttempt, challenge_of, digest, verifier_of
from domain.identity.errors_bankid import (
    BankIdAgeUnknownError,
    BankIdStateExpiredError,
    BankIdStateInvalidError,
    BankIdStateUsedError,
    BankIdUnderAgeError,
    BirthDateConflictError,
    NumberInvalidError,
)
from domain.identity.national_number import NumberKind
from domain.shared.ids import UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON, CountedIds

REAL = frozenset({NumberKind.REAL})
ANNA = UserId(CountedIds().one())
LINK = BankIdLinkId(CountedIds().one())
STATE, BROWSER, NONCE = Secret("a state"), Secret("a browser"), Secret("a nonce")


def told(
    number: str | None = "01010150740",
    birth_date: date | None = date(2001, 1, 1),
    name: str | None = "Anna Berg",
    stable: str | None = "9578-6000-4-1",
    assurance: Assurance = Assurance.HIGH,
) -> BankIdClaims:
    return BankIdClaims(
        issuer="https://bank.example.org",
        subject="anna",
        stable=stable,
        number=number,
        birth_date=birth_date,
        name=name,
        assurance=assurance,
        method="BID",
    )


def seen(claims: BankIdClaims, now: datetime = NOON) -> Verified:
    return Verified.of(claims, REAL, now)


def test_a_person_is_found_by_the_surest_name_first() -> None:
    kinds = [key.kind for key in seen(told()).keys]

    assert kinds == [KeyKind.NUMBER, KeyKind.STABLE, KeyKind.SUBJECT]
    assert [k.kind for k in seen(told(number=None, stable=None)).keys] == [KeyKind.SUBJECT]


def test_two_issuers_may_use_one_name_for_two_people() -> None:
    here = seen(told(number=None)).keys
    there = seen(
        BankIdClaims(
            issuer="https://other.example.org",
            subject="anna",
            stable="9578-6000-4-1",
            birth_date=date(2001, 1, 1),
            assurance=Assurance.HIGH,
            method="BID",
        )
    ).keys

    assert not set(here) & set(there)


def test_what_bankid_tells_is_not_shown() -> None:
    shown = f"{told()!r} {seen(told())!r} {BankIdLink.make(LINK, ANNA, seen(told()), NOON)!r}"

    for secret in ("01010150740", "2001", "Anna", "9578", "anna"):
        assert secret not in shown


def test_the_birth_date_is_the_issuers_or_the_numbers() -> None:
    assert seen(told(number=None)).born_on == date(2001, 1, 1)
    assert seen(told(birth_date=None)).born_on == date(2001, 1, 1)
    # A number of 2032 tells none, and cannot contradict.
    assert seen(told(number="30108299939", birth_date=date(1982, 10, 30))).born_on.year == 1982  # type: ignore[union-attr]


def test_two_birth_dates_of_one_person_stop_everything() -> None:
    with pytest.raises(BirthDateConflictError) as stopped:
        seen(told(birth_date=date(2001, 1, 2)))

    assert "2001" not in str(stopped.value)


def test_an_age_that_cannot_be_checked_is_not_taken_for_granted() -> None:
    with pytest.raises(BankIdAgeUnknownError):
        seen(told(number=None, birth_date=None))
    with pytest.raises(BankIdAgeUnknownError):
        seen(told(number="30108299939", birth_date=None))


def test_people_are_of_age_on_their_birthday_in_norway() -> None:
    born = told(number=None, birth_date=date(2008, 3, 3))
    # Half past eleven in the evening, London time, is the next day in Oslo.
    assert seen(born, datetime(2026, 3, 2, 23, 30, tzinfo=UTC)).born_on == date(2008, 3, 3)
    with pytest.raises(BankIdUnderAgeError):
        seen(born, datetime(2026, 3, 2, 22, 30, tzinfo=UTC))


def test_a_leap_day_child_is_of_age_on_the_first_of_march() -> None:
    born = told(number=None, birth_date=date(2008, 2, 29))
    with pytest.raises(BankIdUnderAgeError):
        seen(born, datetime(2026, 2, 28, 22, 0, tzinfo=UTC))
    assert seen(born, datetime(2026, 3, 1, 0, 0, tzinfo=UTC)).born_on == date(2008, 2, 29)


def test_somebody_of_the_future_is_not_of_age() -> None:
    with pytest.raises(BankIdUnderAgeError):
        seen(told(number=None, birth_date=date(2100, 1, 1)))


def test_a_number_that_is_nobodys_stops_everything() -> None:
    with pytest.raises(NumberInvalidError):
        seen(told(number="01010150741"))


@pytest.mark.parametrize("name", [None, "", "   ", "x" * 101, "a\u202eb", "a\0b"])
def test_a_name_that_cannot_be_used_keeps_nobody_out(name: str | None) -> None:
    assert seen(told(name=name)).name is None


def test_news_of_the_same_person_are_kept_and_nothing_is_unlearnt() -> None:
    later = NOON + timedelta(days=1)
    link = BankIdLink.make(LINK, ANNA, seen(told(number=None, name=None)), NOON)

    learnt = link.seen(seen(told(birth_date=None)), later)

    assert learnt.number is not None
    assert learnt.name is not None
    assert learnt.verified_at == later
    assert learnt.linked_at == NOON
    assert learnt.seen(seen(told(number=None, name=None)), later + timedelta(days=1)) == learnt


def test_a_weaker_proof_never_takes_the_place_of_a_stronger_one() -> None:
    high = BankIdLink.make(LINK, ANNA, seen(told()), NOON)
    weak = seen(told(assurance=Assurance.SUBSTANTIAL, name="Somebody Else"))

    assert high.seen(weak, NOON) is high
    substantial = BankIdLink.make(LINK, ANNA, weak, NOON)
    assert substantial.seen(seen(told()), NOON).assurance is Assurance.HIGH


def test_unlinking_forgets_who_it_was() -> None:
    link = BankIdLink.make(LINK, ANNA, seen(told()), NOON).unlinked(NOON)

    assert (link.number, link.born_on, link.name) == (None, None, None)
    assert link.unlinked_at == NOON
    assert link.assurance is Assurance.HIGH


def an_attempt() -> BankIdAttempt:
    return BankIdAttempt.begin(STATE, BROWSER, NONCE, NOON, links=None, cookies=False)


def test_an_attempt_keeps_digests_only() -> None:
    attempt = an_attempt()

    assert attempt.state == digest(STATE) != STATE.reveal().encode()
    for digested in (attempt.state, attempt.browser, attempt.nonce):
        assert repr(digested) not in repr(attempt)


def test_an_attempt_is_used_once_in_its_browser_in_time() -> None:
    used = an_attempt().came_back(BROWSER, NOON + timedelta(minutes=9, seconds=59))

    with pytest.raises(BankIdStateUsedError):
        used.came_back(BROWSER, NOON)
    with pytest.raises(BankIdStateInvalidError):
        used.came_back(Secret("another browser"), NOON)
    with pytest.raises(BankIdStateInvalidError):
        an_attempt().came_back(Secret("\ud800"), NOON)
    with pytest.raises(BankIdStateExpiredError):
        an_attempt().came_back(BROWSER, NOON + timedelta(minutes=10))


def test_the_challenge_is_that_of_rfc_7636() -> None:
    verifier = Secret("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")

    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_every_browser_has_a_verifier_of_its_own() -> None:
    mine, theirs = verifier_of(BROWSER).reveal(), verifier_of(Secret("another")).reveal()

    assert mine != theirs
    assert len(mine) == 43
    assert BROWSER.reveal() not in mine
