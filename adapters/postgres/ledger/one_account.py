"""Accounts that are one, and those that may be."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
from typing_extensions import override

from adapters.postgres.ledger.rows import account_from_row
from application.ledger.one_account.ports import (
    AccountSize,
    FeedOfAccount,
    JoinedAccounts,
    OneAccounts,
)
from application.shared.clock import Clock
from domain.ledger.account import Anchor
from domain.ledger.one_account.same import FedAccount, SameAccountId
from domain.ledger.one_account.told import Teller, TellerKind
from domain.shared.ids import AccountId, FeedId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind

_JOINED: Final = """
    select account_tellers.*, coalesce(ledger_feeds.ended, false) as ended
    from account_tellers
    left join ledger_feeds on ledger_feeds.user_id = account_tellers.user_id
        and ledger_feeds.feed_id = account_tellers.feed_id
    where account_tellers.user_id = $1
"""
_FEEDS_OF: Final = """
    select source.feed_id, feeds.kind, link.provider, coalesce(progress.ended, false) as ended
    from (
        select distinct feed_id from account_sources where user_id = $1 and account_id = $2) source
    left join feeds on feeds.user_id = $1 and feeds.id = source.feed_id
    left join connections link on link.user_id = $1 and link.feed_id = source.feed_id
    left join ledger_feeds progress on progress.user_id = $1 and progress.feed_id = source.feed_id
    order by source.feed_id
"""
_FED: Final = """
    select accounts.*, (
        select coalesce(array_agg(distinct source.feed_id), '{}') from account_sources source
        left join ledger_feeds progress on progress.user_id = source.user_id
            and progress.feed_id = source.feed_id
        where source.user_id = accounts.user_id and source.account_id = accounts.id
            and progress.ended is not true) as feeds
    from accounts where user_id = $1 and origin <> 'manual'
    order by created_at, id
"""
_SIZE: Final = """
    select coalesce(sum(parts), 0)::bigint as entries, min(month) as first, max(month) as last
    from month_sums where user_id = $1 and account_id = $2 and parts > 0
"""
_PUT_TELLER: Final = """
    insert into account_tellers (user_id, account_id, feed_id, teller, name, kind, number,
        institution, last_four, currency, anchor_minor, anchor_at, available_minor, was, heard_at,
        institution_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
        (select currency from accounts where user_id = $1 and id = $2), $10, $11, $12, $13, $14,
        $15)
    on conflict (user_id, account_id, feed_id) do update set
        teller = excluded.teller, name = excluded.name, kind = excluded.kind,
        number = excluded.number, institution = excluded.institution,
        last_four = excluded.last_four, anchor_minor = excluded.anchor_minor,
        anchor_at = excluded.anchor_at, available_minor = excluded.available_minor,
        was = excluded.was, heard_at = excluded.heard_at,
        institution_id = excluded.institution_id
"""
_DROP_TELLERS: Final = """
    delete from account_tellers
    where user_id = $1 and account_id = $2 and feed_id = any($3::uuid[])
"""
# In this order: nothing points to the other account when it goes.
_ABSORB: Final = (
    """
    insert into month_sums (user_id, account_id, month, category, currency, in_minor, out_minor,
        parts)
    select user_id, $2, month, category, currency, in_minor, out_minor, parts
    from month_sums where user_id = $1 and account_id = $3
    on conflict (user_id, month, account_id, category, currency) do update set
        in_minor = month_sums.in_minor + excluded.in_minor,
        out_minor = month_sums.out_minor + excluded.out_minor,
        parts = month_sums.parts + excluded.parts
    """,
    """
    insert into day_sums (user_id, account_id, day, currency, net_minor)
    select user_id, $2, day, currency, net_minor
    from day_sums where user_id = $1 and account_id = $3
    on conflict (user_id, account_id, day, currency) do update set
        net_minor = day_sums.net_minor + excluded.net_minor
    """,
    "delete from month_sums where user_id = $1 and account_id = $3 and $2::uuid is not null",
    "delete from day_sums where user_id = $1 and account_id = $3 and $2::uuid is not null",
    "update account_sources set account_id = $2 where user_id = $1 and account_id = $3",
    "update account_tellers set account_id = $2 where user_id = $1 and account_id = $3",
    "update entry_tellings set account_id = $2 where user_id = $1 and account_id = $3",
    "update former_accounts set account_id = $2 where user_id = $1 and account_id = $3",
    "insert into former_accounts (user_id, account_id, id) values ($1, $2, $3)",
)
_MOVE_ENTRIES: Final = """
    update entries set account_id = $2, revision = $4, version = version + 1
    where user_id = $1 and account_id = $3
