"""From the providers' words to ours: the documented shapes, and money to the last digit."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.outbound.call import GarbledAnswerError
from adapters.plaid import categories as plaid_categories
from adapters.plaid import mapping as plaid
from adapters.plaid import shapes as plaid_shapes
from adapters.tink import categories as tink_categories
from adapters.tink import mapping as tink
from adapters.tink import shapes as tink_shapes
from adapters.tink.access import Access
from domain.ledger.categories import CATEGORIES, UNCATEGORISED
from domain.shared.errors import MalformedError
from domain.shared.ids import ExternalId
from domain.shared.money import MINOR_DIGITS, Money
from domain.shared.observations import (
    AccountKind,
    AccountSeen,
    BalanceSeen,
    EntryStatus,
    TransactionGone,
    TransactionSeen,
)

SHAPES = Path(__file__).parents[1] / "shapes"
REFRESHED = datetime(2026, 1, 12, 8, tzinfo=UTC)
NOW = datetime(2026, 1, 13, 9, tzinfo=UTC)
TODAY = NOW.date()
CHECKING = ExternalId("BxBXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp")
CARD = ExternalId("cardXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp")
COIN = "coinXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp"


def kroner(minor: int) -> Money:
    return Money(minor, "NOK")


def tink_amount(unscaled: object, scale: object, currency: str = "NOK") -> Money:
    text = msgspec.json.encode(
        {"currencyCode": currency, "value": {"unscaledValue": unscaled, "scale": scale}}
    )
    return tink.money(msgspec.json.decode(text, type=tink_shapes.Amount, strict=False))


def tink_transaction(**changes: object) -> TransactionSeen:
    raw = (SHAPES / "tink/transactions.json").read_bytes()
    fields: dict[str, Any] = msgspec.json.decode(raw)["transactions"][0]
    text = msgspec.json.encode({**fields, **changes})
    found = msgspec.json.decode(text, type=tink_shapes.Transaction, strict=False)
    (seen,) = tink.TransactionReader(frozenset({"a1"}), TODAY).read([found])
    return seen


def test_tinks_account_as_documented() -> None:
    raw = (SHAPES / "tink/accounts.json").read_bytes()
    page = msgspec.json.decode(raw, type=tink_shapes.AccountsPage, strict=False)
    held = Access("d-1", "c1", institution="no-demo", bank="Demobanken")

    assert tink.account_seen(page.accounts[0], held, NOW) == AccountSeen(
        id=ExternalId("a1"),
        name="Brukskonto",
        kind=AccountKind.CHECKING,
        currency="NOK",
        number="NO9386011117947",
        institution="Demobanken",
        institution_id="no-demo",
        balance=BalanceSeen(kroner(1050), kroner(99500), REFRESHED),
    )


def test_tinks_transaction_as_documented() -> None:
    assert tink_transaction() == TransactionSeen(
        account=ExternalId("a1"),
        id=ExternalId("t1"),
        status=EntryStatus.BOOKED,
        amount=kroner(-12990),
        booked_on=date(2026, 1, 10),
        text="REMA 1000 TORG",
        value_on=date(2026, 1, 10),
        counterparty="Rema 1000",
        category="food.groceries",
    )


def test_plaids_page_as_documented() -> None:
    raw = (SHAPES / "plaid/transactions-sync.json").read_bytes()
    page = msgspec.json.decode(raw, type=plaid_shapes.SyncPage)
    official = [a for a in page.accounts if plaid.currency_of(a)]

    seen = [plaid.account_seen(a, "NOK", "Fjord", NOW) for a in official]
    entries = plaid.TransactionReader(frozenset({COIN}), TODAY).read(page.added, page.modified)

    assert [a.id for a in seen] == [CHECKING, CARD]
    assert seen[0].balance == BalanceSeen(kroner(110010), kroner(100050), REFRESHED)
    # What a card says as 2400 is owed; what can still be spent on it is not.
    assert seen[1].balance == BalanceSeen(kroner(-240000), kroner(760000), NOW)
    assert seen[1].kind is AccountKind.CREDIT_CARD
    assert entries == (
        TransactionSeen(
            account=CHECKING,
            id=ExternalId("t1"),
            status=EntryStatus.BOOKED,
            amount=kroner(-12990),
            booked_on=date(2026, 1, 10),
            text="REMA 1000 TORG",
            counterparty="Rema 1000",
            category="food.groceries",
            pending_id=ExternalId("p1"),
        ),
        TransactionSeen(
            account=CHECKING,
            id=ExternalId("t3"),
            status=EntryStatus.PENDING,
            amount=kroner(4500000),
            booked_on=date(2026, 1, 12),
            text="Arbeidsgiver",
            category="income.other",
        ),
    )
    assert plaid.gone(page.removed) == (TransactionGone(CHECKING, ExternalId("p1")),)


@pytest.mark.parametrize(
    ("unscaled", "scale", "minor"),
    [
        ("1050", "2", 1050),
        ("19", "-3", 1900000),
        ("-19000", "2", -19000),
        ("1050000", "5", 1050),
        (1050, 2, 1050),
        ("0", "-999999999", 0),
        ("-1", "0", -100),
    ],
)
def test_tinks_money_is_exact(unscaled: object, scale: object, minor: int) -> None:
    assert tink_amount(unscaled, scale) == kroner(minor)


@pytest.mark.parametrize(
    ("unscaled", "scale"),
    [("1051", "3"), ("1", "-20"), ("1", "-999999999"), ("1", "999999999"), ("9" * 30, "2")],
)
def test_tinks_money_that_cannot_be_right_is_refused(unscaled: object, scale: object) -> None:
    with pytest.raises(GarbledAnswerError):
        tink_amount(unscaled, scale)


@pytest.mark.parametrize("unscaled", ["", "1_0", "١٢", " 1", "0x1", "NaN", 1.5, None, True])
def test_tinks_money_is_whole_numbers_only(unscaled: object) -> None:
    with pytest.raises(msgspec.ValidationError):
        tink_amount(unscaled, "2")


def outcome(work: Callable[[], int]) -> int | None:
    try:
        return work()
    except (GarbledAnswerError, MalformedError):
        return None


CURRENCIES = st.sampled_from(sorted(MINOR_DIGITS))


@given(st.integers(-(10**20), 10**20), st.integers(-8, 12), CURRENCIES)
def test_tinks_fast_way_agrees_with_decimal(unscaled: int, scale: int, currency: str) -> None:
    with localcontext() as exact:
        exact.prec = 80
        amount = Decimal(unscaled).scaleb(-scale)
        slow = outcome(lambda: Money.exactly(amount, currency).minor)

        assert outcome(lambda: tink_amount(str(unscaled), str(scale), currency).minor) == slow


@given(st.decimals(-(10**13), 10**13, places=4), CURRENCIES)
def test_plaids_fast_way_agrees_with_decimal(amount: Decimal, currency: str) -> None:
    text = msgspec.json.encode(msgspec.Raw(str(amount).encode()))
    read = msgspec.json.decode(text, type=Decimal)

    assert read == amount
    assert outcome(lambda: plaid.minor_units(read, currency)) == outcome(
        lambda: Money.exactly(amount, currency).minor
    )


@given(st.integers(-(10**14), 10**14))
def test_what_was_a_double_on_its_way_is_read_back_to_the_last_ore(minor: int) -> None:
    wire = msgspec.json.encode(minor / 100)

    assert plaid.minor_units(msgspec.json.decode(wire, type=Decimal), "NOK") == minor


@pytest.mark.parametrize(
    ("amount", "minor"),
    [
        ("12.340000000000002", 1234),
        ("0.30000000000000004", 30),
        ("-0.0", 0),
        ("1E+3", 100000),
        ("1E-999999", 0),
    ],
)
def test_the_noise_of_a_double_is_no_money(amount: str, minor: int) -> None:
    assert plaid.minor_units(Decimal(amount), "NOK") == minor


@pytest.mark.parametrize("amount", ["0.005", "1E+999999", "NaN", "Infinity", "1e17"])
def test_plaids_money_that_cannot_be_right_is_refused(amount: str) -> None:
    with pytest.raises(GarbledAnswerError):
        plaid.minor_units(Decimal(amount), "NOK")


@pytest.mark.parametrize(
    ("status", "dates", "expected", "on"),
    [
        ("BOOKED", {"booked": "2026-01-10"}, EntryStatus.BOOKED, date(2026, 1, 10)),
        ("PENDING", {"booked": "2026-01-10"}, EntryStatus.PENDING, date(2026, 1, 10)),
        ("PENDING", {"value": "2026-01-11"}, EntryStatus.PENDING, date(2026, 1, 11)),
        ("PENDING", {"transaction": "2026-01-09"}, EntryStatus.PENDING, date(2026, 1, 9)),
        ("PENDING", None, EntryStatus.PENDING, TODAY),
        ("UNDEFINED", {"booked": "2026-01-10"}, EntryStatus.BOOKED, date(2026, 1, 10)),
        ("UNDEFINED", {"value": "2026-01-11"}, EntryStatus.PENDING, date(2026, 1, 11)),
        ("REIMAGINED", {"booked": "2026-01-10"}, EntryStatus.BOOKED, date(2026, 1, 10)),
    ],
)
def test_what_moved_the_balance_is_booked(
    status: str, dates: dict[str, str] | None, expected: EntryStatus, on: date
) -> None:
    seen = tink_transaction(status=status, dates=dates)

    assert (seen.status, seen.booked_on) == (expected, on)


def test_a_booked_transaction_without_any_date_is_refused() -> None:
    with pytest.raises(GarbledAnswerError):
        tink_transaction(dates=None)


def test_bare_transactions_are_taken_as_they_are() -> None:
    seen = tink_transaction(
        descriptions=None, merchantInformation=None, categories=None, reference="KID 123"
    )

    assert (seen.text, seen.counterparty, seen.category) == ("KID 123", None, None)


@pytest.mark.parametrize(
    ("identifiers", "number"),
    [
        ({"iban": {"iban": "NO93 8601 1117 947"}}, "NO9386011117947"),
        ({"iban": {"bban": "8601.11.17947"}}, "86011117947"),
        ({"financialInstitution": {"accountNumber": "8601 11 17947"}}, "86011117947"),
        ({"pan": {"masked": "**** 1234"}}, None),
        (None, None),
    ],
)
def test_the_best_number_there_is(identifiers: object, number: str | None) -> None:
    raw = msgspec.json.decode((SHAPES / "tink/accounts.json").read_bytes())
    fields = raw["accounts"][0] | {"identifiers": identifiers}
    account = msgspec.convert(fields, tink_shapes.Account, strict=False)

    assert tink.account_seen(account, Access("d-1", "c1"), NOW).number == number


@pytest.mark.parametrize(
    ("pfm", "category"),
    [
        ("exp:food.groceries", "food.groceries"),
        ("expenses:food.groceries", "food.groceries"),
        ("exp:food.something-new", "food.other"),
        ("exp:unheard.of", UNCATEGORISED),
        ("inc:whatever.other", "income.other"),
        ("tra:other.other", "transfer.other"),
        ("d8f37f7d19c240abb4ef5d5dbebae4ef", UNCATEGORISED),
    ],
)
def test_tinks_categories_fall_back_to_their_group(pfm: str, category: str) -> None:
    assert tink_categories.category_of(pfm) == category


@pytest.mark.parametrize(
    ("primary", "detailed", "category"),
    [
        ("FOOD_AND_DRINK", "FOOD_AND_DRINK_GROCERIES", "food.groceries"),
        ("FOOD_AND_DRINK", "FOOD_AND_DRINK_NEW", "food.other"),
        ("NEW", "NEW_NEW", UNCATEGORISED),
        (None, None, UNCATEGORISED),
    ],
)
def test_plaids_categories_fall_back_to_their_primary(
    primary: str | None, detailed: str | None, category: str
) -> None:
    assert plaid_categories.category_of(primary, detailed) == category


def test_every_category_given_is_on_the_list() -> None:
    given_out = {
        *tink_categories._KNOWN.values(),  # noqa: SLF001 - the table itself is the point
        *plaid_categories._DETAILED.values(),  # noqa: SLF001
        *plaid_categories._PRIMARY.values(),  # noqa: SLF001
    }
    assert given_out <= set(CATEGORIES)


FAR = ("9999-12-31", "2199-01-01", "0001-01-01")


@pytest.mark.parametrize("far", FAR)
def test_tinks_impossible_day_gives_way_to_the_next_that_it_names(far: str) -> None:
    dates = {"booked": far, "value": far, "transaction": "2026-01-09"}

    seen = tink_transaction(dates=dates)

    assert (seen.booked_on, seen.value_on) == (date(2026, 1, 9), None)


@pytest.mark.parametrize("far", FAR)
def test_what_has_only_impossible_days_at_tink_is_left_out_by_name_and_the_rest_is_kept(
    far: str,
) -> None:
    page: dict[str, Any] = msgspec.json.decode((SHAPES / "tink/transactions.json").read_bytes())
    good: dict[str, Any] = page["transactions"][0]
    bad = {**good, "id": "bad", "dates": {"booked": far, "value": far}}
    of_others = {**bad, "id": "his", "accountId": "a9"}
    text = msgspec.json.encode([bad, good, of_others])
    found = msgspec.json.decode(text, type=list[tink_shapes.Transaction], strict=False)
    reader = tink.TransactionReader(frozenset({"a1"}), TODAY)

    seen = reader.read(found)

    assert [one.id for one in seen] == ["t1"]
    assert reader.left_out(found, seen) == ("impossible_day:bad",)


@pytest.mark.parametrize("far", FAR)
def test_plaids_impossible_day_costs_that_transaction_alone(far: str) -> None:
    raw = (SHAPES / "plaid/transactions-sync.json").read_bytes()
    page = msgspec.json.decode(raw, type=plaid_shapes.SyncPage)
    (first, *others) = page.added
    bad = msgspec.structs.replace(first, date=date.fromisoformat(far))
    reader = plaid.TransactionReader(frozenset({COIN}), TODAY)

    seen = reader.read([bad, *others], page.modified)

    assert first.transaction_id not in {one.id for one in seen}
    assert seen == reader.read(others, page.modified)
    assert reader.impossible([bad, *others]) == (f"impossible_day:{first.transaction_id}",)


def test_a_balance_of_the_far_future_keeps_no_later_one_out() -> None:
    raw = (SHAPES / "tink/accounts.json").read_bytes()
    said = raw.replace(b'"lastRefreshed":"2026', b'"lastRefreshed":"2199')
    assert said != raw
    page = msgspec.json.decode(said, type=tink_shapes.AccountsPage, strict=False)

    balance = tink.account_seen(page.accounts[0], Access("d-1", "c1"), NOW).balance

    assert balance is not None
    assert balance.as_of == NOW
