from dataclasses import replace
from datetime import date

import pytest

from domain.ledger.entry import Part, Removed
from domain.ledger.matching.facts import OpenPending
from domain.ledger.matching.likeness import SURE, likeness
from domain.ledger.matching.manners import USUAL
from domain.ledger.matching.names import digest_of
from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations
from tests.support.observations import a_transaction
from tests.unit.ledger.matcher import Matcher, gone, pending

P1 = ExternalId("p-1")
BOOKED, PENDING = EntryStatus.BOOKED, EntryStatus.PENDING


def test_what_nobody_knew_is_new(matcher: Matcher) -> None:
    plan = matcher.hears(a_transaction("t-1", -100), pending("t-2", -50))

    assert (len(plan.added), len(plan.changed)) == (2, 0)
    assert [one.status for one in matcher.shown] == [PENDING, BOOKED]


def test_the_same_page_twice_changes_nothing(matcher: Matcher) -> None:
    page = (a_transaction("t-1"), pending("t-2"))
    matcher.hears(*page)

    plan = matcher.hears(*page)

    assert not plan.writes
    assert plan.unchanged == 2


def test_the_last_word_on_a_page_stands(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -100), a_transaction("t-1", -120))

    assert matcher.amounts == [-120]


def test_a_known_name_is_the_same_entry_with_what_it_says_now(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -100))
    before = matcher.of("t-1")

    plan = matcher.hears(a_transaction("t-1", -110, text="Kiwi 505"))

    after = matcher.of("t-1")
    assert (after.id, after.amount, after.text) == (before.id, Money(-110, "NOK"), "Kiwi 505")
    assert list(plan.sums.days.values()) == [-10]


def test_twins_stay_two(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", text="Coffee"), a_transaction("t-2", text="Coffee"))

    assert len(matcher.shown) == 2


@pytest.mark.parametrize("name", ["t-1", "b-1"])
def test_pending_twins_book_as_two(matcher: Matcher, name: str) -> None:
    matcher.lists(pending("p-1", text="Coffee"), pending("p-2", text="Coffee"))
    held = {entry.id for entry in matcher.shown}

    matcher.lists(a_transaction(name, text="Coffee"), a_transaction("t-9", text="Coffee"))

    assert {entry.id for entry in matcher.shown} == held
    assert all(entry.status is BOOKED for entry in matcher.shown)


def test_a_pending_name_that_books_is_the_same_entry(matcher: Matcher) -> None:
    matcher.hears(pending("t-1", -100))

    plan = matcher.hears(a_transaction("t-1", -130))

    (entry,) = matcher.shown
    assert (entry.status, entry.amount.minor) == (BOOKED, -130)
    assert list(plan.sums.days.values()) == [-130]


def test_a_booking_that_names_its_pending_entry_is_that_entry(matcher: Matcher) -> None:
    matcher.hears(pending("p-1", -100))
    held = matcher.of("p-1")

    matcher.hears(a_transaction("b-1", -130, pending_id=P1, booked_on=date(2026, 3, 25)))

    (entry,) = matcher.shown
    assert (entry.id, entry.amount.minor, entry.status) == (held.id, -130, BOOKED)


@pytest.mark.parametrize("when", ["before", "with", "after"])
def test_that_the_pending_name_is_taken_back_leaves_the_booking(
    matcher: Matcher, when: str
) -> None:
    matcher.hears(pending("p-1", -100))
    held = matcher.of("p-1")
    booking = a_transaction("b-1", -130, pending_id=P1)

    if when == "before":
        matcher.page(gone("p-1"))
        matcher.hears(booking)
    elif when == "with":
        matcher.hears(booking, taken_back=gone("p-1"))
    else:
        matcher.hears(booking)
        matcher.page(gone("p-1"))

    (entry,) = matcher.shown
    assert (entry.id, entry.amount.minor) == (held.id, -130)


def test_pending_and_booking_on_one_page_are_one(matcher: Matcher) -> None:
    matcher.hears(a_transaction("b-1", -130, pending_id=P1), pending("p-1", -100))

    assert matcher.amounts == [-130]


def test_a_pending_entry_books_once_and_a_second_booking_is_another(matcher: Matcher) -> None:
    matcher.hears(pending("p-1", -100))

    matcher.hears(
        a_transaction("b-1", -60, pending_id=P1), a_transaction("b-2", -40, pending_id=P1)
    )
    matcher.hears(a_transaction("b-3", -10, pending_id=P1))

    assert matcher.amounts == [-60, -40, -10]


def test_a_booking_by_name_goes_before_one_by_likeness(matcher: Matcher) -> None:
    matcher.lists(pending("p-1", -100, text="Kiwi Oslo"))

    matcher.lists(
        a_transaction("b-1", -100, text="Kiwi Oslo"),
        a_transaction("b-2", -100, text="Kiwi Oslo", pending_id=P1),
    )

    assert matcher.amounts == [-100, -100]
    assert matcher.of("b-2").id == matcher.of("p-1").id != matcher.of("b-1").id


def test_what_booked_by_likeness_is_not_booked_again_by_name(matcher: Matcher) -> None:
    matcher.lists(pending("p-1", -100, text="Kiwi Oslo"))
    matcher.lists(a_transaction("b-1", -100, text="Kiwi Oslo"))

    matcher.hears(a_transaction("b-2", -70, text="Kiwi Oslo", pending_id=P1))

    assert matcher.amounts == [-100, -70]


def test_a_pending_entry_that_is_no_longer_listed_books_by_likeness(matcher: Matcher) -> None:
    matcher.lists(pending("p-1", -100_00, text="Narvesen Oslo S"))
    held = matcher.of("p-1")

    matcher.lists(
        a_transaction("b-1", -112_00, text="NARVESEN OSLO", booked_on=date(2026, 3, 4)),
    )

    (entry,) = matcher.shown
    assert (entry.id, entry.amount.minor, entry.status) == (held.id, -112_00, BOOKED)


def test_one_that_is_still_listed_is_left_alone(matcher: Matcher) -> None:
    held = pending("p-1", -100, text="Narvesen")
    matcher.lists(held)

    matcher.lists(held, a_transaction("b-1", -100, text="Narvesen"))

    assert len(matcher.shown) == 2


def test_the_best_pair_goes_first(matcher: Matcher) -> None:
    matcher.lists(
        pending("p-1", -100, text="Narvesen", booked_on=date(2026, 2, 27)),
        pending("p-2", -100, text="Rema", booked_on=date(2026, 3, 1)),
    )

    matcher.lists(a_transaction("b-1", -100, text="Rema 1000", booked_on=date(2026, 3, 2)))

    assert matcher.of("b-1").id == matcher.of("p-2").id


def test_a_booked_entry_never_falls_back_to_pending(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -130))

    matcher.hears(pending("t-1", -100))

    (entry,) = matcher.shown
    assert (entry.status, entry.amount.minor) == (BOOKED, -130)


