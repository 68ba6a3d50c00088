"""Why a run runs, whether somebody is there, and when one more look is allowed."""

from datetime import timedelta

import pytest

from domain.connections.unattended import READS_MAX, WINDOW, free_at
from domain.connections.wishes import PRESENT, Cause, SyncReason, Wish, cause_of
from tests.support.clock import NOON

R = SyncReason


def wish(reason: SyncReason, number: int, minutes_ago: float = 0) -> Wish:
    return Wish(reason, number, NOON - timedelta(minutes=minutes_ago))


@pytest.mark.parametrize(
    ("wishes", "cause"),
    [
        ([], Cause(R.RHYTHM, attended=False)),
        ([wish(R.PERSON, 3)], Cause(R.RHYTHM, attended=False)),
        ([wish(R.PERSON, 4)], Cause(R.PERSON, attended=True)),
        ([wish(R.RHYTHM, 4), wish(R.PERSON, 5)], Cause(R.PERSON, attended=True)),
        ([wish(R.PERSON, 4), wish(R.RHYTHM, 5)], Cause(R.PERSON, attended=True)),
        ([wish(R.WEBHOOK, 4), wish(R.RHYTHM, 5)], Cause(R.WEBHOOK, attended=False, fetched=True)),
        ([wish(R.WEBHOOK, 4), wish(R.KEY, 5)], Cause(R.KEY, attended=False, fetched=True)),
        ([wish(R.WEBHOOK, 3), wish(R.KEY, 5)], Cause(R.KEY, attended=False)),
        ([wish(R.LINK, 4)], Cause(R.LINK, attended=True)),
        ([wish(R.RENEWAL, 4)], Cause(R.RENEWAL, attended=True)),
        ([wish(R.KEY, 4)], Cause(R.KEY, attended=False)),
        ([wish(R.PERSON, 4, 14)], Cause(R.PERSON, attended=True)),
        ([wish(R.PERSON, 4, 16)], Cause(R.PERSON, attended=False)),
        ([wish(R.LINK, 1, 14), wish(R.HISTORY, 4)], Cause(R.HISTORY, attended=True, fetched=True)),
        ([wish(R.LINK, 1, 16), wish(R.HISTORY, 4)], Cause(R.HISTORY, attended=False, fetched=True)),
        ([wish(R.PERSON, 1, 1), wish(R.RHYTHM, 4)], Cause(R.RHYTHM, attended=False)),
    ],
)
def test_what_a_run_is_for(wishes: list[Wish], cause: Cause) -> None:
    """Of a connection whose wishes up to the third are served."""
    assert cause_of(wishes, 3, NOON) == cause


def test_somebody_is_there_for_a_quarter_of_an_hour() -> None:
    assert timedelta(minutes=15) == PRESENT


def test_the_law_says_four_in_24_hours() -> None:
    assert (4, timedelta(hours=24)) == (READS_MAX, WINDOW)


@pytest.mark.parametrize(
    ("hours", "waits_hours"),
    [
        ((), 0),
        ((1, 2, 3), 0),
        ((1, 2, 3, 23), 1),
        ((1, 2, 3, 24), 0),
        ((1, 2, 3, 4, 5, 23), 20),
        ((0, 0, 0, 0), 24),
    ],
)
def test_one_more_look_is_allowed_when_the_fourth_last_is_a_day_old(
    hours: tuple[float, ...], waits_hours: float
) -> None:
    reads = [[NOON - timedelta(hours=one) for one in hours]]
    assert free_at(reads, NOON) == NOON + timedelta(hours=waits_hours)


def test_each_account_must_allow_it() -> None:
    spent = [NOON - timedelta(hours=h) for h in (1, 2, 3, 20)]
    fresh = [NOON - timedelta(hours=1)]

    assert free_at([fresh, spent, []], NOON) == NOON + timedelta(hours=4)
    assert free_at([], NOON) == NOON
