"""Statements of the transactions list: one per set of filters, so that each has its own plan."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

from adapters.postgres.as_caller import PARAMETERS, as_caller
from application.ledger.reading import Position, TransactionFilter

COLUMNS: Final = """
    id, account_id, status, amount_minor, currency, booked_on, value_on, text, counterparty,
    category, note, is_split, version, transfer_id, transfer_entry_id, transfer_account_id
"""
_CATEGORY: Final = """
    case when is_split then exists (
        select from entry_parts part
        where part.user_id = entries.user_id and part.entry_id = entries.id
            and part.category like {0})
    else category like {0} end
"""
_TEXT: Final = "(text ilike {0} or counterparty ilike {0} or note ilike {0})"

_CONDITIONS: Final[Mapping[str, tuple[str, Callable[[Any], object]]]] = {
    "account_id": ("account_id = {0}", lambda value: value),
    "category": (_CATEGORY, lambda value: value if "." in value else f"{value}.%"),
    "booked_from": ("booked_on >= {0}", lambda value: value),
    "booked_to": ("booked_on <= {0}", lambda value: value),
    "currency": ("currency = {0}", lambda value: value),
    "minimum": ("amount_minor >= {0}", lambda value: value.minor),
    "maximum": ("amount_minor <= {0}", lambda value: value.minor),
    "text": (_TEXT, lambda value: f"%{_literally(value)}%"),
    "status": ("status = {0}", lambda value: value.value),
}
"""By field of TransactionFilter: the condition, and its parameter."""


def page_statement(
    wanted: TransactionFilter, after: Position | None, limit: int
) -> tuple[str, list[object]]:
    """The statement of this set of filters, and its parameters."""
    if wanted == _EVERYTHING:
        names: tuple[str, ...] = ()
    else:
        names = tuple(name for name in _CONDITIONS if getattr(wanted, name) is not None)
    parameters = [_CONDITIONS[name][1](getattr(wanted, name)) for name in names]
    if after is not None:
        parameters += (after.booked_on, after.id)
    return _statement(names, after is not None, limit), parameters


@lru_cache(512)  # no more shapes than that are asked for in earnest
def _statement(names: tuple[str, ...], further: bool, limit: int) -> str:  # noqa: FBT001 - a key
    number = PARAMETERS + 1
    conditions = []
    for name in names:
        conditions.append("and " + _CONDITIONS[name][0].format(f"${number}"))
        number += 1
    if further:
        conditions.append(f"and (booked_on, id) < (${number}, ${number + 1})")
    # The limit is spelled out: as a parameter it would make PostgreSQL plan anew every time,
    # because it takes an unknown limit for a tenth of everything.
    return as_caller(f"""
        select {COLUMNS} from entries
        where user_id = me.id and removed is null {" ".join(conditions)}
        order by booked_on desc, id desc limit {limit:d}
    """)  # noqa: S608 - put together from the words above


def _literally(text: str) -> str:
    """Text whose characters mean themselves in LIKE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


_EVERYTHING: Final = TransactionFilter()
