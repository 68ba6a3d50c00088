"""How far an update under way has come, as it is kept beside its pages."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Final, Self

from application.shared.feeds import FeedPage
from domain.shared.ids import ExternalId
from domain.shared.observations import Observations, TransactionGone

_LEFT_OUT_MAX: Final = 1_000


@dataclass(frozen=True, slots=True)
class SyncProgress:
    wanted: int
    """The wishes that this update serves: those that were there before it began."""
    position: str | None = None
    """How to ask the provider for the next page."""
    accounts: int = 0
    transactions: int = 0
    gone: int = 0
    lists_all_pending: bool = False
    afresh: bool = False
    """Read from the beginning, not from the cursor: something older has changed."""
    taken_back: tuple[tuple[str | None, str], ...] = ()
    """Transactions, by account and name, that the provider says are gone. One that it lists all
    the same is there."""
    left_out: tuple[str, ...] = ()
    """What the provider said and cannot be kept here, each once."""
    shown: tuple[str, ...] = ()
    """The accounts that were counted: a provider may show the same ones on every page."""

    @property
    def says_something(self) -> bool:
        """An empty list of everything that is pending says something, too."""
        return bool(
            self.accounts
            or self.transactions
            or self.gone
            or self.lists_all_pending
            or self.taken_back
        )

    def after(self, pages: Sequence[FeedPage], position: str | None) -> Self:
        seen = [page.observations for page in pages]
        listed = _listed(seen) if self.taken_back else frozenset()
        named = dict.fromkeys(str(one.id) for page in seen for one in page.accounts)
        new = tuple(one for one in named if one not in self.shown)
        return replace(
            self,
            position=position,
            accounts=self.accounts + len(new),
            shown=(*self.shown, *new),
            transactions=self.transactions + sum(len(one.transactions) for one in seen),
            gone=self.gone + sum(len(one.gone) for one in seen),
            lists_all_pending=self.lists_all_pending or any(s.lists_all_pending for s in seen),
            taken_back=tuple(one for one in self.taken_back if one[1] not in listed),
        )

    def without(self, left_out: Sequence[str]) -> Self:
        if not left_out:
            return self
        # A provider that says nothing else must not fill the row that this is kept in.
        named = tuple(dict.fromkeys((*self.left_out, *left_out)))[:_LEFT_OUT_MAX]
        return replace(self, left_out=named)

    def last_words(self) -> FeedPage | None:
        """What is to be said after everything the provider has listed."""
        gone = tuple(
            TransactionGone(None if account is None else ExternalId(account), ExternalId(name))
            for account, name in self.taken_back
        )
        return FeedPage(b"", Observations(gone=gone)) if gone else None

    def to_text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def progress_from(text: str | None) -> SyncProgress | None:
    """What an earlier run has left; None when nothing was kept yet, or it cannot be understood."""
    if text is None:
        return None
    try:
        found = SyncProgress(**json.loads(text))
        back = tuple((a, b) for a, b in found.taken_back)
        return replace(
            found, taken_back=back, shown=tuple(found.shown), left_out=tuple(found.left_out)
        )
    except (ValueError, TypeError):
        return None  # written by another version of Daler: begin afresh


def _listed(seen: Sequence[Observations]) -> frozenset[str]:
    return frozenset(one.id for page in seen for one in page.transactions)
