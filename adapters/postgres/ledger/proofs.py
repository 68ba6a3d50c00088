"""Promises, closed months and late changes as rows, on the connection of the open transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import asyncpg
import msgspec
from typing_extensions import override

from adapters.postgres.ledger.rows import account_from_row, entry_from_row
from application.ledger.proofs.ports import Proofs
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.errors_proofs import MonthNotClosedError
from domain.ledger.proofs.closing import ClosedMonth, Witness
from domain.ledger.proofs.late import Figures, LateChange
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.promises import KeptStatement, Reading
from domain.ledger.proofs.proof import AROUND
from domain.ledger.proofs.verdicts import Evidence
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId, UserId
from domain.shared.money import Money

_PROMISE: Final = """
    insert into account_statements (user_id, id, account_id, feed_id, import_id, fingerprint,
        reference, number, first, last, told, opening_minor, closing_minor, booked, total_minor,
        currency, imported_at)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    on conflict (user_id, account_id, fingerprint) do nothing
"""
_READ: Final = """
    insert into balance_readings (user_id, account_id, day, feed_id, amount_minor, currency, as_of)
    select $1, $2, $3, $4, $5, $6, $7
    where not exists (
        select from feeds where user_id = $1 and id = $4 and kind = 'statement')
    on conflict (user_id, account_id, day) do update set
        feed_id = excluded.feed_id, amount_minor = excluded.amount_minor,
        currency = excluded.currency, as_of = excluded.as_of
    where balance_readings.as_of <= excluded.as_of
"""
_BOOKED_AFTER: Final = """
    select coalesce(sum(net_minor), 0)::bigint from day_sums
    where user_id = $1 and account_id = $2 and currency = $3 and day > $4
"""
_STATEMENTS: Final = """
    select * from account_statements
    where user_id = $1 and account_id = any($2::uuid[]) and last >= $3 and first <= $4
    order by account_id, first, last, id
"""
_READINGS: Final = """
    select * from balance_readings
    where user_id = $1 and account_id = any($2::uuid[]) and day between $3 and $4
    order by account_id, day
"""
_NETS: Final = """
    select sums.account_id, sums.day, sums.net_minor
    from day_sums sums
    join unnest($2::uuid[], $3::text[]) as mine (account_id, currency)
        on mine.account_id = sums.account_id and mine.currency = sums.currency
    where sums.user_id = $1 and sums.day between $4 and $5 and sums.net_minor <> 0
"""
# The first of each kind by the index, for as many accounts as a person has.
_BEGAN: Final = """
    select mine.id, least(
        (select day from day_sums where user_id = $1 and account_id = mine.id
            order by day limit 1),
        (select day from balance_readings where user_id = $1 and account_id = mine.id
            order by day limit 1),
        (select min(first) from account_statements where user_id = $1 and account_id = mine.id)
    ) as began
    from unnest($2::uuid[]) as mine (id)
"""
_ACCOUNTS: Final = "select * from accounts where user_id = $1 order by created_at, id"
_NEAR: Final = """
    select * from entries
    where user_id = $1 and account_id = $2 and booked_on between $3 and $4
        and amount_minor = any($5::bigint[])
    order by booked_on, id
"""
_CLOSED: Final = """
    select closed.* from closed_months closed
    join unnest($2::uuid[], $3::date[]) as wanted (account_id, month)
        on wanted.account_id = closed.account_id and wanted.month = closed.month
    where closed.user_id = $1
"""
_CLOSED_ON: Final = """
    select * from closed_months where user_id = $1 and account_id = any($2::uuid[])
    order by month, account_id
"""
_CLOSE: Final = """
    insert into closed_months (user_id, account_id, month, closed_at, currency, opening_minor,
        closing_minor, witnesses)
    values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_REOPEN: Final = "delete from closed_months where user_id = $1 and account_id = $2 and month = $3"
