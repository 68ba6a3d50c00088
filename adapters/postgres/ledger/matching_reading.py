from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from typing_extensions import override

from adapters.postgres.as_caller import as_caller, fetch_as
from adapters.postgres.database import Database
from adapters.postgres.ledger.filters import COLUMNS
from adapters.postgres.ledger.rows import evidence_from_json
from adapters.postgres.ledger.standing import stands
from application.ledger.links import link_id
from application.ledger.matching_views import (
    DuplicateView,
    LinksReader,
    LinkView,
    SuggestionsReader,
)
from application.ledger.reading import TransactionView, TransferView
from application.ledger.suggestions import SuggestionId
from application.shared.caller import Claims
from application.shared.feeds import FeedKind
from domain.ledger.errors import EntryNotFoundError
from domain.ledger.matching.evidence import Evidence, Method
from domain.ledger.matching.facts import SourceState, told_as
from domain.shared.ids import EntryId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus

_COLUMNS: Final = tuple(name.strip() for name in COLUMNS.split(","))
_OPEN: Final = as_caller(f"""
    select asked.id as asked_id, asked.confidence, asked.evidence, asked.matcher, asked.made_at,
        asked.between_feeds,
        {", ".join(f"pending.{name} as pending_{name}" for name in _COLUMNS)},
        {", ".join(f"booked.{name} as booked_{name}" for name in _COLUMNS)}
    from entry_suggestions asked
    join entries pending on pending.user_id = asked.user_id and pending.id = asked.pending_id
    join entries booked on booked.user_id = asked.user_id and booked.id = asked.booked_id
    where asked.user_id = me.id and asked.state = 'open' and ($4::uuid is null or asked.id < $4)
        and {stands("pending")}
    order by asked.id desc limit $5
""")  # noqa: S608 - words of ours
_LINKS: Final = as_caller("""
    select entries.id, source.feed_id, source.external_id, source.state, source.method,
        source.confidence, source.matcher, source.evidence, source.founding, feeds.kind,
        link.provider, link.institution, link.id as connection_id
    from entries
    left join entry_sources source
        on source.user_id = entries.user_id and source.entry_id = entries.id
    left join feeds on feeds.user_id = source.user_id and feeds.id = source.feed_id
    left join connections link
        on link.user_id = source.user_id and link.feed_id = source.feed_id
    where entries.user_id = me.id and entries.id = $4 and entries.removed is null
    order by source.feed_id, source.founding desc, source.external_id
""")


@dataclass(frozen=True, slots=True)
class PostgresSuggestionsReader(SuggestionsReader):
    database: Database

    @override
    async def open(
        self, claims: Claims, before: SuggestionId | None, limit: int
    ) -> Sequence[DuplicateView]:
        rows = await fetch_as(self.database, claims, _OPEN, before, limit)
        return [
            DuplicateView(
                id=row["asked_id"],
                confidence=row["confidence"],
                evidence=_evidence(row["evidence"]),
                matcher=row["matcher"],
                made_at=row["made_at"],
                pending=_transaction(row, "pending"),
                booked=_transaction(row, "booked"),
                between_feeds=row["between_feeds"],
            )
            for row in rows
        ]


@dataclass(frozen=True, slots=True)
class PostgresLinksReader(LinksReader):
    database: Database

    @override
    async def of(self, claims: Claims, entry_id: EntryId) -> Sequence[LinkView]:
        rows = await fetch_as(self.database, claims, _LINKS, entry_id)
        if not rows:
            raise EntryNotFoundError(entry_id)
        return [_link(row) for row in rows if row["kind"] is not None]


def _transaction(row: Any, which: str) -> TransactionView:  # noqa: ANN401 - the driver has no types
    fact = {name: row[f"{which}_{name}"] for name in _COLUMNS}
    amount = Money(fact.pop("amount_minor"), fact.pop("currency"))
    in_transfer = [fact.pop(f"transfer_{name}") for name in ("id", "entry_id", "account_id")]
    transfer = None if in_transfer[0] is None else TransferView(*in_transfer)
    status = EntryStatus(fact.pop("status"))
    return TransactionView(**fact, amount=amount, status=status, transfer=transfer)


def _link(row: Any) -> LinkView:  # noqa: ANN401 - as above
    name = ExternalId(row["external_id"])
    return LinkView(
        id=link_id(row["feed_id"], name),
        name=told_as(name),
        kind=FeedKind(row["kind"]),
        provider=row["provider"],
        institution=row["institution"],
        connection_id=row["connection_id"],
        state=SourceState(row["state"]),
        method=Method(row["method"]),
        confidence=row["confidence"],
        matcher=row["matcher"],
        evidence=evidence_from_json(row["evidence"]),
        can_be_undone=not row["founding"],
    )


def _evidence(said: str) -> Evidence:
    evidence = evidence_from_json(said)
    if evidence is None:
        raise AssertionError("a suggestion without evidence")
    return evidence
