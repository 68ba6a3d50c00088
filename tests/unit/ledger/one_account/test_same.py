"""What speaks for two accounts being one, and what speaks against it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.ledger.account import Account, AccountOrigin, Anchor
from domain.ledger.errors_one_account import AccountsAreTwoError
from domain.ledger.one_account.same import (
    FedAccount,
    SameBy,
    ensure_may_be_one,
    pair_of,
    proposal_id,
    proposals,
)
from domain.shared.ids import AccountId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind

BORN = datetime(2026, 1, 1, tzinfo=UTC)
IBAN, NATIONAL = "NO9386011117947", "86011117947"


def fed(which: int, **facts: object) -> FedAccount:
    legal: dict[str, object] = {
        "id": AccountId(UUID(int=which)),
        "owner": UserId(UUID(int=1)),
        "name": f"Account {which}",
        "kind": AccountKind.CHECKING,
        "currency": "NOK",
        "origin": AccountOrigin.CONNECTION,
        "institution": "DNB",
        "created_at": BORN + timedelta(days=which),
    }
    account = Account(**(legal | facts))  # type: ignore[arg-type] # the test says what it changes
    return FedAccount(account, frozenset({FeedId(UUID(int=100 + which))}))


def test_one_number_is_one_account_whatever_else() -> None:
    one, other = fed(1, number=IBAN), fed(2, number=IBAN, institution=None, name="File")

    (found,) = proposals([other, one])

    assert found.pair == (one.account.id, other.account.id)
    assert found.confidence >= 99
    assert SameBy.NUMBER in found.evidence


def test_a_national_number_is_found_in_its_iban() -> None:
    (found,) = proposals([fed(1, number=IBAN), fed(2, number="8601.11.17947")])

    assert SameBy.NATIONAL_NUMBER in found.evidence


def test_four_digits_count_only_at_one_bank_and_of_one_kind() -> None:
    whole = fed(1, number=IBAN)

    assert proposals([whole, fed(2, last_four="7947", institution="DNB Bank ASA")])
    assert not proposals([whole, fed(2, last_four="7947", institution="Nordea")])
    assert not proposals([whole, fed(2, last_four="7947", kind=AccountKind.SAVINGS)])
    assert not proposals([whole, fed(2, last_four="1234")])


def test_names_alone_count_only_where_no_number_is_told() -> None:
    assert proposals([fed(1, name="Brukskonto"), fed(2, name="brukskonto")])
    assert not proposals([fed(1, name="Brukskonto"), fed(2, name="Sparekonto")])


def test_names_of_other_balances_are_two_people_of_a_family() -> None:
    held, other = Anchor(Money(100, "NOK"), BORN), Anchor(Money(200, "NOK"), BORN)

    assert proposals([fed(1, name="Savings", anchor=held), fed(2, name="Savings", anchor=held)])
    assert not proposals(
        [fed(1, name="Savings", anchor=held), fed(2, name="Savings", anchor=other)]
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("no-sandbox-fjord", "Fjord Sparebank", True),
        ("DNB", "DNB Bank ASA", True),
        ("Sparebanken Vest", "Sparebank 1", False),
        ("no-nordea-ob", "no-dnb-ob", False),
        ("Bank", "bank", True),
    ],
)
def test_providers_call_a_bank_differently(one: str, other: str, *, same: bool) -> None:
    two = [fed(1, name="Savings", institution=one), fed(2, name="Savings", institution=other)]

    assert bool(proposals(two)) is same


def test_an_equal_balance_makes_it_surer() -> None:
    held = Anchor(Money(100, "NOK"), BORN)
    (plain,) = proposals([fed(1, number=IBAN), fed(2, last_four="7947")])
    (surer,) = proposals([fed(1, number=IBAN, anchor=held), fed(2, last_four="7947", anchor=held)])

    assert surer.confidence > plain.confidence
    assert surer.confidence <= 99


def test_what_was_dismissed_is_never_proposed_again() -> None:
    one, other = fed(1, number=IBAN), fed(2, number=IBAN)

    assert not proposals([one, other], {proposal_id(other.account.id, one.account.id)})


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"currency": "SEK"}, "SEK"),
        ({"origin": AccountOrigin.MANUAL}, "by hand"),
        ({"number": "NO0086011117000"}, "numbers differ"),
    ],
)
def test_what_cannot_be_one_is_not_proposed_and_is_refused(
    facts: dict[str, object], why: str
) -> None:
    one, other = fed(1, number=IBAN), fed(2, **({"number": IBAN} | facts))

    assert not proposals([one, other])
    with pytest.raises(AccountsAreTwoError, match=why):
        ensure_may_be_one(one, other)


def test_two_that_one_feed_tells_of_are_two() -> None:
    one = fed(1, number=IBAN)
    other = FedAccount(fed(2, number=IBAN).account, one.feeds)

    assert not proposals([one, other])
    with pytest.raises(AccountsAreTwoError, match="side by side"):
        ensure_may_be_one(one, other)


def test_an_account_is_not_its_own_double() -> None:
    with pytest.raises(AccountsAreTwoError, match="already"):
        ensure_may_be_one(fed(1), fed(1))


def test_of_very_many_that_became_one_a_bounded_number_of_pairs_is_looked_at() -> None:
    """What two of the youngest were is known, and with the one that goes on; others are not."""
    those = [AccountId(UUID(int=number)) for number in range(1, 1_001)]
    kept, second, third, last = those[0], those[1], those[2], those[-1]

    assert pair_of(proposal_id(last, kept), [those]) == (kept, last)
    assert pair_of(proposal_id(those[-2], last), [those]) == (those[-2], last)
    assert pair_of(proposal_id(second, third), [those]) is None


def test_two_that_became_parts_of_different_accounts_are_no_pair() -> None:
    one, other, third, fourth = (AccountId(UUID(int=number)) for number in range(1, 5))

    assert pair_of(proposal_id(one, third), [{one, other}, {third, fourth}]) is None
    assert pair_of(proposal_id(third, fourth), [{one, other}, {third, fourth}]) == (third, fourth)
