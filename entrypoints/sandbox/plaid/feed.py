"""Reading a person's log of changes as one Item may see it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from entrypoints.sandbox.life.calendar import local_day
from entrypoints.sandbox.life.history import History
from entrypoints.sandbox.life.rows import Kind, Row
from entrypoints.sandbox.plaid.errors import refusal
from entrypoints.sandbox.state import Item
from entrypoints.sandbox.tokens import Names

DAYS_MAX = 730


@dataclass(frozen=True, slots=True)
class Span:
    """A loop over the log: from where it began, where it is, where it must end."""

    start: int
    at: int
    end: int


@dataclass(slots=True)
class Page:
    added: list[Row] = field(default_factory=list)
    modified: list[Row] = field(default_factory=list)
    removed: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class View:
    """An Item, the history behind it, and the names it has for things."""

    item_id: str
    item: Item
    history: History
    names: Names

    def account_ids(self) -> list[str]:
        return [self.names.mixed_case("account", i) for i in range(len(self.history.accounts))]

    def filter(self, account_id: str) -> Callable[[Row], bool]:
        """Which rows the Item may see: one account's, and no further back than it asked for."""
        horizon = ""
        # Who asked for the most gets all there is, however long the bank has been open.
        if self.item.days_requested < DAYS_MAX:
            created = local_day(self.item.created_ms)
            horizon = str(created - timedelta(days=self.item.days_requested))
        if not account_id:
            return lambda row: row.booked_on >= horizon
        ids = self.account_ids()
        if account_id not in ids:
            message = "failed to find requested account ID for requested item"
            raise refusal("INVALID_INPUT", "INVALID_ACCOUNT_ID", message)
        index = ids.index(account_id)
        return lambda row: row.account == index and row.booked_on >= horizon


def page_of(
    history: History, span: Span, count: int, keep: Callable[[Row], bool]
) -> tuple[Page, int]:
    """The next `count` updates of a loop, and the position after them."""
    page, left, at, log = Page(), count, span.at, history.log
    while at < span.end:
        kind, row = log[at]
        told = _tells(kind, row, at, span.start) and keep(row)
        if told and not left:
            break
        at += 1
        if told:
            left -= 1
            _listed(page, kind).append(row)
    return page, at


def _tells(kind: Kind, row: Row, at: int, start: int) -> bool:
    if kind is Kind.ADD:
        return row.gone < 0
    if kind is Kind.DROP:
        return row.born < start
    return row.gone < 0 and row.born < start and row.changed == at


def _listed(page: Page, kind: Kind) -> list[Row]:
    match kind:
        case Kind.ADD:
            return page.added
        case Kind.AMEND:
            return page.modified
        case Kind.DROP:
            return page.removed
