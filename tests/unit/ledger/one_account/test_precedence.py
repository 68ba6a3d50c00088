"""Whom to believe, field by field; and where feeds disagree."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from domain.ledger.account import Account, AccountOrigin, Anchor
from domain.ledger.entry import Edited, Entry, InTransfer, Removed
from domain.ledger.one_account.disagreements import DisagreementKind, disagreements
from domain.ledger.one_account.merged import one_of
from domain.ledger.one_account.precedence import composed, composed_account
from domain.ledger.one_account.told import Teller, TellerKind, Told
from domain.shared.ids import AccountId, EntryId, FeedId, TransferId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus

FILE, TINK, PLAID = (FeedId(UUID(int=number)) for number in (1, 2, 3))
KINDS = {FILE: TellerKind.STATEMENT, TINK: TellerKind.TINK, PLAID: TellerKind.PLAID}
ACCOUNT = AccountId(UUID(int=9))
ENTRY = EntryId(UUID(int=8))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PENDING, BOOKED = EntryStatus.PENDING, EntryStatus.BOOKED


def teller(feed: FeedId, **facts: object) -> Teller:
    legal: dict[str, object] = {
        "account_id": ACCOUNT,
        "feed_id": feed,
        "kind": KINDS[feed],
        "name": KINDS[feed].value,
        "account_kind": AccountKind.CHECKING,
    }
    return Teller(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


TELLERS = {feed: teller(feed) for feed in KINDS}


def told(feed: FeedId, minor: int = -100, **facts: object) -> Told:
    legal: dict[str, object] = {
        "entry_id": ENTRY,
        "account_id": ACCOUNT,
        "feed_id": feed,
        "status": BOOKED,
        "amount": Money(minor, "NOK"),
        "booked_on": date(2026, 3, 2),
        "text": KINDS[feed].value,
        "category": "other.uncategorised",
        "told_at": NOON,
    }
    return Told(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def an_entry(**facts: object) -> Entry:
    bare = Entry(ENTRY, ACCOUNT, BOOKED, Money(-1, "NOK"), date(2026, 1, 1), "before")
    return replace(bare, **facts)  # type: ignore[arg-type] # as above


@pytest.mark.parametrize(
    ("feeds", "figure", "words"),
    [
        ((FILE, TINK, PLAID), FILE, TINK),
        ((TINK, PLAID), TINK, TINK),
        ((FILE, PLAID), FILE, PLAID),
        ((PLAID,), PLAID, PLAID),
    ],
)
def test_figures_are_the_statements_and_words_the_banks(
    feeds: tuple[FeedId, ...], figure: FeedId, words: FeedId
) -> None:
    amounts = {FILE: -101, TINK: -102, PLAID: -103}

    one = composed(an_entry(), [told(feed, amounts[feed]) for feed in feeds], TELLERS)

    assert (one.amount.minor, one.text) == (amounts[figure], KINDS[words].value)


def test_a_payee_and_a_category_come_from_whoever_knows_them_first() -> None:
    raw = told(TINK, category="other.uncategorised")
    rich = told(PLAID, counterparty="Kiwi", category="food.groceries")

    one = composed(an_entry(), [raw, rich], TELLERS)

    assert (one.text, one.counterparty, one.category) == ("tink", "Kiwi", "food.groceries")


def test_booked_outranks_pending_whoever_says_it() -> None:
    one = composed(an_entry(), [told(TINK, -90, status=PENDING), told(PLAID, -100)], TELLERS)

    assert (one.status, one.amount.minor) == (BOOKED, -100)


def test_of_what_is_pending_the_last_that_was_heard_counts() -> None:
    fresh = told(PLAID, -95, status=PENDING, told_at=NOON + timedelta(hours=1))

    one = composed(an_entry(), [told(TINK, -90, status=PENDING), fresh], TELLERS)

    assert one.amount.minor == -95


def test_it_stays_while_anybody_tells_of_it_and_goes_with_the_last() -> None:
    gone = told(TINK, removed=Removed.BY_FEED)

    assert composed(an_entry(), [gone, told(PLAID)], TELLERS).removed is None
    both = [gone, told(PLAID, removed=Removed.EXPIRED)]
    assert composed(an_entry(), both, TELLERS).removed is Removed.BY_FEED


def test_a_feed_that_has_ended_keeps_nothing_alive_that_others_took_back() -> None:
    ended = TELLERS | {TINK: teller(TINK, ended=True)}
    told_of = [told(TINK), told(PLAID, removed=Removed.BY_FEED)]

    assert composed(an_entry(), told_of, ended).removed is Removed.BY_FEED
    assert composed(an_entry(), [told(TINK)], ended).removed is None


def test_what_the_person_said_stays() -> None:
    mine = an_entry(
        text="Lunch", category="family.pets", edited=frozenset({Edited.TEXT, Edited.CATEGORY})
    )

    one = composed(mine, [told(TINK, category="food.groceries")], TELLERS)

    assert (one.text, one.category, one.amount.minor) == ("Lunch", "family.pets", -100)
    deleted = composed(an_entry(removed=Removed.BY_PERSON), [told(TINK)], TELLERS)
    assert deleted.removed is Removed.BY_PERSON


def test_a_side_of_a_transfer_keeps_its_category_and_learns_what_lies_beneath() -> None:
    mark = InTransfer(TransferId(UUID(int=5)), EntryId(UUID(int=6)), ACCOUNT, "other.uncategorised")

    one = composed(
        an_entry(category="transfer.own", transfer=mark),
        [told(TINK, category="food.groceries")],
        TELLERS,
    )

    assert one.category == "transfer.own"
    assert one.transfer is not None
    assert one.transfer.beneath == "food.groceries"


def an_account() -> Account:
    return Account(
        id=ACCOUNT,
        owner=UserId(UUID(int=7)),
        name="before",
        kind=AccountKind.OTHER,
        currency="NOK",
        origin=AccountOrigin.STATEMENT,
        created_at=NOON,
    )


def anchored(minor: int, at: datetime) -> Anchor:
    return Anchor(Money(minor, "NOK"), at)


def test_a_number_goes_with_the_feed_that_told_it() -> None:
    account = replace(an_account(), number="NO9386011117947", institution="no-fjord-ob")

    left = composed_account(account, [teller(PLAID, institution="Fjord Sparebank")])

    assert (left.number, left.institution) == (None, "Fjord Sparebank")


def test_the_bank_is_called_by_its_name_where_one_is_told() -> None:
    tellers = [
        teller(TINK, institution="no-fjord-ob"),
        teller(PLAID, institution="Fjord Sparebank"),
    ]

    assert composed_account(an_account(), tellers).institution == "Fjord Sparebank"


def test_the_banks_id_is_of_whoever_has_one() -> None:
    account = replace(an_account(), institution_id="no-other-ob")
    tink = teller(TINK, institution="Fjord", institution_id="no-fjord-ob")
    plaid = teller(PLAID, institution="Fjord Sparebank")

    both, left = composed_account(account, [tink, plaid]), composed_account(account, [plaid])

    assert (both.institution, both.institution_id) == ("Fjord Sparebank", "no-fjord-ob")
    assert left.institution_id is None


def test_the_newest_balance_counts_and_on_one_day_the_statements() -> None:
    evening = NOON.replace(hour=20)
    bank = teller(TINK, anchor=anchored(1, evening))
    file = teller(FILE, anchor=anchored(2, NOON))
    older = teller(FILE, anchor=anchored(3, NOON - timedelta(days=1)))

    by_file = composed_account(an_account(), [bank, file])
    by_bank = composed_account(an_account(), [bank, older])

    assert by_file.anchor == anchored(2, NOON)
    # What is booked after the statement's day is added to it; to a bank's figure, nothing is.
    assert by_file.counts_after == NOON.date()
    assert by_bank.anchor == anchored(1, evening)
    assert by_bank.counts_after == date.max
    assert by_bank.name == "tink"


def test_disagreements_are_told_with_both_values() -> None:
    days = {TINK: [date(2026, 3, day) for day in range(1, 20)]}
    days[PLAID] = days[TINK]
    one = [told(TINK, -100), told(PLAID, -110, booked_on=date(2026, 3, 9))]
    lone = [told(TINK, entry_id=EntryId(UUID(int=3)), booked_on=date(2026, 3, 6))]
    back = [
        told(feed, entry_id=EntryId(UUID(int=4)), removed=gone)
        for feed, gone in ((TINK, None), (PLAID, Removed.BY_FEED))
    ]
    tellers = {feed: TELLERS[feed] for feed in (TINK, PLAID)}

    found = disagreements([*one, *lone, *back], days, tellers)

    said = {(each.kind, each.one.value, each.other.value) for each in found}
    assert said == {
        (DisagreementKind.AMOUNT, "-1.00 NOK", "-1.10 NOK"),
        (DisagreementKind.DAY, "2026-03-02", "2026-03-09"),
        (DisagreementKind.MISSING, "-1.00 NOK", None),
        (DisagreementKind.TAKEN_BACK, "-1.00 NOK", None),
    }


def test_what_a_feed_has_not_come_to_is_no_disagreement() -> None:
    days = {TINK: [date(2026, 3, 2), date(2026, 3, 20)], PLAID: [date(2026, 3, 18)]}
    tellers = {feed: TELLERS[feed] for feed in (TINK, PLAID)}

    assert disagreements([told(TINK)], days, tellers) == []


def test_two_balances_of_one_day_are_compared() -> None:
    tellers = {
        TINK: teller(TINK, anchor=anchored(1, NOON)),
        PLAID: teller(PLAID, anchor=anchored(2, NOON.replace(hour=9))),
    }

    (found,) = disagreements([], {}, tellers)

    assert (found.kind, found.entry_id) == (DisagreementKind.BALANCE, None)
    tellers[PLAID] = teller(PLAID, anchor=anchored(1, NOON.replace(hour=9)))
    assert disagreements([], {}, tellers) == []


def test_of_two_entries_that_become_one_the_words_of_the_other_are_looked_at_again() -> None:
    known, other = told(TINK), told(PLAID, entry_id=EntryId(UUID(int=7)), status=PENDING)

    said = one_of(ENTRY, [known], [other], provisional=True, was=other.entry_id)

    assert {one.feed_id: one.provisional for one in said} == {TINK: False, PLAID: True}
    assert {one.entry_id for one in said} == {ENTRY}


@pytest.mark.parametrize("left", [(), (told(TINK, removed=Removed.BY_FEED),)])
def test_what_was_provisional_beside_a_word_that_is_gone_stands_by_itself(
    left: tuple[Told, ...],
) -> None:
    """Or both halves were provisional, and nobody would ever think them over."""
    alone = told(PLAID, status=PENDING, provisional=True)
    third = told(FILE, entry_id=EntryId(UUID(int=7)))

    said = one_of(ENTRY, [*left, alone], [third], provisional=True, was=third.entry_id)

    provisional = {one.feed_id: one.provisional for one in said if one.stands}
    assert provisional == {PLAID: False, FILE: True}