def test_a_late_page_of_a_superseded_pending_entry_changes_nothing(matcher: Matcher) -> None:
    matcher.hears(pending("p-1", -100))
    matcher.hears(a_transaction("b-1", -130, pending_id=P1))

    plan = matcher.hears(pending("p-1", -90))

    assert not plan.writes
    assert matcher.amounts == [-130]


def test_what_is_taken_back_is_not_shown_and_may_come_again(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -100))
    before = matcher.of("t-1")

    plan = matcher.page(gone("t-1"))
    assert matcher.shown == []
    assert list(plan.sums.days.values()) == [100]

    matcher.hears(a_transaction("t-1", -100))
    assert matcher.shown == [before]


def test_a_booked_entry_that_was_taken_back_may_come_again_as_pending(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -100))
    matcher.page(gone("t-1"))

    matcher.hears(pending("t-1", -100))

    (entry,) = matcher.shown
    assert entry.status is PENDING


def test_given_and_taken_back_on_one_page_it_never_was(matcher: Matcher) -> None:
    plan = matcher.hears(a_transaction("t-1"), a_transaction("t-2"), taken_back=gone("t-1", "t-1"))

    assert [one.external_id for one in plan.new_sources] == ["t-2"]
    assert len(matcher.entries) == 1
    assert list(plan.sums.days.values()) == [-12990]


def test_a_booking_taken_back_on_its_own_page_takes_the_entry_with_it(matcher: Matcher) -> None:
    matcher.hears(pending("p-1", -100))

    matcher.hears(a_transaction("b-1", -130, pending_id=P1), taken_back=gone("b-1"))
    assert matcher.shown == []

    matcher.hears(a_transaction("b-1", -130, pending_id=P1))
    assert matcher.amounts == [-130]


def test_a_pending_entry_given_another_name_and_taken_back_on_one_page_is_gone(
    matcher: Matcher,
) -> None:
    matcher.hears(pending("p-1"))
    held = OpenPending(P1, matcher.of("p-1"))

    listed_anew = Observations((), (pending("p-2", text="Purchase p-1"),), gone("p-2").gone)
    matcher.page(listed_anew, {P1: held})

    assert matcher.of("p-2").id == held.entry.id
    assert matcher.of("p-2").removed is Removed.BY_FEED


