"""What a storm of forged webhooks costs Plaid, and those who send true ones meanwhile."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import pytest
from joserfc.jwk import ECKey

from adapters.plaid.webhook import PlaidWebhooks
from adapters.plaid.webhook_keys import LOOKUPS_OF_ONE, PlaidKeys
from domain.shared.errors import DalerError
from entrypoints.http.problem import status_of
from tests.providers.server import Answer, Asked, Server, a_server, told
from tests.providers.support import a_plaid, plaid_settings
from tests.support.clock import FixedClock
from tests.support.webhooks import KID, Keys, Letter, Senders, sync_available

STORM: Final = 2_000


@dataclass(slots=True)
class Gate:
    """Where Plaid's webhooks are proven, with the Plaid that is asked for keys behind it."""

    webhooks: PlaidWebhooks
    plaid: Senders
    stranger: Senders
    server: Server
    instead: list[Answer] = field(default_factory=list)

    async def answer(self, letter: Letter) -> int:
        """The status that its sender gets."""
        try:
            await self.webhooks.verify(letter.signature, letter.body)
        except DalerError as error:
            return status_of(type(error))
        return 200

    async def answers(self, letters: Sequence[Letter]) -> Counter[int]:
        return Counter(await asyncio.gather(*(self.answer(one) for one in letters)))


@pytest.fixture
async def gate(clock: FixedClock) -> AsyncIterator[Gate]:
    async with a_gate(clock) as gate:
        yield gate


@asynccontextmanager
async def a_gate(clock: FixedClock) -> AsyncIterator[Gate]:
    plaid, instead = Senders(clock, Keys()), list[Answer]()
    terms: dict[str, object] = {"kid": KID, "alg": "ES256", "created_at": 1, "expired_at": None}
    jwk = {**plaid.keys.key.as_dict(private=False), **terms}

    def respond(asked: Asked) -> Answer:
        if instead:
            return instead[0]
        if asked.json["key_id"] == KID:
            return told({"key": jwk, "request_id": "r"})
        code = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
        return told({"error_type": "INVALID_INPUT", "error_code": code}, 400)

    async with a_server(respond) as server, a_plaid(plaid_settings(server.url)) as gateway:
        keys = PlaidKeys(gateway.api, lambda: 1_000.0)
        stranger = Senders(clock, Keys(ECKey.generate_key("P-256")))
        yield Gate(PlaidWebhooks(keys, clock), plaid, stranger, server, instead)


async def test_a_storm_of_forged_ones_asks_plaid_for_a_handful_of_keys(gate: Gate) -> None:
    """The worst there are: fresh, with the right hash, each in the name of another key."""
    true = gate.plaid.plaid_sends(sync_available())
    assert await gate.answer(true) == 200
    forged = [gate.stranger.plaid_sends(sync_available(), kid=f"k-{n}") for n in range(STORM)]

    answers = await gate.answers(forged)

    assert answers.keys() == {401, 429}
    assert answers.total() == STORM
    assert len(gate.server.asked) == LOOKUPS_OF_ONE.calls
    assert await gate.answer(true) == 200, "a key that is known needs no look-up"
    assert len(gate.server.asked) == LOOKUPS_OF_ONE.calls


async def test_forged_ones_in_the_name_of_a_true_key_ask_for_nothing(gate: Gate) -> None:
    true = gate.plaid.plaid_sends(sync_available())
    await gate.answer(true)
    forged = [gate.stranger.plaid_sends(sync_available(f"item-{n}")) for n in range(200)]
    other_bodies = [Letter(true.provider, true.body + b" " * n, true.headers) for n in range(1, 99)]

    assert await gate.answers([*forged, *other_bodies]) == {401: 298}
    assert len(gate.server.asked) == 1


async def test_what_cannot_be_true_asks_for_no_key_at_all(gate: Gate, clock: FixedClock) -> None:
    letters = [gate.stranger.plaid_sends(sync_available(), kid=f"k-{n}") for n in range(100)]
    changed = [Letter(one.provider, one.body + b" ", one.headers) for one in letters]
    assert await gate.answers(changed) == {401: 100}
    clock.forward(minutes=6)
    assert await gate.answers(letters) == {401: 100}, "they are too old by now"

    assert gate.server.asked == []


@pytest.mark.parametrize(
    "instead",
    [
        Answer(500),
        Answer(429),
        Answer(200, b"<html>"),
        told({"error_code": "INVALID_API_KEYS"}, 400),
    ],
    ids=["broken", "limited", "a proxy's page", "our keys"],
)
async def test_while_plaids_keys_are_out_of_reach_the_answer_is_come_again(
    gate: Gate, instead: Answer
) -> None:
    """True or forged: nobody can tell, so nobody is told that it was refused."""
    gate.instead.append(instead)
    true = gate.plaid.plaid_sends(sync_available())
    forged = [gate.stranger.plaid_sends(sync_available(), kid=f"k-{n}") for n in range(50)]

    assert await gate.answers([true, *forged]) == {503: 51}
    asked = len(gate.server.asked)
    assert asked <= 3, "and one look-up is enough for all who wait"