"""
_MOVE_MARKS: Final = """
    update entries set transfer_account_id = $2, revision = $4, version = version + 1
    where user_id = $1 and transfer_account_id = $3
"""
_FORGET_ACCOUNT: Final = "delete from accounts where user_id = $1 and id = $2"
_HAND_OVER: Final = (
    """
    update account_sources set account_id = $3
    where user_id = $1 and account_id = $2 and feed_id = $4
    """,
    """
    update entry_tellings set account_id = $3
    where user_id = $1 and account_id = $2 and feed_id = $4
    """,
)
# A set, and no look for the others of each entry: where the tables have grown a lot since their
# statistics were taken, that is planned by guesses, and took seconds for a thousand. `is true`: by
# their ids, for the same reason.
_HAND_OVER_ENTRIES: Final = """
    update entries set account_id = $3, revision = $5, version = version + 1
    where user_id = $1 and (account_id = $2) is true
        and id = any(array(
            select entry_id from entry_tellings where user_id = $1 and account_id = $2
            group by entry_id having bool_and(feed_id = $4)))
    returning id
"""
# What is part of those, or was part of one of that feed's before others told of it, too.
_HAND_OVER_PARTS: Final = """
    update entries set account_id = $3, revision = $5, version = version + 1
    where user_id = $1 and account_id = $2 and removed = 'merged'
        and (merged_into = any($6::uuid[])
            or id in (
                select booked_id from entry_suggestions
                where user_id = $1 and feed_id = $4 and state = 'confirmed'
                    and not between_feeds))
"""
_HAND_OVER_MARKS: Final = """
    update entries set transfer_account_id = $2, revision = $4, version = version + 1
    where user_id = $1 and transfer_entry_id = any($3::uuid[])
"""
_NOT_FORMER: Final = "delete from former_accounts where user_id = $1 and id = $2"
_MOVED_TO: Final = "select account_id from former_accounts where user_id = $1 and id = $2"
_FORMER: Final = "select id, account_id from former_accounts where user_id = $1"
_DISMISSED: Final = "select id from accounts_kept_apart where user_id = $1"
_DISMISS: Final = """
    insert into accounts_kept_apart (user_id, id, said_at) values ($1, $2, $3)
    on conflict do nothing
