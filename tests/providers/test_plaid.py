"""Plaid, as its documentation says it behaves, on a socket of our own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from adapters.outbound.breaker import OPEN_S
from adapters.plaid.gateway import PlaidGateway
from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    LinkAgainError,
    LinkCancelledError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    UpdateChangedError,
)
from domain.shared.secret import Secret
from tests.providers.server import Answer, Respond, Server, a_server, by_path, in_turn, told
from tests.providers.support import ANNA, STATE, a_plaid, plaid_settings, whole_update

SHAPES = Path(__file__).parents[1] / "shapes/plaid"
ACCESS = Secret('{"token":"access-1","institution":"Fjord"}')
ITEM = {"item_id": "item-1", "institution_name": "Fjord", "error": None}
EMPTY: dict[str, object] = {
    "accounts": [],
    "added": [],
    "modified": [],
    "removed": [],
    "next_cursor": "c-1",
    "has_more": False,
    "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",
}


def problem(code: str, kind: str = "ITEM_ERROR", status: int = 400, display: str = "") -> Answer:
    return told(
        {
            "error_type": kind,
            "error_code": code,
            "error_message": "for developers only",
            "display_message": display or None,
        },
        status,
    )


@dataclass(frozen=True, slots=True)
class Stand:
    plaid: PlaidGateway
    server: Server


@asynccontextmanager
async def a_stand(respond: Respond) -> AsyncIterator[Stand]:
    async with a_server(respond) as server, a_plaid(plaid_settings(server.url)) as plaid:
        yield Stand(plaid, server)


async def test_wrong_keys_are_not_tried_on_and_on() -> None:
    async with a_stand(in_turn(problem("INVALID_API_KEYS", "INVALID_INPUT"))) as stand:
        with pytest.raises(ProviderMisconfiguredError):
            await stand.plaid.fetch(ACCESS, None, None)
        with pytest.raises(ProviderUnavailableError, match="INVALID_API_KEYS") as spared:
            await stand.plaid.fetch(ACCESS, None, None)

        assert spared.value.retry_after_s is not None
        assert spared.value.retry_after_s <= OPEN_S
        assert len(stand.server.asked) == 1


async def test_every_call_carries_version_and_keys_in_its_headers() -> None:
    async with a_stand(in_turn(told(EMPTY))) as stand:
        await stand.plaid.fetch(ACCESS, "c-0", None)

        (asked,) = stand.server.asked
        assert asked.headers["plaid-version"] == "2020-09-14"
        assert asked.headers["plaid-client-id"] == "sandbox-plaid-client"
        assert asked.headers["plaid-secret"] == "sandbox-plaid-secret"
        assert asked.json == {
            "access_token": "access-1",
            "cursor": "c-0",
            "count": 500,
            "options": {"include_original_description": True},
        }


async def test_a_link_token_asks_for_all_the_history_there_is() -> None:
    made = told({"link_token": "link-1", "expiration": "2026-01-12T12:00:00Z"})
    async with a_stand(in_turn(made)) as stand:
        start = await stand.plaid.begin_link(LinkRequest(ANNA, STATE))

        assert start.link_token == Secret("link-1")
        body = stand.server.asked[0].json
        assert body["products"] == ["transactions"]
        assert body["transactions"] == {"days_requested": 730}
        assert "cursor" not in body
        assert str(ANNA) not in str(body)
        assert ANNA.hex not in str(body)


async def test_update_mode_names_no_products() -> None:
    made = told({"link_token": "link-1", "expiration": "2026-01-12T12:00:00Z"})
    async with a_stand(in_turn(made)) as stand:
        await stand.plaid.begin_link(LinkRequest(ANNA, STATE, ACCESS))

        body = stand.server.asked[0].json
        assert body["access_token"] == "access-1"  # noqa: S105 - a made-up one
        assert not {"products", "transactions"} & set(body)


async def test_an_exchange_is_never_sent_twice() -> None:
    async with a_stand(in_turn(Answer(500))) as stand:
        with pytest.raises(ProviderUnavailableError):
            await stand.plaid.complete_link(LinkReturn(ANNA, {"public_token": "public-1"}))

        assert stand.server.paths() == ["/item/public_token/exchange"]


async def test_a_link_is_kept_even_when_its_details_cannot_be_had() -> None:
    exchanged = told({"access_token": "access-1", "item_id": "item-1"})
    async with a_stand(by_path(exchange=exchanged, get=Answer(500))) as stand:
        granted = await stand.plaid.complete_link(LinkReturn(ANNA, {"public_token": "public-1"}))

        assert granted.external_id == "item-1"
        assert granted.institution is None


async def test_a_used_public_token_means_linking_again_in_the_words_meant_for_people() -> None:
    used = problem("INVALID_PUBLIC_TOKEN", "INVALID_INPUT", display="Prøv en gang til.\n")
    async with a_stand(in_turn(used)) as stand:
        with pytest.raises(LinkAgainError, match=r"^Prøv en gang til\.$"):
            await stand.plaid.complete_link(LinkReturn(ANNA, {"public_token": "public-1"}))


@pytest.mark.parametrize("token", ["", "x" * 5000, "æ"])
async def test_what_is_no_public_token_is_not_even_sent(token: str) -> None:
    async with a_stand(in_turn(Answer(500))) as stand:
        with pytest.raises(LinkAgainError):
            await stand.plaid.complete_link(LinkReturn(ANNA, {"public_token": token}))

        assert stand.server.asked == []


async def test_a_renewal_that_did_not_help_is_refused() -> None:
    broken = ITEM | {"error": {"error_code": "ITEM_LOGIN_REQUIRED"}}
    async with a_stand(in_turn(told({"item": broken}))) as stand:
        with pytest.raises(LinkRefusedError) as refused:
            await stand.plaid.complete_link(LinkReturn(ANNA, {}, ACCESS))

        assert refused.value.reason == "ITEM_LOGIN_REQUIRED"


async def test_a_new_link_in_place_of_a_dead_one_is_exchanged() -> None:
    respond = by_path(
        get=[problem("ITEM_NOT_FOUND"), told({"item": ITEM | {"item_id": "item-2"}})],
        exchange=told({"access_token": "access-2", "item_id": "item-2"}),
    )
    async with a_stand(respond) as stand:
        granted = await stand.plaid.complete_link(
            LinkReturn(ANNA, {"public_token": "public-2"}, ACCESS)
        )

        assert granted.external_id == "item-2"
        assert "access-2" in granted.access.reveal()


@pytest.mark.parametrize(
    "answer",
    [
        EMPTY | {"next_cursor": ""},
        EMPTY | {"next_cursor": "", "transactions_update_status": "NOT_READY"},
        EMPTY | {"transactions_update_status": "NOT_READY"},
    ],
)
async def test_nothing_yet_is_not_the_same_as_nothing(answer: object) -> None:
    async with a_stand(in_turn(told(answer))) as stand:
        with pytest.raises(FeedNotReadyError):
            await stand.plaid.fetch(ACCESS, None, None)


async def test_nothing_new_is_a_whole_update() -> None:
    async with a_stand(in_turn(told(EMPTY))) as stand:
        (page,) = await whole_update(stand.plaid, ACCESS, "c-0")

        assert (page.next_position, page.cursor) == (None, "c-1")
        assert page.page.observations.empty


async def test_positions_survive_and_cursors_come_only_at_the_end() -> None:
    pages = [told(EMPTY | {"next_cursor": f"c-{n}", "has_more": n < 3}) for n in (1, 2, 3)]
    async with a_stand(in_turn(*pages)) as stand:
        found = await whole_update(stand.plaid, ACCESS)

        assert [one.next_position is None for one in found] == [False, False, True]
        assert found[-1].cursor == "c-3"
        assert [one.json.get("cursor") for one in stand.server.asked] == [None, "c-1", "c-2"]
        assert {one.json["count"] for one in stand.server.asked} == {500}


async def test_pages_that_go_in_circles_end() -> None:
    pages = [told(EMPTY | {"next_cursor": f"c-{n % 3}", "has_more": True}) for n in range(40)]
    async with a_stand(in_turn(*pages)) as stand:
        with pytest.raises(ProviderUnavailableError, match="circles"):
            await whole_update(stand.plaid, ACCESS)


async def test_coins_are_left_out_and_said_to_be() -> None:
    shape = (SHAPES / "transactions-sync.json").read_bytes()
    async with a_stand(in_turn(Answer(body=shape))) as stand:
        (page,) = await whole_update(stand.plaid, ACCESS)

        assert page.left_out == ("unknown_currency:coinXxLj1m4HMXBm9WZZmCWVbPjX16EHwv99vp",)
        assert [t.id for t in page.page.observations.transactions] == ["t1", "t3"]
        assert page.page.raw == shape


async def test_a_coin_in_an_account_of_kroner_is_refused_not_lost() -> None:
    shape = msgspec.json.decode((SHAPES / "transactions-sync.json").read_bytes())
    shape["added"][0] |= {"iso_currency_code": None, "unofficial_currency_code": "BTC"}
    async with a_stand(in_turn(told(shape))) as stand:
        with pytest.raises(ProviderUnavailableError, match="no official currency"):
            await stand.plaid.fetch(ACCESS, None, None)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Back soon</html>",
        b"",
        b'{"accounts":[],',
        b'{"accounts":[]}',
        b"[1]",
        b"\xff\xfe{}",
        b"[" * 100_000,
        msgspec.json.encode(EMPTY | {"added": [{"amount": "ten"}]}),
    ],
    ids=["html", "empty", "cut", "fields missing", "a list", "charset", "deep", "wrong types"],
)
async def test_an_answer_that_cannot_be_read_is_no_answer(body: bytes) -> None:
    async with a_stand(in_turn(Answer(body=body))) as stand:
        with pytest.raises(ProviderUnavailableError, match="cannot be read"):
            await stand.plaid.fetch(ACCESS, None, None)


async def test_a_position_from_somewhere_else_begins_afresh() -> None:
    async with a_stand(in_turn(told(EMPTY))) as stand:
        with pytest.raises(UpdateChangedError):
            await stand.plaid.fetch(ACCESS, None, "from an older version")


async def test_what_is_gone_already_counts_as_revoked() -> None:
    async with a_stand(in_turn(problem("ITEM_NOT_FOUND"))) as stand:
        await stand.plaid.revoke(ACCESS)


async def test_an_access_that_cannot_be_read_is_never_called_revoked() -> None:
    async with a_stand(in_turn()) as stand:
        with pytest.raises(AccessGoneError) as gone:
            await stand.plaid.revoke(Secret("of an older version"))
    assert not gone.value.withdrawn


async def test_who_closes_the_widget_is_told_to_begin_anew() -> None:
    async with a_stand(in_turn()) as stand:
        with pytest.raises(LinkAgainError, match="begin anew"):
            await stand.plaid.complete_link(LinkReturn(ANNA, {}))
        with pytest.raises(LinkCancelledError, match="begin anew"):
            await stand.plaid.complete_link(LinkReturn(ANNA, {"error": "USER_EXIT"}))
