from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.alive import ensure_alive
from adapters.memory.database import MemoryDatabase
from adapters.memory.feeds.updates import FEEDS
from adapters.memory.ledger.matching import MemoryLinks
from adapters.memory.ledger.reading import connection_of, standing, transaction_view
from adapters.memory.ledger.rows import ENTRIES
from application.ledger.links import LinkedSource
from application.ledger.matching_views import (
    DuplicateView,
    LinksReader,
    LinkView,
    SuggestionsReader,
)
from application.ledger.suggestions import Suggestion, SuggestionId
from application.shared.caller import Claims
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.matching.facts import told_as
from domain.shared.ids import EntryId, UserId


@dataclass(frozen=True, slots=True)
class MemorySuggestionsReader(SuggestionsReader):
    database: MemoryDatabase

    @override
    async def open(
        self, claims: Claims, before: SuggestionId | None, limit: int
    ) -> Sequence[DuplicateView]:
        ensure_alive(self.database, claims)
        mine = [
            one
            for one in standing(self.database, claims.user_id)
            if before is None or one.id < before
        ]
        mine.sort(key=lambda one: one.id, reverse=True)
        return [self._view(claims.user_id, one) for one in mine[:limit]]

    def _view(self, user_id: UserId, one: Suggestion) -> DuplicateView:
        rows = self.database.tables.of(ENTRIES)
        return DuplicateView(
            id=one.id,
            confidence=one.what.confidence,
            evidence=one.what.evidence,
            matcher=one.matcher,
            made_at=one.made_at,
            pending=transaction_view(rows[user_id, one.what.pending]),
            booked=transaction_view(rows[user_id, one.what.booked]),
            between_feeds=one.what.between_feeds,
        )


@dataclass(frozen=True, slots=True)
class MemoryLinksReader(LinksReader):
    database: MemoryDatabase

    @override
    async def of(self, claims: Claims, entry_id: EntryId) -> Sequence[LinkView]:
        ensure_alive(self.database, claims)
        row = self.database.tables.of(ENTRIES).get((claims.user_id, entry_id))
        if row is None or row.entry.removed is not None:
            raise EntryNotFoundError(entry_id)
        links = await MemoryLinks(self.database.tables, claims.user_id).of_entry(entry_id)
        return [self._view(claims.user_id, one) for one in links]

    def _view(self, user_id: UserId, one: LinkedSource) -> LinkView:
        source = one.source
        link = connection_of(self.database, user_id, source.feed_id)
        return LinkView(
            id=one.id,
            name=told_as(source.external_id),
            kind=self.database.tables.of(FEEDS)[user_id, source.feed_id].kind,
            provider=link.provider if link else None,
            institution=link.institution if link else None,
            connection_id=link.id if link else None,
            state=one.state,
            method=source.link.method,
            confidence=source.link.confidence,
            matcher=source.link.matcher,
            evidence=source.link.evidence,
            can_be_undone=not source.link.founding,
        )
