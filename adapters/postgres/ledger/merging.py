"""What speaks of an entry speaks of another one: when two become one, and one becomes two."""
# ruff: noqa: S608 - statements put together from words of ours

from collections.abc import Sequence
from typing import Final

import asyncpg

from adapters.postgres.ledger.rows import evidence_to_json
from application.ledger.one_account.ports import Merge, Parting
from domain.ledger.matching.evidence import MATCHER
from domain.shared.ids import AccountId, FeedId, UserId

_ROWS_MAX: Final = 2_000


def _former(before: str, after: str) -> str:
    """Names of the past are made of the entry that they were given up for (`second_name`)."""
    return f"""external_id = case
        when entry_sources.state = 'former'
            and right(entry_sources.external_id, 37) = chr(31) || {before}::text
        then left(entry_sources.external_id, -36) || {after}::text
        else entry_sources.external_id end"""


_MERGES: Final = "unnest($2::uuid[], $3::uuid[]) as merged (gone, kept)"
_MOVE_NAMES: Final = f"""
    update entry_sources set entry_id = merged.kept, {_former("merged.gone", "merged.kept")},
        method = case when begun then 'twin' else method end,
        confidence = case when begun then merged.confidence else entry_sources.confidence end,
        matcher = case when begun then $6 else matcher end,
        evidence = case when begun then merged.evidence else entry_sources.evidence end,
        founding = false
    from (
        select gone, kept, confidence, evidence, source.feed_id, source.external_id,
            source.founding or source.method = 'twin' as begun
        from unnest($2::uuid[], $3::uuid[], $4::smallint[], $5::jsonb[])
            as pair (gone, kept, confidence, evidence)
        join lateral (
            select feed_id, external_id, founding, method from entry_sources
            where user_id = $1 and entry_id = pair.gone offset 0) source on true) merged
    where entry_sources.user_id = $1 and entry_sources.feed_id = merged.feed_id
        and entry_sources.external_id = merged.external_id
"""
# What the person confirmed is kept as they said it.
_OPEN: Final = "not (state = 'confirmed' and pending_id = kept and booked_id = gone)"
_MERGE_MORE: Final = (
    f"""
    delete from entry_suggestions using {_MERGES}
    where user_id = $1 and ((pending_id = gone and booked_id = kept)
        or (pending_id = kept and booked_id = gone)) and {_OPEN}
    """,
    *(
        f"""
        update entry_suggestions asked set {side}_id = kept from {_MERGES}
        where user_id = $1 and {side}_id = gone and {_OPEN} and not exists (
            select from entry_suggestions known where known.user_id = $1
                and known.{side}_id = kept and known.{other}_id = asked.{other}_id)
        """
        for side, other in (("pending", "booked"), ("booked", "pending"))
    ),
    f"""
    delete from entry_suggestions using {_MERGES}
    where user_id = $1 and gone in (pending_id, booked_id) and {_OPEN}
    """,
    f"""
    insert into link_words (user_id, feed_id, external_id, entry_id, said_at)
    select user_id, feed_id, external_id, kept, said_at
    from link_words join {_MERGES} on entry_id = gone where user_id = $1
    on conflict do nothing
    """,
    f"delete from link_words using {_MERGES} where user_id = $1 and entry_id = gone",
    f"""
    update entries set merged_into = kept from {_MERGES}
    where user_id = $1 and id = gone and id = any($2::uuid[])
    """,
    f"""
    update entries set merged_into = kept from {_MERGES}
    where user_id = $1 and merged_into = gone and merged_into = any($2::uuid[])
    """,
    """
    delete from entry_tellings
    where user_id = $1 and entry_id = any($2::uuid[]) and $3::uuid[] is not null
    """,
)
_DROP_PARTS: Final = "delete from entry_parts where user_id = $1 and entry_id = any($2::uuid[])"
_FORGET: Final = "delete from entries where user_id = $1 and id = any($2::uuid[])"
_PART: Final = f"""
    update entry_sources set entry_id = parted.own, {_former("parted.entry", "parted.own")},
        founding = founding or method = 'twin',
        method = case when method = 'twin' then 'named' else method end,
        confidence = case when method = 'twin' then 100 else confidence end,
        evidence = case when method = 'twin' then null else evidence end
    from unnest($3::uuid[], $4::uuid[]) as parted (entry, own)
    where entry_sources.user_id = $1 and (entry_sources.feed_id = $2) is true
        and entry_sources.entry_id = parted.entry
"""
# Two again: a yes to that they are one holds no longer. Should both come to one account once more,
# the person is asked once more.
_ASK_AGAIN: Final = """
    update entry_suggestions set state = 'open', decided_at = null
    from unnest($2::uuid[], $3::uuid[]) as parted (entry, own)
    where user_id = $1 and state = 'confirmed' and pending_id = parted.entry
        and booked_id = parted.own
"""
_NOT_MERGED: Final = """
    update entries set merged_into = null, account_id = $3
    where user_id = $1 and id = any($2::uuid[])
"""


async def merged(db: asyncpg.Connection, user_id: UserId, merges: Sequence[Merge]) -> None:
    for start in range(0, len(merges), _ROWS_MAX):
        await _merge(db, user_id, merges[start : start + _ROWS_MAX])


async def _merge(db: asyncpg.Connection, user_id: UserId, merges: Sequence[Merge]) -> None:
    gone, kept = [one.gone for one in merges], [one.kept for one in merges]
    confidence = [one.link.confidence for one in merges]
    evidence = [evidence_to_json(one.link.evidence) for one in merges]
    await db.execute(_MOVE_NAMES, user_id, gone, kept, confidence, evidence, MATCHER)
    for statement in _MERGE_MORE:
        await db.execute(statement, user_id, gone, kept)
    fresh = [one.gone for one in merges if one.fresh]
    if fresh:
        await db.execute(_DROP_PARTS, user_id, fresh)
        await db.execute(_FORGET, user_id, fresh)


async def parted(
    db: asyncpg.Connection,
    user_id: UserId,
    feed_id: FeedId,
    account_id: AccountId,
    partings: Sequence[Parting],
) -> None:
    for start in range(0, len(partings), _ROWS_MAX):
        those = partings[start : start + _ROWS_MAX]
        entries, own = [one.entry_id for one in those], [one.own for one in those]
        await db.execute(_PART, user_id, feed_id, entries, own)
        await db.execute(_ASK_AGAIN, user_id, entries, own)
        await db.execute(_NOT_MERGED, user_id, own, account_id)
