"""A wallet as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group
from rich.table import Table
from rich.text import Text


def summary_table(summary: Mapping[str, Any], accounts: Sequence[Mapping[str, Any]]) -> Group:
    listed = Table("account", "kind", "from", title="Accounts", title_justify="left")
    listed.add_column("balance", justify="right")
    for account in accounts:
        listed.add_row(
            account["name"],
            account["kind"],
            account["institution"] or account["origin"],
            money(account["balance"]),
        )
    totals = Table("currency", title="Wallet", title_justify="left")
    for heading in ("total", "assets", "debts", "in this month", "out this month"):
        totals.add_column(heading, justify="right")
    for one in summary["currencies"]:
        month = one["this_month"]
        totals.add_row(
            one["total"]["currency"],
            *(money(one[name]) for name in ("total", "assets", "debts")),
            money(month["income"]),
            money(month["spending"]),
        )
    return Group(Text(), listed, Text(), totals, Text())


def money(amount: Mapping[str, str]) -> str:
    whole, point, fraction = amount["amount"].partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{fraction} {amount['currency']}".replace(",", " ")
