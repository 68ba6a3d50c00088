from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cache

import pytest

from entrypoints.sandbox.life.history import History
from entrypoints.sandbox.life.people import PEOPLE, person_named
from entrypoints.sandbox.life.rows import Kind, Row

ORIGIN = date(2024, 3, 12)
OPENED = datetime(2026, 3, 12, 11, 30, tzinfo=UTC)
NAMES = [person.username for person in PEOPLE] + ["berit", "many-1000"]


def live(name: str, until: datetime = OPENED, seed: int = 1) -> History:
    person = person_named(name, seed)
    assert person is not None
    history = History.begin(person, seed, ORIGIN, ())
    history.advance(ms(until))
    return history


@cache
def lived(name: str) -> History:
    """The person's past, for tests that only read it."""
    return live(name)


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def facts(history: History) -> list[tuple[object, ...]]:
    return [(kind, r.key, r.account, r.minor, r.booked_on) for kind, r in history.log]


def booked(history: History) -> list[Row]:
    return [row for _, _, row in history.statement if not row.pending]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_person_always_has_the_same_past(name: str) -> None:
    assert facts(live(name)) == facts(lived(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_longer_past_begins_with_the_shorter_one(name: str) -> None:
    """Positions in the log are for ever, so a cursor outlives restarts and passing days."""
    grown = live(name, OPENED - timedelta(days=40))
    before = [(kind, row.key) for kind, row in grown.log]
    for hours in range(0, 24 * 40, 17):
        grown.advance(ms(OPENED - timedelta(days=40) + timedelta(hours=hours)))
    grown.advance(ms(OPENED))

    assert [(kind, row.key) for kind, row in grown.log][: len(before)] == before
    assert facts(grown) == facts(lived(name))


@pytest.mark.parametrize("name", NAMES)
def test_balances_are_sums(name: str) -> None:
    history = lived(name)

    for index, account in enumerate(history.accounts):
        rows = [row.minor for row in booked(history) if row.account == index]
        assert account.booked_minor == account.spec.opening_minor + sum(rows)


def test_another_seed_is_another_life() -> None:
    assert facts(lived("anna")) != facts(live("anna", seed=2))


def test_many_have_exactly_so_many_booked_when_the_bank_opens() -> None:
    for count in (1, 731, 20_000):
        assert len(booked(lived(f"many-{count}"))) == count


def test_many_grow_afterwards_by_way_of_pending_entries() -> None:
    history = live("many-1000", OPENED + timedelta(days=10))

    assert len(booked(history)) > 1000
    assert any(row.pending for _, _, row in history.statement)


def test_wages_are_booked_in_the_first_minute_of_the_day_which_is_yesterday_by_utc() -> None:
    wages = [row for row in booked(lived("anna")) if row.wording.pfm == "inc:salary.other"]

    assert len(wages) == 24
    for row in wages:
        utc = datetime.fromtimestamp(row.at_ms / 1000, UTC).date()
        assert date.fromisoformat(row.booked_on) - utc == timedelta(days=1)


def test_there_are_twins_that_are_two_real_purchases() -> None:
    seen = Counter(
        (row.account, row.booked_on, row.minor, row.wording.original, row.happened_on)
        for row in booked(lived("anna"))
    )

    assert sum(count == 2 for count in seen.values()) > 20


def test_holds_book_with_another_figure_or_not_at_all() -> None:
    history = lived("bjorn")
    rows = {row.key: row for _, row in history.log}
    settled = [row for row in rows.values() if row.settles is not None]
    holds = [row for row in rows.values() if row.pending and row.gone >= 0]

    changed = [row for row in settled if row.settles and rows[row.settles].minor != row.minor]
    released = {row.key for row in holds} - {row.settles for row in settled}
    assert len(changed) > 50
    assert released
    assert all(row.key != row.settles for row in settled)


def test_transfers_leave_one_own_account_and_reach_another() -> None:
    anna, travel = lived("anna"), lived("anna-travel")

    within = _by_wording(anna, "Fast sparing")
    away, arrived = _by_wording(anna, "Til egen konto"), _by_wording(travel, "Fra Anna")
    assert sum(row.minor for row in within) == 0
    assert [(r.booked_on, -r.minor) for r in away] == [(r.booked_on, r.minor) for r in arrived]


def test_refunds_bring_the_same_figure_back() -> None:
    rows = booked(lived("anna"))
    spent = Counter(-row.minor for row in rows if row.minor < 0)

    refunds = [row for row in rows if row.wording.pfm == "inc:refund.other"]
    assert refunds
    assert all(spent[row.minor] for row in refunds)


def test_foreign_purchases_name_their_currency_and_rate() -> None:
    notes = {row.wording.note.split()[0] for row in booked(lived("bjorn")) if row.wording.note}

    assert {"EUR", "SEK"} <= notes


def test_some_entries_are_explained_later_under_the_same_id() -> None:
    amended = [row for kind, row in lived("anna").log if kind is Kind.AMEND]

    assert len(amended) > 30
    assert all(not row.pending for row in amended)


def test_no_name_is_nobody_and_outcomes_are_no_people() -> None:
    assert [person_named(name, 1) for name in ("", "../x", "cancel", "locked", "Æ")] == [None] * 5


def _by_wording(history: History, text: str) -> list[Row]:
    return [row for row in booked(history) if row.wording.original.startswith(text)]
