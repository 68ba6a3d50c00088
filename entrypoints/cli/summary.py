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
    month = summary["month"].removesuffix("-01")
    totals = Table("currency", title=f"Wallet, {month}", title_justify="left")
    for heading in ("balance", "assets", "debts", "income", "spending"):
        totals.add_column(heading, justify="right")
    for one in summary["currencies"]:
        figures = ("balance", "assets", "debts", "income", "spending")
        totals.add_row(one["currency"], *(number(one[name]) for name in figures))
    return Group(Text(), listed, Text(), totals, Text())


def money(amount: Mapping[str, str]) -> str:
    return f"{number(amount)} {amount['currency']}"


def number(amount: Mapping[str, str]) -> str:
    """`-1 234.50`: thousands apart, as read in most of Europe."""
    whole, point, fraction = amount["amount"].partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{fraction}".replace(",", " ")
