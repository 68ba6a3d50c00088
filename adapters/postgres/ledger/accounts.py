from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import delete, exists, false, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.feeds.tables import feeds
from adapters.postgres.ledger.rows import ACCOUNT_COLUMNS, account_from_row, account_to_row
from adapters.postgres.ledger.tables import (
    account_sources,
    accounts,
    day_sums,
    entries,
    entry_parts,
    ledger_feeds,
    month_sums,
)
from adapters.postgres.ledger.tables_one_account import (
    account_tellers,
    entry_tellings,
    former_accounts,
)
from adapters.postgres.ledger.tables_proofs import (
    account_statements,
    balance_readings,
    closed_months,
    late_changes,
)
from application.ledger.ports import Accounts
from application.shared.feeds import FeedKind
from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.again import NamedAccount, Naming
from domain.ledger.errors import AccountNotFoundError
from domain.shared.ids import AccountId, ExternalId, FeedId, UserId

_OF_JOINED: Final = (account_tellers, entry_tellings, former_accounts)
_OLDEST_FIRST: Final = (accounts.c.created_at, accounts.c.id)


@dataclass(frozen=True, slots=True)
class PostgresAccounts(Accounts):
    db: AsyncConnection
    user_id: UserId

    @override
    async def of_feed(self, feed_id: FeedId) -> Mapping[ExternalId, Account]:
        found = await self.db.execute(
            select(account_sources.c.external_id, *ACCOUNT_COLUMNS)
            .join_from(
                account_sources,
                accounts,
                (accounts.c.user_id == account_sources.c.user_id)
                & (accounts.c.id == account_sources.c.account_id),
            )
            .where(account_sources.c.user_id == self.user_id, account_sources.c.feed_id == feed_id)
            # Always in this order: two feeds of one account must not wait for each other.
            .order_by(accounts.c.id)
            .with_for_update(of=accounts)
        )
        return {ExternalId(row["external_id"]): account_from_row(row) for row in found.mappings()}

    @override
    async def with_names(self) -> Sequence[NamedAccount]:
        found = await self.db.execute(
            select(
                *ACCOUNT_COLUMNS,
                account_sources.c.feed_id,
                account_sources.c.external_id,
                func.coalesce(ledger_feeds.c.ended, false()).label("feed_ended"),
                exists(
                    select(account_tellers.c.feed_id).where(
                        account_tellers.c.user_id == accounts.c.user_id,
                        account_tellers.c.account_id == accounts.c.id,
                    )
                ).label("is_joined"),
            )
            .join_from(
                accounts,
                account_sources,
                (account_sources.c.user_id == accounts.c.user_id)
                & (account_sources.c.account_id == accounts.c.id),
            )
            .outerjoin(
                ledger_feeds,
                (ledger_feeds.c.user_id == account_sources.c.user_id)
                & (ledger_feeds.c.feed_id == account_sources.c.feed_id),
            )
            .where(
                accounts.c.user_id == self.user_id,
                accounts.c.origin == AccountOrigin.CONNECTION,
            )
            .order_by(*_OLDEST_FIRST)
        )
        names: dict[Account, list[Naming]] = {}
        joined: set[AccountId] = set()
        for row in found.mappings():
            if row["is_joined"]:
                joined.add(AccountId(row["id"]))
            name = Naming(FeedId(row["feed_id"]), ExternalId(row["external_id"]), row["feed_ended"])
            names.setdefault(account_from_row(row), []).append(name)
        return [
            NamedAccount(account, tuple(those), account.id in joined)
            for account, those in names.items()
        ]

    @override
    async def recognising(self, feed_id: FeedId) -> Collection[AccountId]:
        found = await self.db.execute(
            select(account_sources.c.account_id).where(
                account_sources.c.user_id == self.user_id,
                account_sources.c.feed_id == feed_id,
                account_sources.c.recognise,
            )
        )
        return {AccountId(one) for one in found.scalars()}

    @override
    async def get(self, account_id: AccountId) -> Account:
        found = await self.db.execute(
            select(*ACCOUNT_COLUMNS)
            .where(accounts.c.user_id == self.user_id, accounts.c.id == account_id)
            .with_for_update()
        )
        row = found.mappings().first()
        if row is None:
            raise AccountNotFoundError(account_id)
        return account_from_row(row)

    @override
    async def lock_all(self) -> None:
        await self.db.execute(
            select(accounts.c.id)
            .where(accounts.c.user_id == self.user_id)
            .order_by(accounts.c.id)
            .with_for_update()
        )

    @override
    async def is_there(self, account_id: AccountId) -> bool:
        found = await self.db.execute(
            select(accounts.c.id).where(
                accounts.c.user_id == self.user_id, accounts.c.id == account_id
            )
        )
        return found.first() is not None

    @override
    async def with_number(self, number: str, currency: str) -> Sequence[Account]:
        found = await self.db.execute(
            select(*ACCOUNT_COLUMNS)
            .where(
                accounts.c.user_id == self.user_id,
                accounts.c.number == number,
                accounts.c.currency == currency,
            )
            .order_by(*_OLDEST_FIRST)
        )
        return [account_from_row(row) for row in found.mappings()]

    @override
    async def named(self, name: str, currency: str) -> Sequence[Account]:
        found = await self.db.execute(
            select(*ACCOUNT_COLUMNS)
            .where(
                accounts.c.user_id == self.user_id,
                accounts.c.name == name,
                accounts.c.currency == currency,
            )
            .order_by(*_OLDEST_FIRST)
        )
        return [account_from_row(row) for row in found.mappings()]

    @override
    async def feed_of(self, account_id: AccountId) -> AccountSource | None:
        found = await self.db.execute(
            select(account_sources.c.feed_id, account_sources.c.external_id)
            .where(
                account_sources.c.user_id == self.user_id,
                account_sources.c.account_id == account_id,
            )
            .order_by(account_sources.c.feed_id)
        )
        row = found.first()
        if row is None:
            return None
        return AccountSource(FeedId(row.feed_id), ExternalId(row.external_id), account_id)

    @override
    async def statements_of(self, account_id: AccountId) -> AccountSource | None:
        found = await self.db.execute(
            select(account_sources.c.feed_id, account_sources.c.external_id)
            .join_from(
                account_sources,
                feeds,
                (feeds.c.user_id == account_sources.c.user_id)
                & (feeds.c.id == account_sources.c.feed_id),
            )
            .where(
                account_sources.c.user_id == self.user_id,
                account_sources.c.account_id == account_id,
                feeds.c.kind == FeedKind.STATEMENT,
            )
            .order_by(account_sources.c.feed_id)
        )
        row = found.first()
        if row is None:
            return None
        return AccountSource(FeedId(row.feed_id), ExternalId(row.external_id), account_id)

    @override
    async def add(self, account: Account) -> None:
        row = account_to_row(account)
        balance = account.balance(0).minor
        await self.db.execute(insert(accounts).values(**row, balance_minor=balance))

    @override
    async def link(self, source: AccountSource) -> None:
        await self.db.execute(
            insert(account_sources).values(
                user_id=self.user_id,
                feed_id=source.feed_id,
                external_id=source.external_id,
                account_id=source.account_id,
                recognise=source.recognise,
            )
        )

    @override
    async def save(self, account: Account) -> None:
        balance = account.balance(await self._booked_after(account)).minor
        await self.db.execute(
            update(accounts)
            .where(accounts.c.user_id == self.user_id, accounts.c.id == account.id)
            .values(**account_to_row(account), balance_minor=balance)
        )

    async def _booked_after(self, account: Account) -> int:
        after = account.counts_after
        if after == date.max:
            return 0
        found = await self.db.execute(
            select(func.coalesce(func.sum(day_sums.c.net_minor), 0)).where(
                day_sums.c.user_id == self.user_id,
                day_sums.c.account_id == account.id,
                day_sums.c.currency == account.currency,
                *([] if after is None else [day_sums.c.day > after]),
            )
        )
        return int(found.scalar_one())

    @override
    async def remove(self, account_id: AccountId) -> None:
        mine = (entries.c.user_id == self.user_id) & (entries.c.account_id == account_id)
        await self.db.execute(
            delete(entry_parts).where(
                entry_parts.c.user_id == self.user_id,
                entry_parts.c.entry_id.in_(select(entries.c.id).where(mine)),
            )
        )
        await self.db.execute(delete(entries).where(mine))
        proofs = (account_statements, balance_readings, closed_months, late_changes)
        for table in (month_sums, day_sums, account_sources, *proofs, *_OF_JOINED):
            await self.db.execute(
                delete(table).where(
                    table.c.user_id == self.user_id, table.c.account_id == account_id
                )
            )
        await self.db.execute(
            delete(accounts).where(accounts.c.user_id == self.user_id, accounts.c.id == account_id)
        )
