"""What an update says of closed months: set aside before it is written, and kept."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import LedgerTx
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.entry import Entry
from domain.ledger.matching.facts import Known, OpenPending
from domain.ledger.matching.plan import Plan
from domain.ledger.proofs.late import LateEntry, change_of, late_in, without
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.promises import Reading, day_before
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import Observations


@dataclass(slots=True)
class InTime:
    """Closed months as one update meets them. Accounts are locked, so none is closed meanwhile.

    An update that changes nothing asks nothing; others ask once for each account.
    """

    aside: int = 0
    """Transactions whose news waits."""
    _waiting: set[ExternalId] | None = None
    _asked: set[AccountId] = field(default_factory=set)
    _closed: set[AccountMonth] = field(default_factory=set)

    async def hear(self, tx: LedgerTx, job: ApplyFeedJob, names: Collection[ExternalId]) -> None:
        """A newer word takes the place of one that waits, whatever comes of it."""
        if self._waiting is None:
            self._waiting = {one.name for one in await tx.proofs.late_of(job.feed_id)}
        again = self._waiting.intersection(names)
        if again:
            await tx.proofs.overtaken(job.feed_id, again, job.number)
            self._waiting -= again

    async def late(
        self,
        tx: LedgerTx,
        plan: Plan,
        page: Observations,
        known: Known,
        pendings: Mapping[ExternalId, OpenPending],
    ) -> list[LateEntry]:
        """What of the plan comes too late: nearly always nothing."""
        accounts = {key.account_id for key, net in plan.sums.days.items() if net} - self._asked
        if accounts:
            self._asked |= accounts
            self._closed |= {one.which for one in await tx.proofs.closed_on(accounts)}
        if not self._closed:
            return []
        befores = _befores(known, pendings)
        found = late_in(plan, page, known.sources, befores, self._closed)
        return [one for one in found if one.names]

    async def set_aside(
        self, tx: LedgerTx, job: ApplyFeedJob, page: Observations, late: Iterable[LateEntry]
    ) -> Observations:
        """The page without them; what they would have done is kept."""
        names: set[ExternalId] = set()
        for one in late:
            known = () if one.before is None else (one.after.id,)
            changes = change_of(one, job.feed_id, job.number, known)
            await tx.proofs.set_aside(changes)
            names.update(one.names)
            self._waiting = (self._waiting or set()) | {change.name for change in changes}
            self.aside += 1
        return without(page, names)


@dataclass(slots=True)
class AnyTime(InTime):
    """In a replay nothing comes too late: what waits is left out of the pages beforehand."""

    @override
    async def hear(self, tx: LedgerTx, job: ApplyFeedJob, names: Collection[ExternalId]) -> None:
        """Nothing that waits is overtaken."""

    @override
    async def late(
        self,
        tx: LedgerTx,
        plan: Plan,
        page: Observations,
        known: Known,
        pendings: Mapping[ExternalId, OpenPending],
    ) -> list[LateEntry]:
        return []


def _befores(known: Known, pendings: Mapping[ExternalId, OpenPending]) -> dict[EntryId, Entry]:
    befores = {one.entry.id: one.entry for one in pendings.values()}
    befores |= {one.id: one for one in known.nameless}
    return befores | dict(known.entries)


async def keep_readings(
    tx: LedgerTx,
    job: ApplyFeedJob,
    met: Mapping[AccountId, Account],
    now: Mapping[AccountId, Account],
) -> None:
    """Keep what the bank says of balances, put at the end of a day that was over by then.

    Call it after the sums are written: what the update told of later days is taken out again.
    """
    for account_id, account in sorted(now.items()):
        anchor, before = account.anchor, met.get(account_id)
        same = before is not None and before.anchor == anchor
        if anchor is None or same or account.origin is not AccountOrigin.CONNECTION:
            continue
        day = day_before(anchor.as_of)
        since = await tx.proofs.booked_after(account, day)
        amount = Money(anchor.booked.minor - since, account.currency)
        await tx.proofs.read(Reading(account_id, job.feed_id, day, amount, anchor.as_of))
