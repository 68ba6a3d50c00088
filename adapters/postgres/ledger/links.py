"""Names with their evidence, and what people said of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
from typing_extensions import override

from adapters.postgres.ledger.rows import entry_from_row, evidence_from_json, link_to_columns
from application.ledger.links import LinkedSource, Links, NamedEntry
from application.ledger.suggestions import LinkWords
from application.shared.clock import Clock
from domain.ledger.entry import EntrySource
from domain.ledger.matching.evidence import Link, Method
from domain.ledger.matching.facts import Apart, SourceState
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId

_ROWS_MAX: Final = 2_000
_OF_ENTRY: Final = """
    select * from entry_sources where user_id = $1 and entry_id = $2
    order by feed_id, founding desc, external_id
"""
_OF_FEED: Final = "select * from entry_sources where user_id = $1 and feed_id = $2"
_BOOKED_ON: Final = """
    select entries.*, source.names
    from entries
    cross join lateral (
        select array_agg(external_id) as names from entry_sources
        where user_id = entries.user_id and entry_id = entries.id
            and (feed_id = $2) is true and state = 'live'
    ) as source
    where user_id = $1 and account_id = $3 and booked_on = any($4::date[])
        and status = 'booked' and removed is null and source.names is not null
    order by booked_on, id
"""
_SHARED: Final = """
    select distinct mine.entry_id from entry_sources mine
    join entry_sources other on other.user_id = mine.user_id and other.entry_id = mine.entry_id
        and other.feed_id <> mine.feed_id
    where mine.user_id = $1 and mine.feed_id = $2
"""
_DROP: Final = """
    delete from entry_sources
    where user_id = $1 and feed_id = $2 and external_id = any($3::text[])
"""
_PUT: Final = """
    insert into entry_sources (user_id, external_id, entry_id, digest, method, confidence, matcher,
        evidence, feed_id, state, founding)
    select $1, * from unnest($2::text[], $3::uuid[], $4::bigint[], $5::text[], $6::smallint[],
        $7::smallint[], $8::jsonb[], $9::uuid[], $10::text[], $11::boolean[])
    on conflict (user_id, feed_id, external_id) do update set
        entry_id = excluded.entry_id, digest = excluded.digest, method = excluded.method,
        confidence = excluded.confidence, matcher = excluded.matcher,
        evidence = excluded.evidence, state = excluded.state, founding = excluded.founding
"""
_KEEP_APART: Final = """
    insert into link_words (user_id, feed_id, said_at, external_id, entry_id)
    select $1, $2, $3, * from unnest($4::text[], $5::uuid[])
    on conflict do nothing
"""
_JOIN: Final = """
    delete from link_words using unnest($3::text[], $4::uuid[]) as joined (name, entry)
    where user_id = $1 and feed_id = $2 and external_id = joined.name and entry_id = joined.entry
"""
_APART: Final = """
    select external_id, entry_id from link_words where user_id = $1 and feed_id = $2
"""


@dataclass(frozen=True, slots=True)
class PostgresLinks(Links):
    db: asyncpg.Connection
    user_id: UserId

    @override
    async def of_entry(self, entry_id: EntryId) -> Sequence[LinkedSource]:
        return [
            link_from_row(row) for row in await self.db.fetch(_OF_ENTRY, self.user_id, entry_id)
        ]

    @override
    async def of_feed(self, feed_id: FeedId) -> Mapping[ExternalId, LinkedSource]:
        rows = await self.db.fetch(_OF_FEED, self.user_id, feed_id)
        return {row["external_id"]: link_from_row(row) for row in rows}

    @override
    async def booked_on(
        self, feed_id: FeedId, account_id: AccountId, days: Collection[date]
    ) -> Sequence[NamedEntry]:
        rows = await self.db.fetch(_BOOKED_ON, self.user_id, feed_id, account_id, list(days))
        return [NamedEntry(entry_from_row(row), frozenset(row["names"])) for row in rows]

    @override
    async def shared(self, feed_id: FeedId) -> Collection[EntryId]:
        rows = await self.db.fetch(_SHARED, self.user_id, feed_id)
        return {EntryId(row["entry_id"]) for row in rows}

    @override
    async def drop(self, feed_id: FeedId, names: Collection[ExternalId]) -> None:
        if names:
            await self.db.execute(_DROP, self.user_id, feed_id, list(names))

    @override
    async def put(self, links: Collection[LinkedSource]) -> None:
        those = list(links)
        for start in range(0, len(those), _ROWS_MAX):
            chunk = those[start : start + _ROWS_MAX]
            await self.db.execute(
                _PUT,
                self.user_id,
                *link_to_columns([one.source for one in chunk]),
                [one.source.feed_id for one in chunk],
                [one.state.value for one in chunk],
                [one.source.link.founding for one in chunk],
            )


@dataclass(frozen=True, slots=True)
class PostgresLinkWords(LinkWords):
    db: asyncpg.Connection
    user_id: UserId
    clock: Clock

    @override
    async def keep_apart(self, feed_id: FeedId, those: Collection[Apart]) -> None:
        if those:
            names, entries = zip(*those, strict=True)
            now = self.clock.now()
            await self.db.execute(
                _KEEP_APART, self.user_id, feed_id, now, list(names), list(entries)
            )

    @override
    async def join(self, feed_id: FeedId, those: Collection[Apart]) -> None:
        if those:
            names, entries = zip(*those, strict=True)
            await self.db.execute(_JOIN, self.user_id, feed_id, list(names), list(entries))

    @override
    async def apart(self, feed_id: FeedId) -> Collection[Apart]:
        rows = await self.db.fetch(_APART, self.user_id, feed_id)
        return {(row["external_id"], row["entry_id"]) for row in rows}


def link_from_row(row: Mapping[str, Any]) -> LinkedSource:
    link = Link(
        method=Method(row["method"]),
        confidence=row["confidence"],
        evidence=evidence_from_json(row["evidence"]),
        matcher=row["matcher"],
        founding=row["founding"],
    )
    source = EntrySource(
        row["feed_id"], ExternalId(row["external_id"]), row["entry_id"], row["digest"], link
    )
    return LinkedSource(source, SourceState(row["state"]))
