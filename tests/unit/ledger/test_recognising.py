"""Rule 4: entries of an account that was found again."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from domain.ledger.entry import Edited, Entry, Removed
from domain.ledger.matching.facts import Known
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.planner import plan_page
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionGone, TransactionSeen
from tests.support.observations import CURRENT, a_transaction
from tests.unit.ledger.matcher import ACCOUNT, FEED, pending

KIWI = a_transaction("new", -100, text="VISA KIWI 505 OSLO")


def had(number: int = 1, /, **facts: object) -> Entry:
    legal: dict[str, object] = {
        "id": EntryId(UUID(int=number)),
        "account_id": ACCOUNT,
        "status": EntryStatus.BOOKED,
        "amount": Money(-100, "NOK"),
        "booked_on": KIWI.booked_on,
        "text": KIWI.text,
    }
    return Entry(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def named(name: str, **facts: object) -> TransactionSeen:
    return replace(KIWI, id=ExternalId(name), **facts)  # type: ignore[arg-type] # as above


def told(*seen: TransactionSeen, nameless: tuple[Entry, ...], gone: str | None = None) -> Plan:
    ids = iter([EntryId(UUID(int=100 + number)) for number in range(9)])
    back = () if gone is None else (TransactionGone(CURRENT, ExternalId(gone)),)
    return plan_page(
        FEED,
        Observations(transactions=seen, gone=back),
        {CURRENT: ACCOUNT},
        Known({}, {}, nameless),
        {},
        lambda _: next(ids),
    )


def known_as(plan: Plan) -> dict[str, int]:
    return {one.external_id: one.entry_id.int for one in plan.new_sources}


def test_the_same_words_are_the_same_entry_and_no_news() -> None:
    plan = told(KIWI, nameless=(had(),))

    assert known_as(plan) == {"new": 1}
    assert not plan.added
    assert not plan.changed
    assert plan.unchanged == 1


@pytest.mark.parametrize(
    "other",
    [
        {"booked_on": date(2026, 3, 2)},
        {"amount": Money(-101, "NOK")},
        {"amount": Money(-100, "SEK")},
        {"text": "VISA Rema"},
        {"account_id": AccountId(UUID(int=7))},
    ],
)
def test_another_day_amount_payee_or_account_is_another_entry(other: dict[str, object]) -> None:
    plan = told(KIWI, nameless=(had(**other),))

    assert known_as(plan) == {"new": 100}


def test_a_common_payee_is_enough_and_the_new_words_stand() -> None:
    plan = told(KIWI, nameless=(had(text="Kiwi", counterparty="KIWI NORGE"),))

    (changed,) = plan.changed.values()
    assert (changed.id.int, changed.text) == (1, KIWI.text)


def test_the_same_words_go_before_a_common_payee() -> None:
    plan = told(named("a", text="Kiwi Bergen"), KIWI, nameless=(had(1), had(2, text="Kiwi Oslo")))

    assert known_as(plan) == {"a": 2, "new": 1}


def test_equals_are_paired_in_order_and_never_more_than_there_are() -> None:
    plan = told(named("a"), named("b"), named("c"), nameless=(had(2), had(1)))

    assert known_as(plan) == {"a": 1, "b": 2, "c": 100}


def test_what_a_person_deleted_stays_deleted_and_goes_last() -> None:
    deleted = had(1, removed=Removed.BY_PERSON)

    plan = told(named("a"), named("b"), nameless=(deleted, had(2)))

    assert known_as(plan) == {"a": 2, "b": 1}
    assert not plan.changed


def test_a_text_of_the_persons_own_is_known_by_day_and_amount() -> None:
    plan = told(KIWI, nameless=(had(text="Snacks", edited=frozenset({Edited.TEXT})),))

    assert known_as(plan) == {"new": 1}
    assert not plan.changed


def test_what_is_pending_is_not_recognised() -> None:
    plan = told(pending("new", -100, text=KIWI.text), nameless=(had(),))

    assert known_as(plan) == {"new": 100}


def test_recognised_and_taken_back_on_one_page_is_removed() -> None:
    plan = told(KIWI, nameless=(had(),), gone="new")

    (changed,) = plan.changed.values()
    assert changed.removed is Removed.BY_FEED
    assert list(plan.sums.days.values()) == [100]
