"""Webhooks in any order and any number: the end is what order would have given."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from domain.connections.provider import Provider
from tests.contract.connections.conftest import ANNA
from tests.contract.connections.storm import memory_storm, postgres_storm
from tests.contract.connections.storm_events import (
    EVENTS,
    Event,
    a_dice,
    ensure_a_storm,
    history,
    in_disorder,
    in_order,
)
from tests.support.postgres import CleanDatabase


async def ordered_end(events: Sequence[Event]) -> dict[str, Any]:
    async with memory_storm() as storm:
        await in_order(storm, events)
        return await storm.state()


@pytest.mark.parametrize("seed", range(10))
async def test_a_thousand_shuffled_with_repeats_end_as_order_would_have(seed: int) -> None:
    events = history(a_dice(seed), EVENTS)
    wanted = await ordered_end(events)

    async with memory_storm() as storm:
        await ensure_a_storm(storm, await in_disorder(storm, events, a_dice(seed + 100)))
        found = await storm.state()

    assert found == wanted
    assert len(wanted["plaid said"]) > 100


@pytest.mark.postgres
async def test_over_postgresql_too(clean_database: CleanDatabase) -> None:
    events = history(a_dice(77), EVENTS)
    wanted = await ordered_end(events)

    async with postgres_storm(clean_database.app_url) as storm:
        await ensure_a_storm(storm, await in_disorder(storm, events, a_dice(177)))
        found = await storm.state()

    for provider, link in storm.links.items():
        assert found[provider].id == link
        facts = {"id": wanted[provider].id, "feed_id": wanted[provider].feed_id}
        facts |= {"granted_at": wanted[provider].granted_at}
        facts |= {"created_at": wanted[provider].created_at}
        assert replace(found[provider], **facts) == wanted[provider]
        assert found[f"{provider} said"] == wanted[f"{provider} said"]


@pytest.mark.postgres
async def test_many_workers_at_one_connections_webhooks_lose_none(
    clean_database: CleanDatabase,
) -> None:
    async with postgres_storm(clean_database.app_url) as storm:
        event = Event(Provider.PLAID, "spends", 1)
        event.happen(storm.banks[Provider.PLAID])
        for _ in range(40):
            await storm.tell(event.letter(storm.senders))
        async with storm.begin(ANNA) as tx:
            before = await tx.connections.get(storm.links[Provider.PLAID])

        await asyncio.gather(*(storm.work() for _ in range(6)))

        async with storm.begin(ANNA) as tx:
            after = await tx.connections.get(storm.links[Provider.PLAID])
        assert after.wanted == before.wanted + 40
        assert after.served == after.wanted
        assert await storm.board.next_due() is not None, "only its rhythm waits"
