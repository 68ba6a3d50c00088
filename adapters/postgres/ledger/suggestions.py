"""What the person is asked, and what was learnt of banks."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from typing_extensions import override

from adapters.postgres.ledger.rows import evidence_from_json, evidence_to_json
from adapters.postgres.ledger.standing import stands
from application.ledger.suggestions import (
    BankManners,
    Suggestion,
    SuggestionId,
    Suggestions,
    SuggestionState,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.errors_matching import SuggestionNotFoundError
from domain.ledger.matching.evidence import MATCHER
from domain.ledger.matching.facts import Suggested
from domain.ledger.matching.manners import USUAL, Manners
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId

_ADD: Final = """
    insert into entry_suggestions (user_id, state, made_at, matcher, id, feed_id, pending_name,
        pending_id, booked_name, booked_id, confidence, evidence, between_feeds)
    select $1, 'open', $2, $3, * from unnest($4::uuid[], $5::uuid[], $6::text[], $7::uuid[],
        $8::text[], $9::uuid[], $10::smallint[], $11::jsonb[], $12::boolean[])
    on conflict do nothing
"""
_STANDING: Final = f"""
    select asked.id from entry_suggestions asked
    join entries pending on pending.user_id = asked.user_id and pending.id = asked.pending_id
    join entries booked on booked.user_id = asked.user_id and booked.id = asked.booked_id
    where asked.user_id = $1 and asked.state = 'open' and pending.account_id = any($2::uuid[])
        and {stands("pending")}
"""  # noqa: S608 - words of ours
_GET: Final = "select * from entry_suggestions where user_id = $1 and id = $2 for update"
_BETWEEN_FILES: Final = """
    select * from entry_suggestions
    where user_id = $1 and state = 'open' and feed_id = $2
        and (evidence ->> 'between_files')::boolean
    order by id for update
"""
_OF_MERGED: Final = """
    select * from entry_suggestions
    where user_id = $1 and pending_id = $2 and state = 'confirmed' order by id for update
"""
_SAVE: Final = """
    update entry_suggestions set state = $3, decided_at = $4 where user_id = $1 and id = $2
"""
_MANNERS: Final = "select days, growth from bank_manners where user_id = $1 and institution = $2"
_SAVE_MANNERS: Final = """
    insert into bank_manners (user_id, institution, days, growth, version)
    values ($1, $2, $3, $4, 1)
    on conflict (user_id, institution) do update
        set days = excluded.days, growth = excluded.growth, version = 1
"""


@dataclass(frozen=True, slots=True)
class PostgresSuggestions(Suggestions):
    db: asyncpg.Connection
    user_id: UserId
    clock: Clock
    ids: NewIds

    @override
    async def add(self, suggested: Collection[Suggested]) -> None:
        those = list(suggested)
        await self.db.execute(
            _ADD,
            self.user_id,
            self.clock.now(),
            MATCHER,
            list(self.ids.many(len(those))),
            [one.feed_id for one in those],
            [one.pending_name for one in those],
            [one.pending for one in those],
            [one.booked_name for one in those],
            [one.booked for one in those],
            [one.confidence for one in those],
            [evidence_to_json(one.evidence) for one in those],
            [one.between_feeds for one in those],
        )

    @override
    async def standing(self, account_ids: Collection[AccountId]) -> AbstractSet[SuggestionId]:
        rows = await self.db.fetch(_STANDING, self.user_id, list(account_ids))
        return {SuggestionId(row["id"]) for row in rows}

    @override
    async def get(self, suggestion_id: SuggestionId) -> Suggestion:
        row = await self.db.fetchrow(_GET, self.user_id, suggestion_id)
        if row is None:
            raise SuggestionNotFoundError(suggestion_id)
        return suggestion_from_row(row)

    @override
    async def between_files(self, feed_id: FeedId) -> Sequence[Suggestion]:
        rows = await self.db.fetch(_BETWEEN_FILES, self.user_id, feed_id)
        return [suggestion_from_row(row) for row in rows]

    @override
    async def of_merged(self, pending: EntryId) -> Sequence[Suggestion]:
        rows = await self.db.fetch(_OF_MERGED, self.user_id, pending)
        return [suggestion_from_row(row) for row in rows]

    @override
    async def save(self, suggestion: Suggestion) -> None:
        await self.db.execute(
            _SAVE, self.user_id, suggestion.id, suggestion.state.value, suggestion.decided_at
        )


@dataclass(frozen=True, slots=True)
class PostgresBankManners(BankManners):
    db: asyncpg.Connection
    user_id: UserId

    @override
    async def of(self, institution: str, *, locked: bool = False) -> Manners:
        statement = f"{_MANNERS} for update" if locked else _MANNERS
        row = await self.db.fetchrow(statement, self.user_id, institution)
        return USUAL if row is None else Manners(tuple(row["days"]), tuple(row["growth"]))

    @override
    async def save(self, institution: str, manners: Manners) -> None:
        days, growth = list(manners.days), list(manners.growth)
        await self.db.execute(_SAVE_MANNERS, self.user_id, institution, days, growth)


def suggestion_from_row(row: Mapping[str, Any]) -> Suggestion:
    evidence = evidence_from_json(row["evidence"])
    if evidence is None:
        raise AssertionError(f"suggestion {row['id']} says nothing for itself")
    what = Suggested(
        feed_id=row["feed_id"],
        pending_name=ExternalId(row["pending_name"]),
        pending=row["pending_id"],
        booked_name=ExternalId(row["booked_name"]),
        booked=row["booked_id"],
        confidence=row["confidence"],
        evidence=evidence,
        between_feeds=row["between_feeds"],
    )
    return Suggestion(
        id=SuggestionId(row["id"]),
        what=what,
        matcher=row["matcher"],
        state=SuggestionState(row["state"]),
        made_at=row["made_at"],
        decided_at=row["decided_at"],
    )
