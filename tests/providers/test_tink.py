"""Tink, as its documentation says it behaves, on a socket of our own."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from adapters.tink.gateway import TinkGateway
from adapters.tink.link import latin
from adapters.tink.tokens import Minted, TokenCache
from application.connections.gateway import (
    AccessGoneError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    ProviderUnavailableError,
    UpdateChangedError,
)
from domain.shared.secret import Secret
from tests.providers.server import Answer, Asked, Server, a_server, told
from tests.providers.support import ANNA, STATE, Remembering, a_tink, tink_settings, whole_update
from tests.support.clock import FixedClock

SHAPES = Path(__file__).parents[1] / "shapes/tink"
ACCESS = Secret('{"user":"d-1","credentials":"c1","institution":"no-demo"}')
AFTER_30_DAYS = "2026-01-31"


def shape(name: str) -> dict[str, Any]:
    return msgspec.json.decode((SHAPES / f"{name}.json").read_bytes(), type=dict[str, Any])


def a_consent(**changes: object) -> dict[str, Any]:
    healthy: dict[str, Any] = shape("provider-consents")["providerConsents"][0]
    return healthy | {"detailedError": None} | changes


@dataclass(slots=True)
class Tink:
    """The other side of the wire: enough of Tink to be asked, and to be wrong on purpose."""

    consents: list[dict[str, Any]] = field(default_factory=lambda: [a_consent()])
    instead: Callable[[Asked], Answer | None] = lambda _: None
    tokens: int = 0

    def __call__(self, asked: Asked) -> Answer:
        if (other := self.instead(asked)) is not None:
            return other
        if asked.path == "/api/v1/oauth/token":
            self.tokens += 1
            name = f"token-{self.tokens}"
            return told({"access_token": name, "expires_in": 1800, "token_type": "bearer"})
        answers: dict[str, object] = {
            "/api/v1/oauth/authorization-grant": {"code": "code-1"},
            "/api/v1/oauth/authorization-grant/delegate": {"code": "code-1"},
            "/api/v1/user/create": {"user_id": "u"},
            "/api/v1/providers/NO": {
                "providers": [
                    {"name": "no-other", "displayName": "Another"},
                    {"name": "no-demo", "displayName": " Demobanken "},
                ]
            },
            "/api/v1/provider-consents": {"providerConsents": self.consents},
            "/data/v2/accounts": shape("accounts"),
            "/data/v2/transactions": shape("transactions"),
        }
        return told(answers[asked.path]) if asked.path in answers else Answer(404)


@dataclass(frozen=True, slots=True)
class Stand:
    tink: TinkGateway
    bank: Tink
    server: Server
    clock: FixedClock
    seen: Remembering

    def asked(self, path: str) -> list[Asked]:
        return [one for one in self.server.asked if one.path == path]


@asynccontextmanager
async def a_stand(bank: Tink | None = None) -> AsyncIterator[Stand]:
    bank, clock, seen = bank or Tink(), FixedClock(), Remembering()
    async with a_server(bank) as server, a_tink(tink_settings(server.url), clock, seen) as tink:
        yield Stand(tink, bank, server, clock, seen)


def failing(path: str, answer: Answer) -> Callable[[Asked], Answer | None]:
    return lambda asked: answer if asked.path == path else None


async def test_token_calls_are_form_posts_with_comma_scopes() -> None:
    async with a_stand() as stand:
        await stand.tink.consent_expires_at(ACCESS)

        client, user = stand.asked("/api/v1/oauth/token")
        assert client.headers["content-type"].startswith("application/x-www-form-urlencoded")
        assert client.form == {
            "grant_type": "client_credentials",
            "scope": "authorization:grant",
            "client_id": "sandbox-tink-client",
            "client_secret": "sandbox-tink-secret",
        }
        assert (user.form["grant_type"], user.form["code"]) == ("authorization_code", "code-1")
        (grant,) = stand.asked("/api/v1/oauth/authorization-grant")
        assert grant.form["external_user_id"] == "d-1"
        assert "," in grant.form["scope"]
        assert " " not in grant.form["scope"]


async def test_the_way_to_tink_link() -> None:
    async with a_stand() as stand:
        start = await stand.tink.begin_link(LinkRequest(ANNA, STATE))

        assert start.url is not None
        address = urlsplit(start.url.reveal())
        assert address.path == "/1.0/transactions/connect-accounts"
        assert {k: v[0] for k, v in parse_qs(address.query).items()} == {
            "client_id": "sandbox-tink-client",
            "redirect_uri": "https://daler.test/back",
            "authorization_code": "code-1",
            "market": "NO",
            "locale": "no_NO",
            "state": STATE.reveal(),
        }
        (made,) = stand.asked("/api/v1/user/create")
        assert made.json["retention_class"] == "permanent"
        name = str(made.json["external_user_id"])
        assert str(ANNA) not in name
        assert ANNA.hex not in name
        (delegate,) = stand.asked("/api/v1/oauth/authorization-grant/delegate")
        assert delegate.form["actor_client_id"] == "df05e4b379934cd09963197cc855bfe9"
        assert delegate.form["external_user_id"] == name


async def test_a_person_who_is_known_already_is_no_fault() -> None:
    bank = Tink(instead=failing("/api/v1/user/create", told({"errorCode": "exists"}, 409)))
    async with a_stand(bank) as stand:
        assert (await stand.tink.begin_link(LinkRequest(ANNA, STATE))).url is not None
        assert set(stand.seen.outcomes) == {"ok"}, "nor among the errors of the provider"


async def test_credentials_that_are_gone_already_are_no_fault_of_who_is_to_end_them() -> None:
    async with a_stand() as stand:
        await stand.tink.revoke(ACCESS)

        assert stand.seen.seen[-1].status == 404
        assert set(stand.seen.outcomes) == {"ok"}


async def test_a_refusal_that_nobody_expected_is_one() -> None:
    bank = Tink(instead=failing("/api/v1/provider-consents", told({"errorCode": "odd"}, 409)))
    async with a_stand(bank) as stand:
        with pytest.raises(ProviderUnavailableError):
            await stand.tink.consent_expires_at(ACCESS)
        assert stand.seen.outcomes[-1] == "refused"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(404),
        told({"errorCode": "PERMISSION_DENIED"}, 403),
        told({"providers": []}),
        told({"providers": [{"name": "no-demo"}, {"name": "no-demo", "displayName": " "}]}),
        told({"providers": "none"}),
    ],
)
async def test_a_bank_that_tink_does_not_list_is_called_by_its_name_there_as_one_can_read_it(
    answer: Answer,
) -> None:
    consent = a_consent(providerName="no-dnb-private_ob")
    bank = Tink(consents=[consent], instead=failing("/api/v1/providers/NO", answer))
    async with a_stand(bank) as stand:
        granted = await stand.tink.complete_link(LinkReturn(ANNA, {"credentials_id": "c1"}))
        assert granted.institution == "Dnb Private Ob"


KEPT = '{"user":"d-1","credentials":"c0","institution":"no-demo","bank":"Demo of old"}'


@pytest.mark.parametrize(
    ("renewed", "provider", "name", "same"),
    [
        (KEPT, "no-demo", "Demobanken", True),
        (KEPT.replace("c0", "c1"), "no-demo", "Demobanken", True),
        (KEPT, "no-other", "Another", False),
        # From before it was asked what the bank is called.
        (ACCESS.reveal().replace("c1", "c0"), "no-demo", "Demobanken", True),
        (ACCESS.reveal(), "no-demo", "Demobanken", True),
        ('{"user":"d-1","credentials":"c0"}', "no-demo", "Demobanken", None),
    ],
)
async def test_renewing_knows_the_bank_again_whatever_it_is_called(
    renewed: str, provider: str, name: str, *, same: bool | None
) -> None:
    async with a_stand(Tink(consents=[a_consent(providerName=provider)])) as stand:
        back = LinkReturn(ANNA, {"credentials_id": "c1"}, Secret(renewed))
        granted = await stand.tink.complete_link(back)

        assert (granted.institution, granted.same_bank) == (name, same)
        seen = (await stand.tink.fetch(granted.access, None, None)).page.observations.accounts
        assert {(one.institution, one.institution_id) for one in seen} == {(name, provider)}


@pytest.mark.parametrize(
    ("provider", "name"), [("no-demo", "Demo of old"), ("no-dnb-ob", "Dnb Ob")]
)
async def test_a_bank_that_is_renewed_while_there_is_no_list_keeps_its_name(
    provider: str, name: str
) -> None:
    bank = Tink(
        consents=[a_consent(providerName=provider)],
        instead=failing("/api/v1/providers/NO", Answer(404)),
    )
    async with a_stand(bank) as stand:
        back = LinkReturn(ANNA, {"credentials_id": "c1"}, Secret(KEPT))
        assert (await stand.tink.complete_link(back)).institution == name


async def test_renewing_goes_to_the_page_for_renewing() -> None:
    async with a_stand() as stand:
        start = await stand.tink.begin_link(LinkRequest(ANNA, STATE, ACCESS))

        assert start.url is not None
        address = urlsplit(start.url.reveal())
        assert address.path == "/1.0/transactions/update-consent"
        assert parse_qs(address.query)["credentials_id"] == ["c1"]
        assert stand.asked("/api/v1/user/create") == []


@pytest.mark.parametrize("gone", [[], [a_consent(status="DELETED")]])
async def test_what_is_gone_cannot_be_renewed(gone: list[dict[str, Any]]) -> None:
    async with a_stand(Tink(consents=gone)) as stand:
        with pytest.raises(AccessGoneError):
            await stand.tink.begin_link(LinkRequest(ANNA, STATE, ACCESS))


@pytest.mark.parametrize("name", ["credentials_id", "credentialsId"])
async def test_credentials_are_taken_under_either_name_and_confirmed(name: str) -> None:
    async with a_stand() as stand:
        granted = await stand.tink.complete_link(LinkReturn(ANNA, {name: "c1"}))

        assert granted.external_id == "c1"
        assert granted.institution == "Demobanken"
        assert granted.consent_expires_at == datetime(2026, 1, 7, 8, 53, 20, tzinfo=UTC)
        assert stand.asked("/api/v1/provider-consents")[0].query == [("credentialsId", "c1")]


@pytest.mark.parametrize("claimed", ["c2", "../c1", "", "c1\n", "c" * 999])
async def test_credentials_that_are_not_listed_are_not_believed(claimed: str) -> None:
    async with a_stand() as stand:
        with pytest.raises(LinkRefusedError):
            await stand.tink.complete_link(LinkReturn(ANNA, {"credentials_id": claimed}))


async def test_later_updates_need_not_wait_for_tink_to_finish_collecting() -> None:
    async with a_stand(Tink(consents=[a_consent(status="UPDATING")])) as stand:
        await stand.tink.fetch(ACCESS, "2026-02-01", None)


async def test_tinks_wait_is_passed_on() -> None:
    limited = Answer(429, headers={"retry-after": "700"})
    async with a_stand(Tink(instead=failing("/data/v2/accounts", limited))) as stand:
        with pytest.raises(ProviderUnavailableError) as raised:
            await stand.tink.fetch(ACCESS, None, None)

        assert raised.value.retry_after_s == 700


async def test_an_update_walks_accounts_then_pending_then_booked() -> None:
    async with a_stand() as stand:
        pages = await whole_update(stand.tink, ACCESS)

        (accounts,) = stand.asked("/data/v2/accounts")
        assert accounts.query == [("pageSize", "100"), ("idIn", "a1")]
        pending, booked = stand.asked("/data/v2/transactions")
        assert pending.query == [
            ("pageSize", "100"),
            ("statusIn", "PENDING"),
            ("accountIdIn", "a1"),
        ]
        assert booked.query == [
            ("pageSize", "100"),
            ("statusIn", "BOOKED"),
            ("statusIn", "UNDEFINED"),
            ("accountIdIn", "a1"),
        ]
        assert [p.cursor for p in pages] == [None, None, "2026-03-02"]
        assert pages[0].page.raw == (msgspec.json.encode(shape("accounts")))
        assert stand.bank.tokens == 2


async def test_the_next_update_looks_back_thirty_days() -> None:
    async with a_stand() as stand:
        await whole_update(stand.tink, ACCESS, "2026-03-02")

        _, booked = stand.asked("/data/v2/transactions")
        assert ("bookedDateGte", AFTER_30_DAYS) in booked.query


async def test_an_update_that_lasts_past_midnight_forgets_no_day() -> None:
    async with a_stand() as stand:
        first = await stand.tink.fetch(ACCESS, None, None)
        stand.clock.forward(days=2)
        second = await stand.tink.fetch(ACCESS, None, first.next_position)
        third = await stand.tink.fetch(ACCESS, None, second.next_position)

        assert third.cursor == "2026-03-02"


async def test_credentials_without_accounts_never_read_another_banks() -> None:
    async with a_stand(Tink(consents=[a_consent(accountIds=[])])) as stand:
        (page,) = await whole_update(stand.tink, ACCESS)

        assert page.page.observations.empty
        assert page.cursor == "2026-03-02"
        assert stand.asked("/data/v2/accounts") == []


async def test_accounts_of_another_bank_are_not_taken_when_tink_ignores_the_filter() -> None:
    async with a_stand(Tink(consents=[a_consent(accountIds=["mine"])])) as stand:
        (page,) = await whole_update(stand.tink, ACCESS)

        assert page.page.observations.accounts == ()


async def test_an_account_in_no_currency_is_left_out_and_said_to_be() -> None:
    listed = shape("accounts")
    gold = msgspec.json.decode(msgspec.json.encode(listed["accounts"][0]))
    gold["id"] = "a2"
    gold["balances"]["booked"]["amount"]["currencyCode"] = "XAU"
    listed["accounts"].append(gold)
    bank = Tink(
        consents=[a_consent(accountIds=["a1", "a2"])],
        instead=failing("/data/v2/accounts", told(listed)),
    )
    async with a_stand(bank) as stand:
        pages = await whole_update(stand.tink, ACCESS)

        assert pages[0].left_out == ("unknown_currency:a2",)
        assert ("accountIdIn", "a2") not in stand.asked("/data/v2/transactions")[0].query


def paging(tokens: dict[str, str]) -> Callable[[Asked], Answer | None]:
    def instead(asked: Asked) -> Answer | None:
        if asked.path != "/data/v2/transactions":
            return None
        here = dict(asked.query).get("pageToken", "")
        return told(shape("transactions") | {"nextPageToken": tokens[here]})

    return instead


async def test_page_tokens_are_followed_to_the_end() -> None:
    bank = Tink(instead=paging({"": "p2", "p2": "p3", "p3": ""}))
    async with a_stand(bank) as stand:
        assert len(await whole_update(stand.tink, ACCESS)) == 1 + 3 + 3


async def test_page_tokens_that_repeat_are_not_followed_for_ever() -> None:
    async with a_stand(Tink(instead=paging({"": "p2", "p2": "p3", "p3": "p2"}))) as stand:
        with pytest.raises(ProviderUnavailableError, match="circles"):
            await whole_update(stand.tink, ACCESS)


async def test_a_page_token_that_tink_forgot_begins_the_update_afresh() -> None:
    bank = Tink(instead=paging({"": "p2"}))
    async with a_stand(bank) as stand:
        first = await stand.tink.fetch(ACCESS, None, None)
        second = await stand.tink.fetch(ACCESS, None, first.next_position)
        bank.instead = failing("/data/v2/transactions", Answer(400))
        with pytest.raises(UpdateChangedError):
            await stand.tink.fetch(ACCESS, None, second.next_position)


async def test_a_token_that_was_revoked_is_replaced_once() -> None:
    bank = Tink()
    async with a_stand(bank) as stand:
        await stand.tink.fetch(ACCESS, None, None)
        bank.instead = lambda asked: (
            Answer(401) if asked.headers.get("authorization") == "Bearer token-2" else None
        )
        await stand.tink.fetch(ACCESS, None, None)

        assert bank.tokens == 3


async def test_many_who_need_a_token_at_once_fetch_one() -> None:
    bank = Tink()
    async with a_stand(bank) as stand:
        await asyncio.gather(*(stand.tink.fetch(ACCESS, None, None) for _ in range(20)))

        assert bank.tokens == 2


async def test_tokens_are_renewed_before_they_end() -> None:
    now, minted = [0.0], list[str]()

    async def mint() -> Minted:
        minted.append(f"t-{len(minted)}")
        return Minted(minted[-1], 1800)

    cache = TokenCache(lambda: now[0])
    first = await cache.get("k", mint)
    now[0] = 1739
    assert await cache.get("k", mint) == first
    now[0] = 1741
    assert await cache.get("k", mint) != first


async def test_revoking_what_is_gone_is_done() -> None:
    async with a_stand() as stand:
        await stand.tink.revoke(ACCESS)  # answered with 404

        (asked,) = stand.asked("/api/v1/credentials/c1")
        assert asked.method == "DELETE"


async def test_a_token_answer_of_html_is_no_token() -> None:
    html = Answer(body=b"<html>")
    async with a_stand(Tink(instead=failing("/api/v1/oauth/token", html))) as stand:
        with pytest.raises(ProviderUnavailableError, match="token that cannot be read"):
            await stand.tink.fetch(ACCESS, None, None)


async def test_a_bank_that_drips_is_left_in_time() -> None:
    drip = Answer(body=b" " * 5000, drip_s=0.05)
    bank = Tink(instead=failing("/data/v2/accounts", drip))
    clock = FixedClock()
    async with a_server(bank) as server:
        settings = replace(tink_settings(server.url), page_deadline_s=0.5)
        async with a_tink(settings, clock) as tink:
            started = time.monotonic()
            with pytest.raises(ProviderUnavailableError, match="in time"):
                await tink.fetch(ACCESS, None, None)
            assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("text", "expected"), [("Blåbær", "Blåbær"), ("Łódź €", "ódz"), ("日本", "Daler")]
)
def test_hints_are_latin(text: str, expected: str) -> None:
    assert latin(text) == expected


def test_a_month_is_what_the_look_back_says() -> None:
    assert (
        datetime(2026, 3, 2, tzinfo=UTC) - timedelta(days=30)
    ).date().isoformat() == AFTER_30_DAYS


async def test_a_step_of_many_slow_calls_ends_in_time_as_a_whole() -> None:
    """Each answer comes just in time; together they would keep a person waiting too long."""
    bank = Tink()

    def slow(asked: Asked) -> Answer | None:
        bank.instead = lambda _: None
        answer = replace(bank(asked), drip_s=0.004)
        bank.instead = slow
        return answer

    bank.instead = slow
    async with a_server(bank) as server:
        settings = replace(tink_settings(server.url), interactive_deadline_s=0.9)
        async with a_tink(settings, FixedClock()) as tink:
            started = time.monotonic()
            with pytest.raises(ProviderUnavailableError, match="in time"):
                await tink.consent_expires_at(ACCESS)
            assert time.monotonic() - started < 3
            assert len(server.asked) > 1
