"""Which entries are one transfer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.ledger.account import Account, AccountOrigin
from domain.ledger.categories import UNCATEGORISED
from domain.ledger.entry import Edited, Entry, Part
from domain.ledger.errors_transfers import NotOppositeError, SameAccountError
from domain.ledger.rates import Quote, RateTable
from domain.ledger.transfers import Decision, Method, category_between, sides
from domain.ledger.transfers_pairing import SUGGESTIONS_MAX, Words, decide
from domain.shared.ids import AccountId, EntryId, TransferId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind, EntryStatus

MONDAY = date(2026, 3, 2)
NO_RATES = RateTable()
ANNA = UserId(UUID(int=0xA))
CURRENT, SAVINGS, CARD, EUROS, OTHER = (AccountId(UUID(int=n)) for n in range(1, 6))


def account(
    account_id: AccountId,
    name: str,
    kind: AccountKind = AccountKind.CHECKING,
    currency: str = "NOK",
    number: str | None = None,
) -> Account:
    return Account(
        id=account_id,
        owner=ANNA,
        name=name,
        kind=kind,
        currency=currency,
        origin=AccountOrigin.CONNECTION,
        number=number,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


ACCOUNTS = (
    account(CURRENT, "Brukskonto", number="NO9386011117947"),
    account(SAVINGS, "Sparekonto", AccountKind.SAVINGS, number="97100512345"),
    account(CARD, "Mastercard", AccountKind.CREDIT_CARD),
    account(EUROS, "Euro", currency="EUR", number="DE89370400440532013000"),
    account(OTHER, "Reisekonto"),
)
NUMBERS = count(1)


def entry(account_id: AccountId, amount: str, days: int = 0, **facts: object) -> Entry:
    legal: dict[str, object] = {
        "id": EntryId(UUID(int=next(NUMBERS))),
        "account_id": account_id,
        "status": EntryStatus.BOOKED,
        "amount": Money.parse(amount, "EUR" if account_id == EUROS else "NOK"),
        "booked_on": MONDAY + timedelta(days=days),
        "text": "Overføring",
    }
    return Entry(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes


def rates(euro: str = "11.50") -> RateTable:
    days = [MONDAY + timedelta(days=number) for number in range(-5, 10)]
    return RateTable.of(Quote(day, "EUR", Decimal(euro)) for day in days)


def decided(*entries: Entry, table: RateTable = NO_RATES, words: Words = Words()) -> Decision:  # noqa: B008 - frozen
    return decide(entries, ACCOUNTS, table, words)


def pairs(decision: Decision) -> set[tuple[EntryId, EntryId]]:
    return {one.pair for one in decision.paired}


def asked(decision: Decision) -> set[tuple[EntryId, EntryId]]:
    return {one.pair for one in decision.suggested}


def is_paired(out: Entry, into: Entry, table: RateTable = NO_RATES) -> Method | None:
    decision = decided(out, into, table=table)
    assert pairs(decision) <= {(out.id, into.id)}
    return decision.paired[0].method if decision.paired else None


# What is one transfer


def test_opposite_amounts_within_days_are_one() -> None:
    assert is_paired(entry(CURRENT, "-500.00"), entry(SAVINGS, "500.00", 1)) is Method.AMOUNT


def test_the_bank_calling_it_one_is_better_evidence() -> None:
    out = entry(CURRENT, "-500.00", category="transfer.savings")
    assert is_paired(out, entry(SAVINGS, "500.00")) is Method.WORDS


@pytest.mark.parametrize(
    ("text", "into", "method"),
    [
        ("Til 9710.05.12345", SAVINGS, Method.ACCOUNT_NUMBER),
        ("Til 9710 05 12345 takk", SAVINGS, Method.ACCOUNT_NUMBER),
        ("Overføring til konto ****2345", SAVINGS, Method.MASKED_NUMBER),
        ("To account ending in 2345", SAVINGS, Method.MASKED_NUMBER),
    ],
)
def test_an_account_number_says_where_it_went(text: str, into: AccountId, method: Method) -> None:
    out = entry(CURRENT, "-500.00", text=text, category="housing.rent")
    assert is_paired(out, entry(into, "500.00", 3)) is method


def test_the_number_may_stand_on_the_other_side_and_in_either_spelling() -> None:
    out = entry(CURRENT, "-500.00", category="housing.rent")
    iban = entry(SAVINGS, "500.00", counterparty="NO93 8601 1117 947")
    national = entry(SAVINGS, "500.00", text="Fra 86011117947")
    assert is_paired(out, iban) is Method.ACCOUNT_NUMBER
    assert is_paired(out, national) is Method.ACCOUNT_NUMBER


def test_an_account_number_decides_between_rivals() -> None:
    out = entry(CURRENT, "-500.00", text="Til 9710.05.12345")
    near, named = entry(OTHER, "500.00"), entry(SAVINGS, "500.00", 4)

    assert pairs(decided(out, near, named)) == {(out.id, named.id)}


def test_an_account_that_only_its_last_digits_are_told_of_may_be_the_one_that_is_named() -> None:
    """Two feeds show it, and the person has not said that the two are one."""
    text = "til 9710.05.12345"
    shown = replace(account(OTHER, "Sparekonto", AccountKind.SAVINGS), last_four="2345")
    out, into = entry(CURRENT, "-500.00", text=text), entry(OTHER, "500.00", 1)
    rival = entry(SAVINGS, "500.00", 1)

    alone = decide([out, into], [*ACCOUNTS[:4], shown], NO_RATES, Words())
    both = decide([out, into, rival], [*ACCOUNTS[:4], shown], NO_RATES, Words())
    of_others = replace(shown, last_four="2346")
    forbidden = decide([out, into], [*ACCOUNTS[:4], of_others], NO_RATES, Words())

    assert [(one.pair, one.method) for one in alone.paired] == [
        ((out.id, into.id), Method.MASKED_NUMBER)
    ]
    assert pairs(both) == {(out.id, rival.id)}
    assert not pairs(forbidden)


def test_a_number_of_another_own_account_forbids_the_pair() -> None:
    out = entry(CURRENT, "-500.00", text="Til 9710.05.12345")
    assert decided(out, entry(OTHER, "500.00")) == Decision([], [])


def test_paying_the_card_is_one() -> None:
    out, paid = entry(CURRENT, "-812.40", text="Faktura"), entry(CARD, "812.40", 2)
    assert is_paired(out, paid)
    assert category_between(ACCOUNTS, out, paid) == "transfer.card"
    assert category_between(ACCOUNTS, out, entry(SAVINGS, "1")) == "transfer.savings"
    assert category_between(ACCOUNTS, out, entry(OTHER, "1")) == "transfer.own"


def test_pending_entries_are_paired_too() -> None:
    out = entry(CURRENT, "-500.00", status=EntryStatus.PENDING)
    assert is_paired(out, entry(SAVINGS, "500.00", status=EntryStatus.PENDING))


# What is none


@pytest.mark.parametrize(
    ("out", "into"),
    [
        (entry(CURRENT, "-500.00"), entry(CURRENT, "500.00")),
        (entry(CURRENT, "-500.00"), entry(SAVINGS, "-500.00")),
        (entry(CURRENT, "-500.00"), entry(SAVINGS, "500.01")),
        (entry(CURRENT, "-500.00"), entry(SAVINGS, "500.00", 8)),
        (entry(CURRENT, "-500.00", category="food.groceries"), entry(SAVINGS, "500.00")),
        (entry(CURRENT, "-500.00"), entry(SAVINGS, "500.00", category="income.salary")),
    ],
    ids=["one account", "same sign", "other amount", "too late", "bought", "earned"],
)
def test_these_are_none(out: Entry, into: Entry) -> None:
    assert decided(out, into) == Decision([], [])


def test_a_weekend_on_the_way_does_not_count() -> None:
    friday = entry(CURRENT, "-500.00", 4)
    assert is_paired(friday, entry(SAVINGS, "500.00", 11))
    assert not is_paired(friday, entry(SAVINGS, "500.00", 14))


def test_money_that_arrives_before_it_left_may_not_be_early_by_much() -> None:
    assert is_paired(entry(CURRENT, "-500.00", 2), entry(SAVINGS, "500.00", 0))
    assert not is_paired(entry(CURRENT, "-500.00", 3), entry(SAVINGS, "500.00", 0))


def test_a_fee_on_the_way_takes_an_account_number() -> None:
    arrived = entry(SAVINGS, "975.00", 1)
    assert not is_paired(entry(CURRENT, "-1000.00"), arrived)
    assert is_paired(entry(CURRENT, "-1000.00", text="Til 97100512345"), arrived)
    assert not is_paired(entry(CURRENT, "-1030.00", text="Til 97100512345"), arrived)
    assert not is_paired(entry(CURRENT, "-970.00", text="Til 97100512345"), arrived)


def test_a_split_is_the_persons_own_account_of_it() -> None:
    shares = tuple(Part(Money(-250_00, "NOK"), "food.groceries") for _ in range(2))
    out = entry(CURRENT, "-500.00", split=shares)
    assert decided(out, entry(SAVINGS, "500.00")) == Decision([], [])


# Other currencies


@pytest.mark.parametrize(
    ("arrives", "paired"),
    [("100.00", True), ("97.10", True), ("102.90", True), ("96.90", False), ("103.10", False)],
)
def test_another_currency_goes_by_that_days_rate(arrives: str, *, paired: bool) -> None:
    out = entry(CURRENT, "-1150.00", category="transfer.other")
    into = entry(EUROS, arrives, 1, category="transfer.other")
    assert bool(is_paired(out, into, rates())) == paired


def test_never_across_currencies_at_face_value() -> None:
    out = entry(CURRENT, "-100.00", category="transfer.own")
    into = entry(EUROS, "100.00", category="transfer.own")
    assert decided(out, into, table=rates()) == Decision([], [])
    assert decided(out, into) == Decision([], [])


def test_an_amount_that_converts_is_no_proof_by_itself() -> None:
    out, into = entry(CURRENT, "-1150.00"), entry(EUROS, "100.00")
    decision = decided(out, into, table=rates())
    assert (pairs(decision), asked(decision)) == (set(), {(out.id, into.id)})


def test_without_a_rate_even_an_account_number_only_suggests() -> None:
    out = entry(CURRENT, "-1150.00", text="DE89 3704 0044 0532 0130 00")
    into = entry(EUROS, "100.00", 1)
    assert (pairs(decided(out, into)), asked(decided(out, into))) == (set(), {(out.id, into.id)})


# One to one, and never a guess


def test_the_nearest_is_taken_whatever_came_first() -> None:
    out = entry(CURRENT, "-500.00", 1)
    later, same = entry(SAVINGS, "500.00", 2), entry(SAVINGS, "500.00", 1)
    assert pairs(decided(out, later, same)) == {(out.id, same.id)}


def test_two_that_fit_as_well_are_asked_about() -> None:
    out = entry(CURRENT, "-500.00")
    one, other = entry(SAVINGS, "500.00"), entry(OTHER, "500.00")

    decision = decided(out, one, other)

    assert (pairs(decision), asked(decision)) == (set(), {(out.id, one.id), (out.id, other.id)})


def test_twins_are_paired_one_to_one() -> None:
    outs = [entry(CURRENT, "-500.00") for _ in range(3)]
    intos = [entry(SAVINGS, "500.00") for _ in range(2)]

    decision = decided(*outs, *intos)

    assert len(pairs(decision)) == 2
    assert max(Counter(one for pair in pairs(decision) for one in pair).values()) == 1


def test_an_assignment_that_is_the_only_one_as_good_stands() -> None:
    # The first fits both, the second only one: so each has its own.
    first, second = entry(CURRENT, "-500.00", 0), entry(OTHER, "-500.00", 0, text="x")
    both = entry(SAVINGS, "500.00", 1)
    only = entry(OTHER, "500.00", 1)

    decision = decided(first, second, both, only)

    assert pairs(decision) == {(second.id, both.id), (first.id, only.id)}


def test_weekly_savings_are_not_mixed_up() -> None:
    outs = [entry(CURRENT, "-500.00", 7 * week) for week in range(30)]
    intos = [entry(SAVINGS, "500.00", 7 * week + week % 2) for week in range(30)]

    decision = decided(*intos, *outs)

    assert pairs(decision) == {(o.id, i.id) for o, i in zip(outs, intos, strict=True)}


def test_nobody_is_asked_more_than_a_few_things_about_one_entry() -> None:
    out = entry(CURRENT, "-500.00")
    many = [entry(SAVINGS, "500.00", text=f"fra {number}") for number in range(15)]

    decision = decided(out, *many)

    assert (pairs(decision), len(decision.suggested)) == (set(), SUGGESTIONS_MAX)


@pytest.mark.parametrize("count", [40, 500])
def test_an_amount_that_is_everywhere_says_nothing(count: int) -> None:
    outs = [entry(CURRENT, "-100.00", text=f"til {number}") for number in range(count)]
    intos = [entry(SAVINGS, "100.00", text=f"fra {number}") for number in range(count)]
    named = entry(OTHER, "-100.00", 9, text="Til 9710.05.12345")
    reached = entry(SAVINGS, "100.00", 10)

    decision = decided(*outs, *intos, named, reached)

    assert pairs(decision) == {(named.id, reached.id)}
    assert not asked(decision)


# What the person said


def test_a_rejected_pair_stays_apart_and_its_sides_are_only_suggested() -> None:
    out, into, twin = (
        entry(CURRENT, "-500.00"),
        entry(SAVINGS, "500.00"),
        entry(SAVINGS, "500.00"),
    )

    decision = decided(out, into, twin, words=Words(rejected=frozenset({(out.id, into.id)})))

    assert (pairs(decision), asked(decision)) == (set(), {(out.id, twin.id)})


def test_what_the_person_paired_is_not_decided_about() -> None:
    out, into = entry(CURRENT, "-500.00"), entry(SAVINGS, "500.00")
    words = Words(settled=frozenset({out.id}))
    assert decided(out, into, words=words) == Decision([], [])


def test_twins_stay_as_they_are_paired() -> None:
    outs = [entry(CURRENT, "-500.00") for _ in range(2)]
    intos = [entry(SAVINGS, "500.00") for _ in range(2)]
    crossed = frozenset({(outs[0].id, intos[1].id), (outs[1].id, intos[0].id)})
    assert pairs(decided(*outs, *intos, words=Words(now=crossed))) == crossed


def test_two_transactions_of_a_persons_choice_may_differ_in_amount() -> None:
    out, into = entry(CURRENT, "-500.00"), entry(EUROS, "41.00", 30)
    assert sides(into, out) == sides(out, into) == (out, into)


def test_not_everything_can_be_chosen() -> None:
    with pytest.raises(SameAccountError):
        sides(entry(CURRENT, "-1.00"), entry(CURRENT, "1.00"))
    with pytest.raises(NotOppositeError):
        sides(entry(CURRENT, "-1.00"), entry(SAVINGS, "-1.00"))
    with pytest.raises(NotOppositeError):
        sides(entry(CURRENT, "0.00"), entry(SAVINGS, "1.00"))


# What becomes of the entry


TRANSFER = TransferId(UUID(int=99))


def test_a_side_has_the_transfers_category_and_gets_the_banks_back() -> None:
    out, into = entry(CURRENT, "-5.00"), entry(SAVINGS, "5.00")
    paired = out.paired(TRANSFER, into, "transfer.savings")
    assert (paired.category, paired.unpaired()) == ("transfer.savings", out)


def test_what_the_bank_already_calls_a_transfer_stays() -> None:
    out = entry(CURRENT, "-5.00", category="transfer.card")
    assert out.paired(TRANSFER, out, "transfer.own").category == "transfer.card"


def test_the_persons_own_category_wins() -> None:
    out = entry(CURRENT, "-5.00").categorised("family.children")
    paired = out.paired(TRANSFER, out, "transfer.own")
    assert paired.category == paired.unpaired().category == "family.children"
    later = entry(CURRENT, "-5.00").paired(TRANSFER, out, "transfer.own").categorised("food.other")
    assert Edited.CATEGORY in later.edited
    assert later.unpaired().category == "food.other"


# Whatever there is


ENTRIES = st.lists(
    st.builds(
        lambda account_id, minor, day, text, category: (account_id, minor, day, text, category),
        st.sampled_from([CURRENT, SAVINGS, OTHER, EUROS]),
        st.sampled_from([-100, -100, 100, 100, -1150, 1150, 200]),
        st.integers(0, 12),
        st.sampled_from(["", "", "Til 97100512345", "fra **7947"]),
        st.sampled_from([UNCATEGORISED, UNCATEGORISED, "transfer.own", "food.other"]),
    ),
    max_size=14,
)


def built(facts: Sequence[tuple[AccountId, int, int, str, str]]) -> list[Entry]:
    return [
        Entry(
            id=EntryId(UUID(int=number)),
            account_id=account_id,
            status=EntryStatus.BOOKED,
            amount=Money(minor, "EUR" if account_id == EUROS else "NOK"),
            booked_on=MONDAY + timedelta(days=day),
            text=text,
            category=category,
        )
        for number, (account_id, minor, day, text, category) in enumerate(facts)
    ]


@settings(max_examples=300, deadline=None)
@given(facts=ENTRIES, seed=st.integers(0, 99))
def test_order_of_arrival_does_not_matter(
    facts: list[tuple[AccountId, int, int, str, str]], seed: int
) -> None:
    entries = built(facts)
    shuffled = list(entries)
    Random(seed).shuffle(shuffled)  # noqa: S311 - any order

    assert decided(*entries, table=rates()) == decided(*shuffled, table=rates())


@settings(max_examples=300, deadline=None)
@given(facts=ENTRIES)
def test_each_entry_is_in_one_transfer_at_most_and_every_pair_is_one(
    facts: list[tuple[AccountId, int, int, str, str]],
) -> None:
    entries = {one.id: one for one in built(facts)}

    decision = decided(*entries.values(), table=rates())

    used = Counter(one for pair in pairs(decision) for one in pair)
    assert not used or max(used.values()) == 1
    assert used.keys().isdisjoint(one for pair in asked(decision) for one in pair)
    for out_id, into_id in pairs(decision):
        out, into = entries[out_id], entries[into_id]
        assert out.account_id != into.account_id
        assert out.amount.minor < 0 < into.amount.minor
        # Five banking days, with a weekend at either end.
        assert abs((into.booked_on - out.booked_on).days) <= 9


@settings(max_examples=200, deadline=None)
@given(facts=ENTRIES)
def test_deciding_again_changes_nothing(
    facts: list[tuple[AccountId, int, int, str, str]],
) -> None:
    entries = {one.id: one for one in built(facts)}
    first = decided(*entries.values(), table=rates())
    for number, (out, into) in enumerate(sorted(pairs(first))):
        transfer = TransferId(UUID(int=number))
        entries[out] = entries[out].paired(transfer, entries[into], "transfer.own")
        entries[into] = entries[into].paired(transfer, entries[out], "transfer.own")

    again = decided(*entries.values(), table=rates(), words=Words(now=frozenset(pairs(first))))

    assert (pairs(again), asked(again)) == (pairs(first), asked(first))
