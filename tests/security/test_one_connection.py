"""Row level security holds on a connection that everybody shares, and that remembers nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

import httpx
import pytest
from dishka import Provider, Scope, provide

from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.wakeups.ring import LocalWakeups
from application.shared.chance import NewIds
from application.shared.clock import Clock
from entrypoints.composition.core import Pools, database_url
from entrypoints.composition.settings import Settings
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.security.town import Days, Json, Someone, another_process

pytestmark = pytest.mark.postgres

REQUESTS: Final = 1_000
AT_ONCE: Final = 8


class OneConnection(Provider):
    """Everybody takes turns on the same connection, so whatever it remembers would show."""

    @provide(scope=Scope.APP, override=True)
    async def pools(
        self, settings: Settings, clock: Clock, ids: NewIds, local: LocalWakeups
    ) -> AsyncIterator[Pools]:
        sizes = PoolSizes(transactions=1, reads=1, wait_s=30)
        async with open_pools(database_url(settings), sizes) as (engine, reads):
            yield Pools(Database(engine, reads, clock, ids, SUBSCRIPTIONS, local), reads)


READS: Final = (
    "/api/v1/me",
    "/api/v1/accounts",
    "/api/v1/transactions?limit=5",
    "/api/v1/transactions?limit=5&q=shop",
    "/api/v1/wallet/summary",
    "/api/v1/wallet/networth",
    "/api/v1/banking/connections",
    "/api/v1/imports",
)


@dataclass(frozen=True, slots=True)
class Asking:
    """Requests of two persons and of nobody, and every answer that was not the asker's own."""

    http: httpx.AsyncClient
    days: Days
    wanted: dict[tuple[str, str], Json]
    wrong: list[str] = field(default_factory=list)

    async def one(self, number: int) -> None:
        who = (self.days.anna, self.days.bjorn, None)[number % 3]
        if number % 7 == 0 and who:
            await self._break_off(who)
        elif number % 11 == 0 and who:
            await self._write(who)
        else:
            await self._read(READS[number % len(READS)], who)

    async def _read(self, path: str, who: Someone | None) -> None:
        answer = await self.http.get(path, headers=who.headers if who else {})
        if who is None:
            right = answer.status_code == 401
        else:
            right = answer.status_code == 200 and answer.json() == self.wanted[who.word, path]
        if not right:
            name = who.word if who else "a stranger"
            self.wrong.append(f"{path}: {name} got {answer.status_code} {answer.text[:300]}")

    async def _write(self, who: Someone) -> None:
        """One that commits: what it set for its session, if it did, would stay."""
        own = f"/api/v1/transactions/{who.ids['transaction_id'][1]}"
        answer = await self.http.patch(own, headers=who.headers, json={"note": f"{who.word}-note"})
        # Two at once may meet in one row: the second is told so.
        if answer.status_code not in {204, 409}:
            self.wrong.append(f"{answer.status_code} {answer.text}")

    async def _break_off(self, who: Someone) -> None:
        """A request that ends inside its transaction, and leaves the connection to the next."""
        hers = f"/api/v1/transactions/{self.days.anna.ids['transaction_id'][0]}"
        body = {"category": "no.such.category"}
        answer = await self.http.patch(hers, headers=who.headers, json=body)
        if answer.status_code not in {404, 422}:
            self.wrong.append(f"{answer.status_code} {answer.text}")


async def ensure_forgotten(pools: Pools) -> None:
    """Whoever gets the connection next, and forgets to say for whom, sees nothing."""
    left_over = "select current_setting('app.user_id', true), (select count(*) from entries)"
    async with pools.reads.acquire() as reads:
        assert tuple(await reads.fetchrow(left_over)) == ("", 0)
    async with pools.database.engine.connect() as db:
        row = (await db.exec_driver_sql(left_over)).one()
        assert tuple(row) == ("", 0)


def test_a_thousand_mixed_requests_over_one_connection_never_mix_persons(days: Days) -> None:
    async def mix() -> Asking:
        wanted = {
            (who.word, path): await days.town.ok("GET", path, who)
            for who in (days.anna, days.bjorn)
            for path in READS
        }
        async with another_process(days.town, days.town.settings, OneConnection()) as process:
            asking = Asking(process.http, days, wanted)
            for start in range(0, REQUESTS, AT_ONCE):
                await asyncio.gather(*(asking.one(n) for n in range(start, start + AT_ONCE)))
            await ensure_forgotten(await process.container.get(Pools))
        return asking

    asking = days.run(mix())

    assert asking.wrong == []
    for path in READS:
        assert asking.wanted[days.anna.word, path] != asking.wanted[days.bjorn.word, path], path
