"""What a statement file tells otherwise than those before it: asked about once it is applied."""

import asyncio
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Self

from application.ledger.links import NamedEntry
from application.ledger.ports import LedgerTx
from application.ledger.suggestions import SuggestionState
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.matching.facts import Suggested
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.two_files import Doubt, told_otherwise
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus, Observations

_DAYS_AT_ONCE: Final = 62
"""Of a long file, so many days are looked at together: memory stays flat."""
_WORTH_A_THREAD: Final = 500
"""Entries: others want the event loop, too."""
_DAY: Final = timedelta(days=1)


@dataclass(slots=True)
class TwoFiles:
    """One file under way, on accounts that there are files of already and nothing else tells of.

    Of joined accounts all feeds together say what is one; nothing is asked here.
    """

    feed_id: FeedId
    accounts: Container[AccountId]
    names: set[ExternalId] = field(default_factory=set)
    """All that the file tells."""
    span: tuple[date, date] | None = None
    """The first and the last day that it tells of."""
    fresh: dict[AccountId, set[EntryId]] = field(default_factory=dict)
    """What no file before it has told."""
    days: dict[AccountId, set[date]] = field(default_factory=dict)
    """Of what is fresh."""

    @classmethod
    def of(
        cls,
        feed_id: FeedId,
        number: int,
        met: Mapping[AccountId, Account],
        joined: Mapping[AccountId, object],
    ) -> Self | None:
        """`number`: of the update. None: this is no file, or the first of its account."""
        if number == 1:
            return None
        files = {
            account_id
            for account_id, account in met.items()
            if account.origin is not AccountOrigin.CONNECTION and account_id not in joined
        }
        return cls(feed_id, files) if files else None

    def hear(self, page: Observations) -> None:
        self.names.update(seen.id for seen in page.transactions)
        days = [one.booked_on for one in page.transactions if one.status is EntryStatus.BOOKED]
        if days:
            known = self.span or (days[0], days[0])
            self.span = min(known[0], *days), max(known[1], *days)

    def covers(self, day: date) -> bool:
        return self.span is not None and self.span[0] <= day <= self.span[1]

    def note(self, plan: Plan) -> None:
        for entry in plan.added.values():
            if entry.account_id in self.accounts and entry.status is EntryStatus.BOOKED:
                self.fresh.setdefault(entry.account_id, set()).add(entry.id)
                self.days.setdefault(entry.account_id, set()).add(entry.booked_on)

    async def ask(self, tx: LedgerTx, now: datetime) -> None:
        """Once all of the file is written."""
        await self._settle(tx, now)
        for account_id, days in sorted(self.days.items()):
            for some in _together(days):
                around = {day + _DAY * by for day in some for by in (-1, 0, 1)}
                there = await tx.links.booked_on(self.feed_id, account_id, around)
                doubts = await self._weigh(there, self.fresh[account_id], some)
                if doubts:
                    await tx.suggestions.add(doubts)

    async def _settle(self, tx: LedgerTx, now: datetime) -> None:
        """Nobody need say any more whether those are one that this file tells side by side."""
        for one in await tx.suggestions.between_files(self.feed_id):
            if {one.what.pending_name, one.what.booked_name} <= self.names:
                await tx.suggestions.save(one.decided(SuggestionState.DISMISSED, now))

    async def _weigh(
        self, there: Sequence[NamedEntry], fresh: Container[EntryId], days: Container[date]
    ) -> list[Suggested]:
        if len(there) < _WORTH_A_THREAD:
            return self._doubts(there, fresh, days)
        return await asyncio.to_thread(self._doubts, there, fresh, days)

    def _doubts(
        self, there: Sequence[NamedEntry], fresh: Container[EntryId], days: Container[date]
    ) -> list[Suggested]:
        known = [
            one
            for one in there
            if self.covers(one.entry.booked_on) and self.names.isdisjoint(one.names)
        ]
        now = [one for one in there if one.entry.id in fresh and one.entry.booked_on in days]
        name = {one.entry.id: min(one.names) for one in (*known, *now)}
        doubts = told_otherwise([one.entry for one in known], [one.entry for one in now])
        return [self._suggested(one, name) for one in doubts]

    def _suggested(self, doubt: Doubt, name: Mapping[EntryId, ExternalId]) -> Suggested:
        return Suggested(
            feed_id=self.feed_id,
            pending_name=name[doubt.known.id],
            pending=doubt.known.id,
            booked_name=name[doubt.now.id],
            booked=doubt.now.id,
            confidence=doubt.confidence,
            evidence=doubt.evidence,
        )


def _together(days: set[date]) -> Iterator[Sequence[date]]:
    ordered = sorted(days)
    for at in range(0, len(ordered), _DAYS_AT_ONCE):
        yield ordered[at : at + _DAYS_AT_ONCE]
