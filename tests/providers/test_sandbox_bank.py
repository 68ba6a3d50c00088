"""The adapters as they are, against the sandbox bank: only base addresses differ."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from adapters.plaid.gateway import PlaidGateway
from adapters.tink.gateway import TinkGateway
from application.connections.gateway import (
    AccessGoneError,
    FetchedPage,
    Granted,
    LinkAgainError,
    LinkCancelledError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from domain.ledger.categories import CATEGORIES
from domain.shared.observations import EntryStatus, TransactionSeen
from domain.shared.secret import Secret
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.server import RunningSandbox, running_sandbox
from tests.providers.support import (
    ANNA,
    BERIT,
    STATE,
    a_plaid,
    a_tink,
    plaid_settings,
    tink_settings,
    whole_update,
)


@dataclass(frozen=True, slots=True)
class Street:
    """A bank, both ways to it, and a browser."""

    sandbox: RunningSandbox
    browser: httpx.AsyncClient
    tink: TinkGateway
    plaid: PlaidGateway

    async def visit_tink(self, person: str, renew: Secret | None = None) -> dict[str, str]:
        start = await self.tink.begin_link(LinkRequest(ANNA, STATE, renew))
        assert start.url is not None
        there = await self.browser.get(f"{start.url.reveal()}&test=true&input_username={person}")
        return came_back(there)

    async def link_tink(self, person: str = "anna") -> Granted:
        return await self.tink.complete_link(LinkReturn(ANNA, await self.visit_tink(person)))

    async def visit_plaid(self, person: str, renew: Secret | None = None) -> dict[str, str]:
        start = await self.plaid.begin_link(LinkRequest(ANNA, STATE, renew))
        assert start.link_token is not None
        query = {"link_token": start.link_token.reveal(), "input_username": person}
        there = await self.browser.get(
            self.sandbox.plaid_link_url, params={**query, "state": STATE.reveal()}
        )
        return came_back(there)

    async def link_plaid(self, person: str = "anna") -> Granted:
        return await self.plaid.complete_link(LinkReturn(ANNA, await self.visit_plaid(person)))

    async def truth(self, person: str, provider: str) -> dict[str, Any]:
        answer = await self.browser.get(
            f"{self.sandbox.control_url}/truth", params={"person": person, "provider": provider}
        )
        found: dict[str, Any] = answer.json()
        return found

    async def control(self, path: str, /, **order: object) -> None:
        answer = await self.browser.post(f"{self.sandbox.control_url}/{path}", json=order)
        assert answer.is_success, answer.text


def came_back(there: httpx.Response) -> dict[str, str]:
    assert there.status_code == 302, there.text
    query = parse_qs(urlsplit(there.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


@asynccontextmanager
async def a_street(page_deadline_s: float = 10.0) -> AsyncIterator[Street]:
    async with (
        running_sandbox(SandboxOptions()) as sandbox,
        httpx.AsyncClient(trust_env=False) as browser,
        a_tink(
            replace(
                tink_settings(sandbox.tink_url, sandbox.tink_link_url),
                page_deadline_s=page_deadline_s,
            )
        ) as tink,
        a_plaid(
            replace(plaid_settings(sandbox.plaid_url), page_deadline_s=page_deadline_s)
        ) as plaid,
    ):
        yield Street(sandbox, browser, tink, plaid)


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    async with a_street() as found:
        yield found


def entries(pages: list[FetchedPage], status: EntryStatus) -> dict[str, TransactionSeen]:
    seen = [t for page in pages for t in page.page.observations.transactions]
    return {t.id: t for t in seen if t.status is status}


def agrees(pages: list[FetchedPage], truth: dict[str, Any]) -> None:
    """Every entry and every balance, to the last øre."""
    booked = {t.id: (t.account, t.amount) for t in entries(pages, EntryStatus.BOOKED).values()}
    assert {i: (a, m.minor, m.currency) for i, (a, m) in booked.items()} == {
        t["id"]: (t["account_id"], t["amount_minor"], t["currency"]) for t in truth["transactions"]
    }
    pending = {t.id: t.amount.minor for t in entries(pages, EntryStatus.PENDING).values()}
    assert pending == {t["id"]: t["amount_minor"] for t in truth["pending"]}
    balances = {
        a.id: (a.balance and a.balance.booked.minor, a.currency)
        for page in pages
        for a in page.page.observations.accounts
    }
    assert balances == {a["id"]: (a["booked_minor"], a["currency"]) for a in truth["accounts"]}


@pytest.mark.parametrize("person", ["anna", "bjorn", "sofie"])
async def test_tink_tells_everything_the_bank_knows(street: Street, person: str) -> None:
    granted = await street.link_tink(person)

    pages = await whole_update(street.tink, granted.access)

    agrees(pages, await street.truth(person, "tink"))
    assert pages[-1].cursor is not None
    assert granted.consent_expires_at is not None


@pytest.mark.parametrize("person", ["anna", "bjorn", "sofie"])
async def test_plaid_tells_everything_the_bank_knows(street: Street, person: str) -> None:
    granted = await street.link_plaid(person)

    pages = await whole_update(street.plaid, granted.access)

    agrees(pages, await street.truth(person, "plaid"))
    assert granted.institution == "Fjord Sparebank"
    assert granted.consent_expires_at is not None


async def test_both_give_categories_of_our_own_list(street: Street) -> None:
    tink = await whole_update(street.tink, (await street.link_tink()).access)
    plaid = await whole_update(street.plaid, (await street.link_plaid()).access)

    for pages in (tink, plaid):
        found = {t.category for t in entries(pages, EntryStatus.BOOKED).values()}
        assert found <= set(CATEGORIES)
        assert {"food.groceries", "income.salary", "housing.rent"} <= found


async def test_one_tink_user_with_two_banks_reads_them_apart(street: Street) -> None:
    first, second = await street.link_tink("anna"), await street.link_tink("anna-travel")

    agrees(await whole_update(street.tink, first.access), await street.truth("anna", "tink"))
    agrees(
        await whole_update(street.tink, second.access), await street.truth("anna-travel", "tink")
    )


async def test_the_next_tink_update_looks_back_a_month(street: Street) -> None:
    granted = await street.link_tink()
    first = await whole_update(street.tink, granted.access)
    await street.control("person/anna/transactions", amount_minor=-1234, text="NYTT KJØP")

    second = await whole_update(street.tink, granted.access, first[-1].cursor)

    new = entries(second, EntryStatus.BOOKED)
    assert [t.text for i, t in new.items() if i not in entries(first, EntryStatus.BOOKED)] == [
        "NYTT KJØP"
    ]
    assert 0 < len(new) < len(entries(first, EntryStatus.BOOKED)) / 4


async def test_the_next_plaid_update_tells_only_what_is_new(street: Street) -> None:
    granted = await street.link_plaid()
    first = await whole_update(street.plaid, granted.access)
    await street.control("person/anna/transactions", amount_minor=-1234, text="NYTT KJØP")

    second = await whole_update(street.plaid, granted.access, first[-1].cursor)

    (new,) = entries(second, EntryStatus.BOOKED).values()
    assert (new.text, new.amount.minor) == ("NYTT KJØP", -1234)


async def test_a_pending_entry_of_plaid_is_named_by_the_one_it_becomes(street: Street) -> None:
    granted = await street.link_plaid()
    await street.control("person/anna/transactions", amount_minor=-5000, text="HOLD", pending=True)
    first = await whole_update(street.plaid, granted.access)
    (held,) = [t for t in entries(first, EntryStatus.PENDING).values() if t.text == "HOLD"]
    await street.control("advance", days=3)

    second = await whole_update(street.plaid, granted.access, first[-1].cursor)

    assert held.id in {g.id for page in second for g in page.page.observations.gone}
    settled = entries(second, EntryStatus.BOOKED).values()
    assert held.id in {t.pending_id for t in settled}


@pytest.mark.parametrize(
    ("username", "error"),
    [
        ("cancel", LinkCancelledError),
        ("locked", LinkRefusedError),
        ("broken", LinkRefusedError),
    ],
)
async def test_tink_link_that_fails_says_how(
    street: Street, username: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await street.link_tink(username)


async def test_credentials_of_another_person_are_not_taken(street: Street) -> None:
    hers = await street.visit_tink("anna")

    # Berit's browser claims what belongs to Anna.
    with pytest.raises(LinkRefusedError) as refused:
        await street.tink.complete_link(LinkReturn(BERIT, hers))

    assert refused.value.reason == "UNKNOWN_CREDENTIALS"


async def test_plaid_link_that_was_left_is_cancelled(street: Street) -> None:
    with pytest.raises(LinkCancelledError):
        await street.link_plaid("cancel")


async def test_a_public_token_works_once(street: Street) -> None:
    back = LinkReturn(ANNA, await street.visit_plaid("anna"))
    await street.plaid.complete_link(back)

    with pytest.raises(LinkAgainError):
        await street.plaid.complete_link(back)


async def test_tink_consent_that_ran_out_is_renewed(street: Street) -> None:
    granted = await street.link_tink()
    await street.control("person/anna/login", state="expired")
    with pytest.raises(RenewalRequiredError):
        await street.tink.fetch(granted.access, None, None)
    with pytest.raises(RenewalRequiredError):
        await street.tink.consent_expires_at(granted.access)

    back = await street.visit_tink("anna", renew=granted.access)
    renewed = await street.tink.complete_link(LinkReturn(ANNA, back, granted.access))

    assert renewed.external_id == granted.external_id
    assert await street.tink.consent_expires_at(renewed.access) == renewed.consent_expires_at


async def test_plaid_login_is_repaired_without_a_new_token(street: Street) -> None:
    granted = await street.link_plaid()
    await street.control("person/anna/login", state="required")
    with pytest.raises(RenewalRequiredError):
        await street.plaid.fetch(granted.access, None, None)
    with pytest.raises(RenewalRequiredError):
        await street.plaid.consent_expires_at(granted.access)

    back = await street.visit_plaid("anna", renew=granted.access)
    renewed = await street.plaid.complete_link(LinkReturn(ANNA, back, granted.access))

    assert (renewed.access, renewed.external_id) == (granted.access, granted.external_id)
    await street.plaid.fetch(renewed.access, None, None)


async def test_what_is_revoked_is_gone_and_can_be_revoked_again(street: Street) -> None:
    tink, plaid = await street.link_tink(), await street.link_plaid()

    for _ in range(2):
        await street.tink.revoke(tink.access)
        await street.plaid.revoke(plaid.access)

    for gateway, access in ((street.tink, tink.access), (street.plaid, plaid.access)):
        with pytest.raises(AccessGoneError):
            await gateway.fetch(access, None, None)
        with pytest.raises(AccessGoneError):
            await gateway.begin_link(LinkRequest(ANNA, STATE, access))


async def test_history_that_changes_under_plaids_pages_is_noticed(street: Street) -> None:
    granted = await street.link_plaid("many-1200")
    first = await street.plaid.fetch(granted.access, None, None)
    await street.control("faults", provider="plaid", kind="mutation", times=1)

    with pytest.raises(UpdateChangedError):
        await street.plaid.fetch(granted.access, None, first.next_position)

    agrees(
        await whole_update(street.plaid, granted.access),
        await street.truth("many-1200", "plaid"),
    )


FAULTS: list[dict[str, object]] = [
    {"kind": "rate_limited", "retry_after_s": 900},
    {"kind": "server_error"},
    {"kind": "html"},
    {"kind": "hang"},
    {"kind": "garbage"},
    {"kind": "truncated"},
    {"kind": "drip"},
    {"kind": "disconnect"},
    {"kind": "wrong_types"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=[str(one["kind"]) for one in FAULTS])
@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_a_fault_costs_one_refusal_and_nothing_of_the_data(
    provider: str, fault: dict[str, object]
) -> None:
    path = {"tink": "/data/v2/transactions", "plaid": "/transactions/sync"}[provider]
    # Short only for what is waited for until the end: a busy machine answers late as well.
    patience = 4.0 if fault["kind"] in {"hang", "drip"} else 20.0
    async with a_street(page_deadline_s=patience) as street:
        granted = await (street.link_tink() if provider == "tink" else street.link_plaid())
        gateway = street.tink if provider == "tink" else street.plaid
        page = await gateway.fetch(granted.access, None, None)
        await street.control("faults", provider=provider, path=path, times=3, **fault)

        with pytest.raises(ProviderUnavailableError) as refused:
            await gateway.fetch(granted.access, None, page.next_position)

        if fault["kind"] == "rate_limited":
            assert refused.value.retry_after_s == 900
        await street.browser.delete(f"{street.sandbox.control_url}/faults")
        agrees(
            await whole_update(gateway, granted.access),
            await street.truth("anna", provider),
        )
