from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import asyncpg
from typing_extensions import override

from application.ledger.holdings import FeedHoldings, Holdings
from domain.shared.ids import AccountId, EntryId, FeedId, UserId

_WEIGH: Final = """
    with going as materialized (
        select id from entries
        where user_id = $1 and (account_id = any($3::uuid[]) or id = any($4::uuid[])))
    select
        (select count(*) from going) as entries,
        (select count(*) from entry_suggestions where user_id = $1 and feed_id = $2)
            as suggestions,
        (select count(*) from entry_sources where user_id = $1 and feed_id = $2) as links,
        (select count(*) from transfers where user_id = $1 and state = 'paired'
            and (out_entry in (select id from going) or in_entry in (select id from going)))
            as transfers,
        (select count(distinct entry_id) from entry_sources
            where user_id = $1 and feed_id = $2 and entry_id not in (select id from going))
            as staying
"""
_TOLD: Final = """
    select count(distinct entry_id) from entry_sources where user_id = $1 and feed_id = $2
"""


@dataclass(frozen=True, slots=True)
class PostgresFeedHoldings(FeedHoldings):
    """Works on the asyncpg connection of the open transaction, as entries do."""

    db: asyncpg.Connection
    user_id: UserId

    @override
    async def weigh(
        self, feed_id: FeedId, accounts: Collection[AccountId], entries: Collection[EntryId]
    ) -> Holdings:
        row = await self.db.fetchrow(_WEIGH, self.user_id, feed_id, list(accounts), list(entries))
        return Holdings(**row)

    @override
    async def told(self, feed_id: FeedId) -> int:
        found: int = await self.db.fetchval(_TOLD, self.user_id, feed_id)
        return found