"""
_ADMIT: Final = "delete from accounts_kept_apart where user_id = $1 and id = $2"


@dataclass(frozen=True, slots=True)
class PostgresOneAccounts(OneAccounts):
    db: asyncpg.Connection
    user_id: UserId
    clock: Clock

    @override
    async def joined(self) -> JoinedAccounts:
        tellers: dict[AccountId, dict[FeedId, Teller]] = {}
        for row in await self.db.fetch(_JOINED, self.user_id):
            one = teller_from_row(row)
            tellers.setdefault(one.account_id, {})[one.feed_id] = one
        return tellers

    @override
    async def feeds_of(self, account_id: AccountId) -> Sequence[FeedOfAccount]:
        return [
            FeedOfAccount(row["feed_id"], kind_of(row["kind"], row["provider"]), row["ended"])
            for row in await self.db.fetch(_FEEDS_OF, self.user_id, account_id)
        ]

    @override
    async def fed(self) -> Sequence[FedAccount]:
        rows = await self.db.fetch(_FED, self.user_id)
        return [FedAccount(account_from_row(row), frozenset(row["feeds"])) for row in rows]

    @override
    async def size_of(self, account_id: AccountId) -> AccountSize:
        row = await self.db.fetchrow(_SIZE, self.user_id, account_id)
        months = None if row["first"] is None else (row["first"], row["last"])
        return AccountSize(row["entries"], months)

    @override
    async def put_teller(self, teller: Teller) -> None:
        anchor = teller.anchor
        available = None if anchor is None else anchor.available
        await self.db.execute(
            _PUT_TELLER,
            self.user_id,
            teller.account_id,
            teller.feed_id,
            teller.kind,
            teller.name,
            teller.account_kind,
            teller.number,
            teller.institution,
            teller.last_four,
            None if anchor is None else anchor.booked.minor,
            None if anchor is None else anchor.as_of,
            None if available is None else available.minor,
            teller.was,
            teller.heard_at,
            teller.institution_id,
        )

    @override
    async def drop_tellers(self, account_id: AccountId, feeds: Collection[FeedId]) -> None:
        await self.db.execute(_DROP_TELLERS, self.user_id, account_id, list(feeds))

    @override
    async def absorb(self, account_id: AccountId, other: AccountId, revision: int) -> None:
        for statement in _ABSORB:
            await self.db.execute(statement, self.user_id, account_id, other)
        for statement in (_MOVE_ENTRIES, _MOVE_MARKS):
            await self.db.execute(statement, self.user_id, account_id, other, revision)
        await self.db.execute(_FORGET_ACCOUNT, self.user_id, other)

    @override
    async def hand_over(
        self, account_id: AccountId, own: AccountId, feed_id: FeedId, revision: int
    ) -> None:
        moved = await self.db.fetch(
            _HAND_OVER_ENTRIES, self.user_id, account_id, own, feed_id, revision
        )
        ids = [row["id"] for row in moved]
        whose = (self.user_id, account_id, own, feed_id, revision)
        await self.db.execute(_HAND_OVER_PARTS, *whose, ids)
        await self.db.execute(_HAND_OVER_MARKS, self.user_id, own, ids, revision)
        for statement in _HAND_OVER:
            await self.db.execute(statement, self.user_id, account_id, own, feed_id)
        await self.db.execute(_NOT_FORMER, self.user_id, own)

    @override
    async def moved_to(self, account_id: AccountId) -> AccountId | None:
        found = await self.db.fetchval(_MOVED_TO, self.user_id, account_id)
        return None if found is None else AccountId(found)

    @override
    async def former(self) -> Mapping[AccountId, AccountId]:
        rows = await self.db.fetch(_FORMER, self.user_id)
        return {AccountId(row["id"]): AccountId(row["account_id"]) for row in rows}

    @override
    async def dismissed(self) -> Collection[SameAccountId]:
        rows = await self.db.fetch(_DISMISSED, self.user_id)
        return {SameAccountId(row["id"]) for row in rows}

    @override
    async def dismiss(self, proposal_id: SameAccountId) -> None:
        await self.db.execute(_DISMISS, self.user_id, proposal_id, self.clock.now())

    @override
    async def admit(self, proposal_id: SameAccountId) -> None:
        await self.db.execute(_ADMIT, self.user_id, proposal_id)


def kind_of(kind: str | None, provider: str | None) -> TellerKind:
    if kind == TellerKind.STATEMENT:
        return TellerKind.STATEMENT
    known = {TellerKind.TINK, TellerKind.PLAID}
    return next((one for one in known if one == provider), TellerKind.OTHER)


def teller_from_row(row: Mapping[str, Any]) -> Teller:
    anchor, currency = None, row["currency"]
    if row["anchor_minor"] is not None:
        available = row["available_minor"]
        anchor = Anchor(
            booked=Money(row["anchor_minor"], currency),
            as_of=row["anchor_at"],
            available=None if available is None else Money(available, currency),
        )
    return Teller(
        account_id=row["account_id"],
        feed_id=row["feed_id"],
        kind=TellerKind(row["teller"]),
        ended=row["ended"],
        name=row["name"],
        account_kind=AccountKind(row["kind"]),
        number=row["number"],
        institution=row["institution"],
        institution_id=row["institution_id"],
        last_four=row["last_four"],
        anchor=anchor,
        was=row["was"],
        heard_at=row["heard_at"],
    )