_LATE_OF: Final = """
    select * from late_changes where user_id = $1 and feed_id = $2 order by number, name
"""
_LATE_ON: Final = """
    select * from late_changes where user_id = $1 and account_id = any($2::uuid[])
    order by feed_id, number, name
"""
_SET_ASIDE: Final = """
    insert into late_changes (user_id, feed_id, number, name, account_id, entry_id, lead, plain,
        before_minor, before_currency, before_on, before_text,
        after_minor, after_currency, after_on, after_text)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
    on conflict (user_id, feed_id, number, name) do update set
        account_id = excluded.account_id, entry_id = excluded.entry_id,
        lead = excluded.lead, plain = excluded.plain,
        before_minor = excluded.before_minor, before_currency = excluded.before_currency,
        before_on = excluded.before_on, before_text = excluded.before_text,
        after_minor = excluded.after_minor, after_currency = excluded.after_currency,
        after_on = excluded.after_on, after_text = excluded.after_text
"""
_HIDE: Final = """
    update late_changes set before_minor = null, before_currency = null, before_on = null,
        before_text = null, after_minor = null, after_currency = null, after_on = null,
        after_text = null
    where user_id = $1 and feed_id = $2 and name = $3 and number < $4
"""
_SETTLED: Final = """
    delete from late_changes where user_id = $1 and feed_id = $2 and name = any($3::text[])
"""
# What the other account has of the same day, or the same statement, stays; ours goes.
_MOVE: Final = (
    """
    delete from account_statements mine
    where user_id = $1 and account_id = $2 and feed_id = $4 and exists (
        select from account_statements other where other.user_id = $1 and other.account_id = $3
            and other.fingerprint = mine.fingerprint)
    """,
    """
    delete from balance_readings mine
    where user_id = $1 and account_id = $2 and feed_id = $4 and exists (
        select from balance_readings other where other.user_id = $1 and other.account_id = $3
            and other.day = mine.day)
    """,
    *(
        f"update {table} set account_id = $3 where user_id = $1 and account_id = $2 and feed_id = $4"  # noqa: E501, S608 - our own tables
        for table in ("account_statements", "balance_readings", "late_changes")
    ),
)


@dataclass(frozen=True, slots=True)
class PostgresProofs(Proofs):
    db: asyncpg.Connection
    user_id: UserId

    @override
    async def promise(self, statements: Sequence[KeptStatement]) -> None:
        rows = [_statement_to_row(self.user_id, one) for one in statements]
        if rows:
            await self.db.executemany(_PROMISE, rows)

    @override
    async def read(self, reading: Reading) -> None:
        await self.db.execute(
            _READ,
            self.user_id,
            reading.account_id,
            reading.day,
            reading.feed_id,
            reading.amount.minor,
            reading.amount.currency,
            reading.as_of,
        )

    @override
    async def booked_after(self, account: Account, day: date) -> int:
        found: int = await self.db.fetchval(
            _BOOKED_AFTER, self.user_id, account.id, account.currency, day
        )
        return found

    @override
    async def evidence(
        self, accounts: Collection[Account], first: date, last: date
    ) -> Mapping[AccountId, Evidence]:
        ids = [one.id for one in accounts]
        since, until = first - AROUND, last + AROUND
        rows = await self.db.fetch(_STATEMENTS, self.user_id, ids, since, until)
        statements = [_statement_from_row(row) for row in rows]
        rows = await self.db.fetch(_READINGS, self.user_id, ids, since, until)
        readings = [_reading_from_row(row) for row in rows]
        # A statement's days are checked whole.
        since = min([since, *(one.first for one in statements)])
        until = max([until, *(one.last for one in statements)])
        currencies = [one.currency for one in accounts]
        nets: dict[AccountId, dict[date, int]] = {one: {} for one in ids}
        for row in await self.db.fetch(_NETS, self.user_id, ids, currencies, since, until):
            nets[AccountId(row["account_id"])][row["day"]] = row["net_minor"]
        began = {row["id"]: row["began"] for row in await self.db.fetch(_BEGAN, self.user_id, ids)}
        return {
            one: Evidence(
                [each for each in statements if each.account_id == one],
                [each for each in readings if each.account_id == one],
                nets[one],
                began[one],
            )
            for one in ids
        }

    @override
    async def accounts(self) -> Sequence[Account]:
        return [account_from_row(row) for row in await self.db.fetch(_ACCOUNTS, self.user_id)]

    @override
    async def near(
        self, account_id: AccountId, first: date, last: date, amounts: Collection[int]
    ) -> Sequence[Entry]:
        rows = await self.db.fetch(_NEAR, self.user_id, account_id, first, last, list(amounts))
        return [entry_from_row(row) for row in rows]

    @override
    async def closed(self, months: Collection[AccountMonth]) -> Sequence[ClosedMonth]:
        accounts = [one.account_id for one in months]
        days = [one.month for one in months]
        rows = await self.db.fetch(_CLOSED, self.user_id, accounts, days)
        return [_closed_from_row(row) for row in rows]

    @override
    async def closed_on(self, account_ids: Collection[AccountId]) -> Sequence[ClosedMonth]:
        rows = await self.db.fetch(_CLOSED_ON, self.user_id, list(account_ids))
        return [_closed_from_row(row) for row in rows]

    @override
    async def close(self, month: ClosedMonth) -> None:
        opening, closing = month.opening, month.closing
        await self.db.execute(
            _CLOSE,
            self.user_id,
            month.account_id,
            month.month,
            month.closed_at,
            None if opening is None else opening.currency,
            None if opening is None else opening.minor,
            None if closing is None else closing.minor,
            msgspec.json.encode(month.witnesses).decode(),
        )

    @override
    async def reopen(self, which: AccountMonth) -> None:
        if await self.db.execute(_REOPEN, self.user_id, *which) != "DELETE 1":
            raise MonthNotClosedError(which.account_id, which.month)

    @override
    async def late_of(self, feed_id: FeedId) -> Sequence[LateChange]:
        rows = await self.db.fetch(_LATE_OF, self.user_id, feed_id)
        return [_late_from_row(row) for row in rows]

    @override
    async def late_on(self, account_ids: Collection[AccountId]) -> Sequence[LateChange]:
        rows = await self.db.fetch(_LATE_ON, self.user_id, list(account_ids))
        return [_late_from_row(row) for row in rows]

    @override
    async def set_aside(self, changes: Sequence[LateChange]) -> None:
        rows = [
            (
                self.user_id,
                one.feed_id,
                one.number,
                one.name,
                one.account_id,
                one.entry_id,
                one.lead,
                one.plain,
                *_figures_to_row(one.before),
                *_figures_to_row(one.after),
            )
            for one in changes
        ]
        if rows:
            leading = (one for one in changes if one.name == one.lead)
            hidden = [(self.user_id, one.feed_id, one.name, one.number) for one in leading]
            await self.db.executemany(_HIDE, hidden)
            await self.db.executemany(_SET_ASIDE, rows)

    @override
    async def settled(self, feed_id: FeedId, names: Collection[ExternalId]) -> None:
        await self.db.execute(_SETTLED, self.user_id, feed_id, list(names))

    @override
    async def move(self, account_id: AccountId, into: AccountId, feed_id: FeedId) -> None:
        for statement in _MOVE:
            await self.db.execute(statement, self.user_id, account_id, into, feed_id)


