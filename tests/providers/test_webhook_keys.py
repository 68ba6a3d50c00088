"""Plaid's keys over a real socket: fetched once, forgotten in time, never for anybody's asking."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from adapters.plaid.webhook_keys import (
    AWAY_S,
    FRESH_S,
    LOOKUPS,
    LOOKUPS_OF_ONE,
    STALE_S,
    UNKNOWN_S,
    PlaidKeys,
)
from domain.connections.errors_webhooks import (
    WebhookForgedError,
    WebhookKeysAwayError,
    WebhookKeysBusyError,
)
from tests.providers.server import Answer, Asked, Server, a_server, told
from tests.providers.support import a_plaid, plaid_settings

SHAPES: Final = Path(__file__).parents[1] / "shapes"
JWK: Final[dict[str, Any]] = json.loads((SHAPES / "plaid/webhook-vector.json").read_text())["jwk"]
KID: Final[str] = JWK["kid"]


@dataclass(slots=True)
class Plaid:
    """It knows one key, unless a test says otherwise."""

    expired_at: int | None = None
    instead: Answer | None = None
    now: float = 1_000.0
    asked: list[str] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now

    def respond(self, asked: Asked) -> Answer:
        assert asked.path == "/webhook_verification_key/get"
        self.asked.append(str(asked.json["key_id"]))
        if self.instead is not None:
            return self.instead
        if asked.json["key_id"] != KID:
            code = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
            return told({"error_type": "INVALID_INPUT", "error_code": code}, 400)
        key = JWK | {"created_at": 1560466150, "expired_at": self.expired_at}
        return told({"key": key, "request_id": "r"})


@asynccontextmanager
async def keys_of(plaid: Plaid) -> AsyncIterator[tuple[PlaidKeys, Server]]:
    async with a_server(plaid.respond) as server, a_plaid(plaid_settings(server.url)) as gateway:
        yield PlaidKeys(gateway.api, plaid.monotonic), server


@pytest.fixture
async def plaid() -> Plaid:
    return Plaid()


async def test_a_key_is_fetched_once(plaid: Plaid) -> None:
    async with keys_of(plaid) as (keys, _):
        found = await asyncio.gather(*(keys.get(KID) for _ in range(50)))

    assert len({id(key) for key in found}) == 1
    assert plaid.asked == [KID]


async def test_a_key_is_looked_at_again_after_an_hour_and_refused_once_it_expired(
    plaid: Plaid,
) -> None:
    async with keys_of(plaid) as (keys, _):
        await keys.get(KID)
        plaid.expired_at = 1_760_000_000
        plaid.now += FRESH_S - 1
        await keys.get(KID)
        plaid.now += 1
        with pytest.raises(WebhookForgedError):
            await keys.get(KID)
        with pytest.raises(WebhookForgedError):
            await keys.get(KID)

    assert plaid.asked == [KID, KID]


async def test_a_known_key_is_believed_while_plaid_is_away_but_not_for_ever(plaid: Plaid) -> None:
    async with keys_of(plaid) as (keys, _):
        await keys.get(KID)
        plaid.instead = told({}, 500)
        plaid.now += STALE_S - 1
        await keys.get(KID)
        plaid.now += 1
        with pytest.raises(WebhookKeysAwayError):
            await keys.get(KID)


@pytest.mark.parametrize(
    "instead",
    [
        told({}, 500),
        told({}, 429),
        Answer(200, b"<html>"),
        told({"key": {"kty": "EC"}}),
        told({"error_type": "INVALID_INPUT", "error_code": "INVALID_API_KEYS"}, 400),
        Answer(200, b"{}" * 40, drip_s=0.2),
        told({"key": JWK | {"x": "AA", "expired_at": None}}),
    ],
    ids=["broken", "too many", "a proxy's page", "half a key", "our keys", "dripping", "no point"],
)
async def test_while_plaid_cannot_tell_nobody_says_forged(plaid: Plaid, instead: Answer) -> None:
    plaid.instead = instead
    async with keys_of(plaid) as (keys, _):
        with pytest.raises(WebhookKeysAwayError):
            await keys.get(KID)


async def test_whoever_waits_in_line_for_a_frozen_plaid_waits_once(plaid: Plaid) -> None:
    plaid.instead = Answer(200, b"{}" * 40, drip_s=0.2)
    async with keys_of(plaid) as (keys, _):
        answers = await asyncio.gather(
            *(keys.get(f"k-{number}") for number in range(20)), return_exceptions=True
        )
        assert {type(one) for one in answers} == {WebhookKeysAwayError}
        plaid.now += AWAY_S
        plaid.instead = None
        await keys.get(KID)

    assert len(plaid.asked) == 2


async def test_while_plaid_is_not_there_nobody_says_forged() -> None:
    async with a_plaid(plaid_settings("http://127.0.0.1:9")) as gateway:
        with pytest.raises(WebhookKeysAwayError):
            await PlaidKeys(gateway.api).get(KID)


@pytest.mark.parametrize(
    "key", [JWK | {"crv": "P-384"}, JWK | {"alg": "ES384"}, JWK | {"kty": "RSA"}]
)
async def test_a_key_for_something_else_is_none(plaid: Plaid, key: dict[str, Any]) -> None:
    plaid.instead = told({"key": key | {"expired_at": None}})
    async with keys_of(plaid) as (keys, _):
        with pytest.raises(WebhookForgedError):
            await keys.get(KID)


async def test_a_name_that_plaid_does_not_know_is_asked_once(plaid: Plaid) -> None:
    async with keys_of(plaid) as (keys, _):
        for _ in range(20):
            with pytest.raises(WebhookForgedError):
                await keys.get("guessed")
        assert plaid.asked == ["guessed"]
        plaid.now += UNKNOWN_S
        with pytest.raises(WebhookForgedError):
            await keys.get("guessed")

    assert plaid.asked == ["guessed", "guessed"]


async def test_a_storm_of_made_up_names_costs_a_call_a_minute(plaid: Plaid) -> None:
    waits: list[int] = []
    async with keys_of(plaid) as (keys, _):
        await keys.get(KID)
        for number in range(600):
            try:
                await keys.get(f"made-up-{number}")
            except WebhookForgedError:
                pass
            except WebhookKeysBusyError as error:
                waits.append(error.retry_after_s)
            plaid.now += 1.0
        await keys.get(KID)

    assert len(plaid.asked) <= LOOKUPS_OF_ONE.calls + 10 + 1
    assert len(waits) > 580
    assert min(waits) > 0
    assert max(waits) <= 60


async def test_an_honest_key_is_found_in_the_midst_of_made_up_names(plaid: Plaid) -> None:
    async with keys_of(plaid) as (keys, _):
        for number in range(30):
            plaid.now += 60.0
            with pytest.raises(WebhookForgedError):
                await keys.get(f"made-up-{number}")
        await keys.get(KID)
    assert len(plaid.asked) == 31


async def made_up(keys: PlaidKeys, network: str, many: int) -> int:
    """How many made-up names of one network were looked up."""
    asked = 0
    for number in range(many):
        try:
            await keys.get(f"made-up-{network}-{number}", network)
        except WebhookForgedError:
            asked += 1
        except WebhookKeysBusyError:
            continue
    return asked


async def test_a_stranger_uses_up_a_share_of_their_own_and_nobody_elses(plaid: Plaid) -> None:
    async with keys_of(plaid) as (keys, _):
        for _ in range(30):
            await made_up(keys, "203.0.113.9", 50)
            plaid.now += 10.0
        await keys.get(KID, "192.0.2.7")

    assert len(plaid.asked) <= LOOKUPS_OF_ONE.calls + 300 // 60 + 1


async def test_all_networks_together_have_an_end_and_it_passes(plaid: Plaid) -> None:
    async with keys_of(plaid) as (keys, _):
        asked = [await made_up(keys, f"203.0.113.{number}", 50) for number in range(50)]
        assert sum(asked) == LOOKUPS.calls
        assert asked[0] == LOOKUPS_OF_ONE.calls
        with pytest.raises(WebhookKeysBusyError) as busy:
            await keys.get(KID, "192.0.2.7")
        plaid.now += busy.value.retry_after_s
        await keys.get(KID, "192.0.2.7")
