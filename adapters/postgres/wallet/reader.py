from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final

from typing_extensions import override

from adapters.postgres.as_caller import as_caller, fetch_as
from adapters.postgres.database import Database
from adapters.postgres.ledger.under_way import UNDER_WAY
from application.shared.caller import Claims
from application.wallet.ports import (
    AccountHistory,
    Balances,
    MonthFlow,
    PendingFlow,
    WalletFigures,
    WalletReader,
)

_FIGURES: Final = as_caller(f"""
    select 'balance' as kind, currency, null as grouping,
        sum(greatest(balance_minor, 0))::bigint as plus,
        sum(least(balance_minor, 0))::bigint as minus,
        count(*) as number, null::timestamptz as at
    from accounts where user_id = me.id group by currency
    union all
    select 'flow', currency, split_part(category, '.', 1),
        sum(in_minor)::bigint, sum(out_minor)::bigint, 0, null
    from month_sums where user_id = me.id and month = $4 and category <> all($5::text[])
    group by currency, split_part(category, '.', 1) having sum(parts) > 0
    union all
    select 'pending', currency, null,
        sum(greatest(amount_minor, 0))::bigint, sum(least(amount_minor, 0))::bigint, 0, null
    from entries where user_id = me.id and {UNDER_WAY}
    group by currency
    union all
    select 'synced', null, null, 0, 0, 0, max(synced_at) from connections where user_id = me.id
""")  # noqa: S608 - words of ours
_FLOWS: Final = as_caller("""
    select month, currency, split_part(category, '.', 1) as grouping,
        sum(in_minor)::bigint as plus, sum(out_minor)::bigint as minus
    from month_sums
    where user_id = me.id and month between $4 and $5 and category <> all($6::text[])
    group by month, currency, split_part(category, '.', 1) having sum(parts) > 0
    order by month, currency, grouping
""")
_HISTORIES: Final = """
    select account.id, account.currency, account.balance_minor, booked.period, booked.net
    from accounts account
    left join lateral (
        select {period} as period, sum(net_minor)::bigint as net
        from day_sums
        where user_id = account.user_id and account_id = account.id and day > $4
            and currency = account.currency
        group by 1) booked on true
    where account.user_id = me.id
    order by account.created_at, account.id
"""
_BY_DAY: Final = as_caller(_HISTORIES.format(period="day"))
_BY_MONTH: Final = as_caller(_HISTORIES.format(period="day - (extract(day from day)::int - 1)"))


@dataclass(frozen=True, slots=True)
class PostgresWalletReader(WalletReader):
    database: Database

    @override
    async def figures(self, claims: Claims, month: date, moves: Collection[str]) -> WalletFigures:
        rows = await fetch_as(self.database, claims, _FIGURES, month, list(moves))
        balances: list[Balances] = []
        flows: list[MonthFlow] = []
        pending: list[PendingFlow] = []
        synced_at: datetime | None = None
        for _, kind, currency, group, plus, minus, number, at in rows:
            match kind:
                case "balance":
                    balances.append(Balances(currency, plus, minus, number))
                case "flow":
                    flows.append(MonthFlow(month, currency, group, plus, minus))
                case "pending":
                    pending.append(PendingFlow(currency, plus, minus))
                case _:
                    synced_at = at
        return WalletFigures(balances, flows, pending, synced_at)

    @override
    async def flows(
        self, claims: Claims, first: date, last: date, moves: Collection[str]
    ) -> Sequence[MonthFlow]:
        rows = await fetch_as(self.database, claims, _FLOWS, first, last, list(moves))
        return [MonthFlow(*row[1:]) for row in map(tuple, rows)]

    @override
    async def histories(
        self, claims: Claims, after: date, *, monthly: bool
    ) -> Sequence[AccountHistory]:
        rows = await fetch_as(self.database, claims, _BY_MONTH if monthly else _BY_DAY, after)
        return [
            AccountHistory(
                account_id,
                currency,
                balance,
                [(row["period"], row["net"]) for row in booked if row["period"] is not None],
            )
            for (account_id, currency, balance), booked in groupby(
                rows, lambda row: (row["id"], row["currency"], row["balance_minor"])
            )
        ]
