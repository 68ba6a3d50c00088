"""What forged webhooks cost the house: a hash. What they cost Plaid: see tests/providers."""

from datetime import UTC, datetime, timedelta
from typing import Final

from adapters.memory.jobs.board import NoWakeups
from adapters.postgres.jobs.board import PostgresJobBoard
from domain.connections.provider import Provider
from entrypoints.composition.connections import PostgresConnections
from tests.http.support import OverPostgres
from tests.http.webhooks.conftest import BehindPostgres, a_house
from tests.http.webhooks.test_webhooks import forgeries
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import a_database
from tests.support.webhooks import Letter, refreshed, sync_available

NOWHERE: Final = "postgresql+asyncpg://nobody@/nothing?host=/nonexistent"


async def test_a_house_without_a_database_refuses_forged_ones_all_the_same(
    clock: FixedClock, ids: CountedIds
) -> None:
    """So they touch none. True ones cannot be kept there, and the providers come again."""
    clock.at = datetime.now(UTC)
    async with a_database(NOWHERE, clock, ids, {}, NoWakeups()) as database:
        board = PostgresJobBoard(database.reads, timedelta(seconds=60))
        over = (OverPostgres(database), PostgresConnections())
        async with a_house(clock, ids, board, BehindPostgres(database), *over) as house:
            for name, forged in forgeries(house).items():
                answer = await house.post(forged)
                assert (answer.status_code, answer.json()["error"]) == (401, "webhook_forged"), name
            unsigned = await house.post(Letter(Provider.TINK, b"{}", {}))
            assert (unsigned.status_code, unsigned.json()["error"]) == (401, "webhook_unsigned")
            house.senders.keys.away = True
            away = await house.post(house.senders.plaid_sends(sync_available()))
            assert (away.status_code, away.json()["error"]) == (503, "webhook_keys_away")
            house.senders.keys.away = False

            for true in (
                house.senders.plaid_sends(sync_available()),
                house.senders.tink_sends(refreshed()),
            ):
                answer = await house.post(true)
                assert answer.status_code == 503
                assert int(answer.headers["Retry-After"]) > 0
