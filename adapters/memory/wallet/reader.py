from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from typing_extensions import override

from adapters.memory.alive import ensure_alive
from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.database import MemoryDatabase
from adapters.memory.ledger.reading import pending_entries
from adapters.memory.ledger.rows import ACCOUNTS, DAY_SUMS, MONTH_SUMS, AccountRow
from application.shared.caller import Claims
from application.wallet.ports import (
    AccountHistory,
    Balances,
    MonthFlow,
    PendingFlow,
    WalletFigures,
    WalletReader,
)
from domain.ledger.account import Account
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryWalletReader(WalletReader):
    database: MemoryDatabase

    @override
    async def figures(self, claims: Claims, month: date, moves: Collection[str]) -> WalletFigures:
        ensure_alive(self.database, claims)
        person = claims.user_id
        links = self.database.tables.of(CONNECTIONS).values()
        synced = [one.synced_at for one in links if one.owner == person and one.synced_at]
        return WalletFigures(
            balances=self._balances(person),
            month=self._flows(person, month, month, moves),
            pending=self._pending(person),
            synced_at=max(synced, default=None),
        )

    @override
    async def flows(
        self, claims: Claims, first: date, last: date, moves: Collection[str]
    ) -> Sequence[MonthFlow]:
        ensure_alive(self.database, claims)
        return self._flows(claims.user_id, first, last, moves)

    @override
    async def histories(
        self, claims: Claims, after: date, *, monthly: bool
    ) -> Sequence[AccountHistory]:
        ensure_alive(self.database, claims)
        return [
            AccountHistory(
                row.account.id,
                row.account.currency,
                row.balance_minor,
                self._booked(row.account, after, monthly=monthly),
            )
            for row in self._accounts(claims.user_id)
        ]

    def _accounts(self, person: UserId) -> list[AccountRow]:
        rows = self.database.tables.of(ACCOUNTS).items()
        mine = [row for (owner, _), row in rows if owner == person]
        return sorted(mine, key=lambda row: (row.account.created_at, row.account.id))

    def _balances(self, person: UserId) -> list[Balances]:
        held: dict[str, list[int]] = {}
        for row in self._accounts(person):
            held.setdefault(row.account.currency, []).append(row.balance_minor)
        return [
            Balances(
                currency,
                sum(balance for balance in balances if balance > 0),
                sum(balance for balance in balances if balance < 0),
                len(balances),
            )
            for currency, balances in held.items()
        ]

    def _pending(self, person: UserId) -> list[PendingFlow]:
        amounts: dict[str, list[int]] = {}
        for entry in pending_entries(self.database, person):
            amounts.setdefault(entry.amount.currency, []).append(entry.amount.minor)
        return [
            PendingFlow(
                currency,
                sum(minor for minor in minors if minor > 0),
                sum(minor for minor in minors if minor < 0),
            )
            for currency, minors in amounts.items()
        ]

    def _flows(
        self, person: UserId, first: date, last: date, moves: Collection[str]
    ) -> list[MonthFlow]:
        flows: dict[tuple[date, str, str], tuple[int, int]] = {}
        for (owner, key), row in self.database.tables.of(MONTH_SUMS).items():
            wanted = owner == person and first <= key.month <= last and key.category not in moves
            if wanted and row.parts:
                group = (key.month, key.currency, key.category.partition(".")[0])
                had = flows.get(group, (0, 0))
                flows[group] = (had[0] + row.in_minor, had[1] + row.out_minor)
        return [MonthFlow(*group, *flow) for group, flow in sorted(flows.items())]

    def _booked(
        self, account: Account, after: date, *, monthly: bool
    ) -> Sequence[tuple[date, int]]:
        booked: dict[date, int] = {}
        for (_, key), net in self.database.tables.of(DAY_SUMS).items():
            mine = (key.account_id, key.currency) == (account.id, account.currency)
            if mine and key.day > after:
                period = key.day.replace(day=1) if monthly else key.day
                booked[period] = booked.get(period, 0) + net
        return list(booked.items())
