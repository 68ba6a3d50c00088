"""Accounts that a feed speaks of under names nobody knows: which of them were there before."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.ledger.account import Account, AccountOrigin
from domain.ledger.again import Announced, NamedAccount, Naming, found_again
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId
from domain.shared.observations import AccountSeen
from tests.support.observations import an_account

ENDED, NEW = FeedId(UUID(int=1)), FeedId(UUID(int=2))
OPENED = datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.parametrize("number", [None, "NO9386011117947"])


def had(place: int, name: str, number: str | None) -> NamedAccount:
    seen = called(name, number)
    account = Account(
        id=AccountId(UUID(int=place)),
        owner=UserId(UUID(int=9)),
        name=seen.name,
        kind=seen.kind,
        currency=seen.currency,
        origin=AccountOrigin.CONNECTION,
        number=number,
        institution=seen.institution,
        institution_id=seen.institution_id,
        last_four=None,
        created_at=OPENED + timedelta(days=place),
    )
    return NamedAccount(account, (Naming(ENDED, ExternalId(name), feed_ended=True),))


def called(name: str, number: str | None) -> AccountSeen:
    return an_account(id=ExternalId(name), number=number, institution="Fjordbank")


def told(*names: str, number: str | None) -> Announced:
    seen = {ExternalId(name): called(name, number) for name in names}
    return Announced(seen, frozenset(seen))


def test_two_that_look_alike_each_find_their_own(number: str | None) -> None:
    one, two = had(1, "a", number), had(2, "b", number)

    found = found_again(NEW, told("b", "a", number=number), (), [one, two])

    assert found == {ExternalId("a"): one.account, ExternalId("b"): two.account}


def test_nobody_takes_what_another_one_had_by_its_very_name(number: str | None) -> None:
    one = had(1, "a", number)

    found = found_again(NEW, told("stranger", "a", number=number), (), [one])

    assert found == {ExternalId("a"): one.account}