def _statement_to_row(user_id: UserId, one: KeptStatement) -> tuple[object, ...]:
    return (
        user_id,
        one.id,
        one.account_id,
        one.feed_id,
        one.import_id,
        one.fingerprint,
        one.reference,
        one.number,
        one.first,
        one.last,
        one.told,
        None if one.opening is None else one.opening.minor,
        None if one.closing is None else one.closing.minor,
        one.booked,
        one.total.minor,
        one.total.currency,
        one.imported_at,
    )


def _statement_from_row(row: Mapping[str, Any]) -> KeptStatement:
    return KeptStatement(
        id=row["id"],
        account_id=AccountId(row["account_id"]),
        feed_id=FeedId(row["feed_id"]),
        import_id=row["import_id"],
        reference=row["reference"],
        number=row["number"],
        first=row["first"],
        last=row["last"],
        told=row["told"],
        opening=_money(row["opening_minor"], row["currency"]),
        closing=_money(row["closing_minor"], row["currency"]),
        booked=row["booked"],
        total=Money(row["total_minor"], row["currency"]),
        imported_at=row["imported_at"],
    )


def _reading_from_row(row: Mapping[str, Any]) -> Reading:
    amount = Money(row["amount_minor"], row["currency"])
    account, feed = AccountId(row["account_id"]), FeedId(row["feed_id"])
    return Reading(account, feed, row["day"], amount, row["as_of"])


def _closed_from_row(row: Mapping[str, Any]) -> ClosedMonth:
    return ClosedMonth(
        account_id=AccountId(row["account_id"]),
        month=row["month"],
        closed_at=row["closed_at"],
        opening=_money(row["opening_minor"], row["currency"]),
        closing=_money(row["closing_minor"], row["currency"]),
        witnesses=_witnesses(row["witnesses"]),
    )


def _witnesses(said: str | Sequence[Any]) -> tuple[Witness, ...]:
    """From a connection that reads JSON by itself, as SQLAlchemy's do, or that does not."""
    shape = tuple[Witness, ...]
    if isinstance(said, str):
        return msgspec.json.decode(said, type=shape)
    return msgspec.convert(said, shape)


def _late_from_row(row: Mapping[str, Any]) -> LateChange:
    return LateChange(
        account_id=AccountId(row["account_id"]),
        feed_id=FeedId(row["feed_id"]),
        number=row["number"],
        name=ExternalId(row["name"]),
        entry_id=None if row["entry_id"] is None else EntryId(row["entry_id"]),
        before=_figures_from_row(row, "before"),
        after=_figures_from_row(row, "after"),
        lead=ExternalId(row["lead"]),
        plain=row["plain"],
    )


def _figures_to_row(one: Figures | None) -> tuple[object, ...]:
    if one is None:
        return None, None, None, None
    return one.amount.minor, one.amount.currency, one.booked_on, one.text


def _figures_from_row(row: Mapping[str, Any], side: str) -> Figures | None:
    amount = _money(row[f"{side}_minor"], row[f"{side}_currency"])
    return None if amount is None else Figures(amount, row[f"{side}_on"], row[f"{side}_text"])


def _money(minor: int | None, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(minor, currency)
