"""How far an update under way has come, as it is kept beside its pages."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Self

from application.shared.feeds import FeedPage


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

    @property
    def says_something(self) -> bool:
        """An empty list of everything that is pending says something, too."""
        return bool(self.accounts or self.transactions or self.gone or self.lists_all_pending)

    def after(self, pages: Sequence[FeedPage], position: str | None) -> Self:
        seen = [page.observations for page in pages]
        return replace(
            self,
            position=position,
            accounts=self.accounts + sum(len(one.accounts) for one in seen),
            transactions=self.transactions + sum(len(one.transactions) for one in seen),
            gone=self.gone + sum(len(one.gone) for one in seen),
            lists_all_pending=self.lists_all_pending or any(s.lists_all_pending for s in seen),
        )

    def to_text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def progress_from(text: str | None) -> SyncProgress | None:
    """What an earlier run has left; None when nothing was kept yet, or it cannot be understood."""
    if text is None:
        return None
    try:
        return SyncProgress(**json.loads(text))
    except (ValueError, TypeError):
        return None  # written by another version of Daler: begin afresh
