from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.identity.errors import SessionEndedError
from domain.identity.refresh import Presented, RefreshToken, could_be_one, hash_of, judge
from domain.identity.session import LIVING_MAX, Ended, Origin, Session, SessionKind, making_room
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON

SECOND = timedelta(seconds=1)
ANNA = UserId(UUID(int=1))


def a_session() -> Session:
    return Session.begin(SessionId(UUID(int=2)), ANNA, Origin(), NOON)


def a_token() -> RefreshToken:
    return RefreshToken.issue(Secret("t"), a_session(), NOON)


def test_a_session_ends_a_week_after_its_last_use() -> None:
    session = a_session()

    assert session.alive(NOON + timedelta(days=7) - SECOND)
    assert not session.alive(NOON + timedelta(days=7))


def test_a_session_ends_after_thirty_days_however_much_it_is_used() -> None:
    session = a_session()
    for day in range(1, 31):
        session = session.used(NOON + timedelta(days=day))

    assert session.alive(NOON + timedelta(days=30) - SECOND)
    assert not session.alive(NOON + timedelta(days=30))


def test_the_last_use_is_noted_once_a_minute() -> None:
    session = a_session()

    assert session.used(NOON + timedelta(seconds=59)) is session
    assert session.used(NOON + timedelta(seconds=60)).last_used_at == NOON + timedelta(seconds=60)


def test_an_ended_session_stays_ended_for_its_first_reason() -> None:
    session = a_session().end(Ended.TOKEN_REUSED, NOON)

    assert session.end(Ended.SIGNED_OUT, NOON + SECOND) == session
    with pytest.raises(SessionEndedError):
        session.ensure_alive(NOON)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        (None, "unknown"),
        (" \n ", "unknown"),
        ("Mozilla/5.0\r\nSet-Cookie: x", "Mozilla/5.0 Set-Cookie: x"),
        ("a\x1b[31mb\u202ec", "a [31mb c"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_device_is_what_it_says_of_itself_made_harmless(said: str | None, shown: str) -> None:
    assert Origin.of(said, None).device == shown


def test_a_fresh_token_is_traded() -> None:
    assert judge(a_token(), a_session(), NOON) is Presented.ROTATE


def test_a_token_runs_out_after_seven_days_with_its_session_kept_alive() -> None:
    session = a_session().used(NOON + timedelta(days=5))

    assert judge(a_token(), session, NOON + timedelta(days=7) - SECOND) is Presented.ROTATE
    assert judge(a_token(), session, NOON + timedelta(days=7)) is Presented.EXPIRED


@given(st.integers(-60, 10))
def test_a_repeat_within_ten_seconds_is_the_same_use(seconds: int) -> None:
    used = a_token().used(hash_of(Secret("next")), NOON)

    assert judge(used, a_session(), NOON + seconds * SECOND) is Presented.REPEAT


@given(st.integers(11, 600_000))
def test_any_later_use_means_that_two_hold_it(seconds: int) -> None:
    used = a_token().used(hash_of(Secret("next")), NOON)

    assert judge(used, a_session(), NOON + seconds * SECOND) is Presented.REUSED


def test_nothing_is_traded_in_an_ended_session() -> None:
    ended = a_session().end(Ended.SIGNED_OUT, NOON)
    used = a_token().used(hash_of(Secret("next")), NOON)

    assert judge(a_token(), ended, NOON) is Presented.SESSION_OVER
    assert judge(used, ended, NOON + timedelta(hours=1)) is Presented.SESSION_OVER


def test_a_token_never_outlives_its_session() -> None:
    session = a_session()
    late = NOON + timedelta(days=29)

    assert RefreshToken.issue(Secret("t"), session, late).expires_at == session.expires_at


@pytest.mark.parametrize("text", ["", "x" * 129, "tøken"])
def test_what_cannot_be_a_token_is_not_looked_up(text: str) -> None:
    assert not could_be_one(Secret(text))


def test_the_device_unused_for_longest_makes_room() -> None:
    many = [
        replace(
            a_session(),
            id=SessionId(UUID(int=number)),
            last_used_at=NOON + timedelta(minutes=number),
        )
        for number in range(LIVING_MAX)
    ]

    assert making_room(many[1:]) == []
    assert making_room(many[::-1]) == many[:1]


def test_keys_take_no_device_s_place() -> None:
    keys = [replace(a_session(), kind=SessionKind.API_KEY) for _ in range(LIVING_MAX)]

    assert making_room(keys) == []
