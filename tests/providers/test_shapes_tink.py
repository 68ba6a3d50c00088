"""What Tink's documentation lets answers look like, over the wire: read exactly, or refused."""

from typing import Any, Final

import pytest

from adapters.outbound.paging import PAGES_MAX, Walk
from adapters.tink.position import Position
from application.connections.gateway import ProviderUnavailableError
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, TransactionSeen
from tests.providers import test_tink
from tests.providers.server import Asked, told
from tests.providers.support import whole_update
from tests.providers.test_tink import Tink, a_consent, failing, shape
from tests.support.clock import NOON


def tinks_page(**changes: object) -> dict[str, Any]:
    page = shape("transactions")
    page["transactions"][0] |= changes
    return page


async def tinks_transaction(**changes: object) -> TransactionSeen:
    bank = Tink(instead=failing("/data/v2/transactions", told(tinks_page(**changes))))
    async with test_tink.a_stand(bank) as stand:
        pages = await whole_update(stand.tink, test_tink.ACCESS)
        (seen,) = pages[-1].page.observations.transactions
        return seen


def amount(unscaled: object, scale: object) -> dict[str, object]:
    return {"currencyCode": "NOK", "value": {"unscaledValue": unscaled, "scale": scale}}


@pytest.mark.parametrize(
    ("unscaled", "scale", "minor"),
    [
        ("1050", "2", 1050),
        (1050, 2, 1050),
        ("1050", 2, 1050),
        (-1050, "2", -1050),
        ("19", "-3", 1900000),
        (19, -3, 1900000),
        ("-19000", "2", -19000),
        ("1050000", "5", 1050),
        ("0", "999999999", 0),
        ("-12990000000000000000", "18", -1299),
    ],
)
async def test_tinks_money_comes_as_texts_and_as_numbers(
    unscaled: object, scale: object, minor: int
) -> None:
    seen = await tinks_transaction(amount=amount(unscaled, scale))

    assert seen.amount == Money(minor, "NOK")


@pytest.mark.parametrize(
    ("unscaled", "scale"),
    [
        ("1", "999999999"),
        ("1", "-999999999"),
        ("9" * 5000, "2"),
        ("1", "9" * 5000),
        ("1e999999999", "2"),
        ("1.5", "2"),
        (10.5, 2),
        ("10", None),
        (None, "2"),
        ("", ""),
    ],
)
async def test_tinks_money_that_cannot_be_right_refuses_the_page(
    unscaled: object, scale: object
) -> None:
    """Never a part of it, never an amount made up, and never a crash."""
    with pytest.raises(ProviderUnavailableError):
        await tinks_transaction(amount=amount(unscaled, scale))


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"status": "BOOKED"}, EntryStatus.BOOKED),
        ({"status": "SOMETHING_NEW"}, EntryStatus.BOOKED),
        ({"status": "UNDEFINED"}, EntryStatus.BOOKED),
        ({"types": {"type": "SOMETHING_NEW"}}, EntryStatus.BOOKED),
        ({"providerMutability": "SOMETHING_NEW"}, EntryStatus.BOOKED),
        ({"counterparties": {"payee": {"name": "X"}}, "tomorrow": [1]}, EntryStatus.BOOKED),
    ],
)
async def test_members_and_fields_that_are_new_are_borne(
    changes: dict[str, object], status: EntryStatus
) -> None:
    seen = await tinks_transaction(**changes)

    assert (seen.status, seen.amount) == (status, Money(-12990, "NOK"))


OPTIONAL: Final = (
    *("reference", "descriptions", "identifiers", "merchantInformation"),
    *("categories", "types", "providerMutability"),
)


@pytest.mark.parametrize("as_null", [False, True], ids=["missing", "null"])
async def test_a_transaction_without_anything_optional_is_a_transaction(*, as_null: bool) -> None:
    page = shape("transactions")
    for name in OPTIONAL:
        del page["transactions"][0][name]
        if as_null:
            page["transactions"][0][name] = None
    bank = Tink(instead=failing("/data/v2/transactions", told(page)))
    async with test_tink.a_stand(bank) as stand:
        pages = await whole_update(stand.tink, test_tink.ACCESS)
        (seen,) = pages[-1].page.observations.transactions

    assert (seen.amount, seen.text, seen.counterparty) == (Money(-12990, "NOK"), "", None)


@pytest.mark.parametrize("without", ["available", "identifiers", "dates", "name", "type"])
async def test_an_account_without_anything_optional_is_an_account(without: str) -> None:
    page = shape("accounts")
    account = page["accounts"][0]
    del (account["balances"] if without == "available" else account)[without]
    page["accounts"][0] = account | {"customerSegment": "SOMETHING_NEW"}
    bank = Tink(instead=failing("/data/v2/accounts", told(page)))
    async with test_tink.a_stand(bank) as stand:
        found = await stand.tink.fetch(test_tink.ACCESS, None, None)

    (seen,) = found.page.observations.accounts
    assert seen.balance is not None
    assert seen.balance.booked == Money(1050, "NOK")


@pytest.mark.parametrize("path", ["/data/v2/accounts", "/data/v2/transactions"])
@pytest.mark.parametrize("circle", [1, 2, 3, 7])
async def test_page_tokens_that_come_again_end_the_update(path: str, circle: int) -> None:
    turns = 0

    def instead(asked: Asked) -> Any:  # noqa: ANN401 - an Answer, or None
        nonlocal turns
        if asked.path != path:
            return None
        turns += 1
        return told(shape(path.rpartition("/")[2]) | {"nextPageToken": f"p{turns % circle}"})

    async with test_tink.a_stand(Tink(instead=instead)) as stand:
        with pytest.raises(ProviderUnavailableError, match="circles"):
            await whole_update(stand.tink, test_tink.ACCESS)

    assert turns < 4 * circle + 4


@pytest.mark.parametrize("end", ["", None])
async def test_the_last_page_says_so_with_an_empty_token_or_with_none(end: str | None) -> None:
    page = shape("transactions") | {"nextPageToken": end}
    bank = Tink(instead=failing("/data/v2/transactions", told(page)))
    async with test_tink.a_stand(bank) as stand:
        assert len(await whole_update(stand.tink, test_tink.ACCESS)) == 3


async def test_pages_that_never_end_are_left() -> None:
    """Every token is new, and there are more pages than any bank login holds."""
    last = Position(NOON.date(), "booked", ["a1"], [], "p", Walk(PAGES_MAX - 1, "x", 1))
    page = shape("transactions") | {"nextPageToken": "one more"}
    bank = Tink(instead=failing("/data/v2/transactions", told(page)))
    async with test_tink.a_stand(bank) as stand:
        with pytest.raises(ProviderUnavailableError, match="do not end"):
            await stand.tink.fetch(test_tink.ACCESS, None, last.written())


async def test_a_consent_says_in_milliseconds_when_it_ends_as_number_or_as_text() -> None:
    for moment in (1767776000000, "1767776000000"):
        bank = Tink(consents=[a_consent(sessionExpiryDate=moment)])
        async with test_tink.a_stand(bank) as stand:
            expires = await stand.tink.consent_expires_at(test_tink.ACCESS)
            assert expires is not None
            assert expires.timestamp() == 1767776000


@pytest.mark.parametrize("moment", [None, 0, -1, 10**30, "10" * 20])
async def test_a_consent_without_a_usable_date_has_none(moment: object) -> None:
    async with test_tink.a_stand(Tink(consents=[a_consent(sessionExpiryDate=moment)])) as stand:
        assert await stand.tink.consent_expires_at(test_tink.ACCESS) is None
