"""What an update says of closed months: set aside before it is written, and kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from typing_extensions import override

from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import LedgerTx
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.entry import Entry
from domain.ledger.matching.facts import Known, OpenPending
from domain.ledger.matching.names import names_on
from domain.ledger.matching.plan import Plan
from domain.ledger.proofs.late import LateChange, LateEntry, change_of, late_in, without
from domain.ledger.proofs.months import AccountMonth
from domain.ledger.proofs.promises import Reading, day_before
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations


@dataclass(slots=True)
class InTime:
    """Closed months as one update meets them. Accounts are locked, so none is closed meanwhile.

    An update that changes nothing asks nothing; others ask once for each account.
    """

    aside: int = 0
    """Transactions whose news waits."""
    _waiting: dict[ExternalId, bool] | None = None
    """Names whose words wait, and whether the feed has taken them back by that."""
    _heard: set[ExternalId] = field(default_factory=set)
    """Those of them that this page says something new of."""
    _asked: set[AccountId] = field(default_factory=set)
    _closed: set[AccountMonth] = field(default_factory=set)

    async def hear(self, tx: LedgerTx, job: ApplyFeedJob, page: Observations) -> Observations:
        """What is to be looked at of the page; a newer word takes the place of one that waits.

        Only what was taken back and is given again as pending is no word of its own: a booked
        entry does not fall back to pending unless it was taken back. So that goes on waiting.
        """
        if self._waiting is None:
            self._waiting = _taken_back(await tx.proofs.late_of(job.feed_id))
        again = self._waiting.keys() & names_on(page)
        if not again:
            return page
        held = {
            one.id
            for one in page.transactions
            if one.status is EntryStatus.PENDING and self._waiting.get(one.id)
        }
        if held:
            await tx.proofs.go_on_waiting(job.feed_id, held, job.number)
        self._heard = again - held
        return without(page, held)

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
        self,
        tx: LedgerTx,
        job: ApplyFeedJob,
        page: Observations,
        late: Iterable[LateEntry],
        pendings: dict[ExternalId, OpenPending],
    ) -> Observations:
        """The page without them; what they would have done is kept.

        What is pending and has its booking waiting is not free for another one any more.
        """
        names: set[ExternalId] = set()
        for one in late:
            known = () if one.before is None else (one.after.id,)
            changes = change_of(one, job.feed_id, job.number, known)
            await tx.proofs.set_aside(changes)
            names.update(one.names)
            self._heard -= {change.name for change in changes}
            self._waiting = (self._waiting or {}) | _taken_back(changes)
            self.let_wait(changes, pendings)
            self.aside += 1
        return without(page, names)

    async def judged(self, tx: LedgerTx, job: ApplyFeedJob) -> None:
        """What was heard anew and is followed: the words that waited are of the past."""
        if self._heard:
            await tx.proofs.overtaken(job.feed_id, self._heard, job.number)
            self._waiting = {n: w for n, w in (self._waiting or {}).items() if n not in self._heard}
            self._heard = set()

    def let_wait(
        self, changes: Iterable[LateChange], pendings: dict[ExternalId, OpenPending]
    ) -> None:
        """Take out of `pendings` what these would book."""
        booked = {one.entry_id for one in changes}
        for name in [name for name, held in pendings.items() if held.entry.id in booked]:
            del pendings[name]


@dataclass(slots=True)
class AnyTime(InTime):
    """In a replay nothing comes too late: what waits is left out of the pages beforehand."""

    @override
    async def hear(self, tx: LedgerTx, job: ApplyFeedJob, page: Observations) -> Observations:
        return page

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


def _taken_back(waiting: Iterable[LateChange]) -> dict[ExternalId, bool]:
    words: dict[ExternalId, bool] = {}
    for one in waiting:
        words[one.name] = words.get(one.name, False) or (one.shown and one.after is None)
    return words


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