def test_a_name_taken_back_that_nobody_knew_means_nothing(matcher: Matcher) -> None:
    assert not matcher.page(gone("x", "x")).writes


def test_a_persons_words_survive_what_the_feed_says_later(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -100, category="food.groceries"))
    entry = matcher.of("t-1").categorised("family.children").noted("for the party")
    matcher.entries[entry.id] = entry

    matcher.hears(a_transaction("t-1", -120, category="shopping.other", text="New words"))

    after = matcher.of("t-1")
    assert (after.category, after.note) == ("family.children", "for the party")
    assert (after.amount.minor, after.text) == (-120, "New words")


def test_a_persons_split_grows_by_what_the_bank_changed(matcher: Matcher) -> None:
    matcher.hears(a_transaction("t-1", -100))
    parts = [Part(Money(-60, "NOK"), "food.groceries"), Part(Money(-40, "NOK"), "family.pets")]
    entry = matcher.of("t-1").split_into(parts)
    matcher.entries[entry.id] = entry

    matcher.hears(a_transaction("t-1", -130))

    assert [part.amount.minor for part in matcher.of("t-1").parts] == [-60, -40, -30]


def test_what_a_person_deleted_stays_deleted_when_it_books(matcher: Matcher) -> None:
    matcher.lists(pending("p-1", -100, text="Narvesen"))
    entry = matcher.of("p-1").taken_away(Removed.BY_PERSON)
    matcher.entries[entry.id] = entry

    plan = matcher.lists(a_transaction("b-1", -100, text="Narvesen"))

    assert matcher.shown == []
    assert not plan.added
    assert not plan.sums.days


@pytest.mark.parametrize(
    ("minor", "text", "day", "verdict"),
    [
        (-100, "Narvesen", 1, "sure"),
        (-100, "Something else", 1, "unsure"),  # the same amount alone is not enough
        (-100, "Visa varekjøp kort", 1, "sure"),  # words that any purchase carries contradict none
        (-125, "Narvesen", 3, "sure"),  # a tip
        (-126, "Narvesen", 3, None),  # too much of a tip
        (-44, "Narvesen", 3, "sure"),  # a hold that was released down to what was bought
        (-1, "Narvesen", 3, "unsure"),  # nearly all of it
        (-99, "Something else", 1, None),
        (100, "Narvesen", 1, "unsure"),  # the other sign: a bank's habit, or a refund
        (0, "Narvesen", 1, None),
        (-100, "Narvesen", 11, "sure"),
        (-100, "Narvesen", 12, None),
        (-90, "Visa varekjøp kort", 1, None),
    ],
)
def test_what_may_be_a_booking_of_what_was_held(
    minor: int, text: str, day: int, verdict: str | None
) -> None:
    matcher = Matcher()
    matcher.hears(pending("p-1", -100, text="Visa Narvesen"))
    seen = a_transaction("b-1", minor, text=text, booked_on=date(2026, 3, day))

    link = likeness(seen, matcher.of("p-1"), USUAL)

    assert verdict == (link and ("sure" if link.confidence >= SURE else "unsure"))


def test_another_currency_is_only_suggested() -> None:
    matcher = Matcher()
    matcher.hears(pending("p-1", -100, text="Narvesen"))
    seen = a_transaction("b-1", amount=Money(-9, "EUR"), text="Narvesen")

    link = likeness(seen, matcher.of("p-1"), USUAL)

    assert link is not None
    assert link.confidence < SURE


def test_the_digest_covers_everything_that_is_said() -> None:
    seen = a_transaction("t-1")
    said_otherwise = [
        replace(seen, account=ExternalId("x")),
        replace(seen, status=PENDING),
        replace(seen, amount=Money(-12991, "NOK")),
        replace(seen, amount=Money(-12990, "SEK")),
        replace(seen, booked_on=date(2026, 3, 2)),
        replace(seen, value_on=date(2026, 3, 1)),
        replace(seen, text="other"),
        replace(seen, counterparty="Kiwi"),
        replace(seen, category="food.groceries"),
        replace(seen, pending_id=P1),
    ]

    assert len({digest_of(one) for one in (seen, *said_otherwise)}) == 11
    assert all(-(2**63) <= digest_of(one) < 2**63 for one in said_otherwise)
