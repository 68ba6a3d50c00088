"""Understand a feed's next update: the step from what was said to what is so."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from application.ledger.jobs import ApplyFeedJob
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import UpdateId
from application.shared.jobs import Lease
from domain.ledger.account import Account, AccountOrigin, AccountSource, Anchor
from domain.ledger.matching import (
    Known,
    OpenPending,
    Plan,
    entries_needed,
    expiring,
    names_on,
    plan_page,
)
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import AccountSeen, EntryStatus, Observations

BATCH: Final = 2_000
"""Observations planned at once: enough to make one statement of many rows, and flat in memory."""


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What the update did; all zero when it was not its turn."""

    number: int | None
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class ApplyFeed:
    """Apply the next complete update of a feed, in one transaction, and enqueue its successor.

    Updates are applied strictly in number order and each exactly once: the feed's row is locked
    from reading what is known until the commit. Safe to run twice, late, or in any order.
    """

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, job: ApplyFeedJob, lease: Lease) -> ApplyReport:
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            number = await tx.feeds.lock(job.feed_id) + 1
            update = await tx.received.find(job.feed_id, number)
            report = ApplyReport(None)
            if update is not None:
                report = await self._apply(tx, job, number, update)
                if await tx.received.find(job.feed_id, number + 1) is not None:
                    await tx.jobs.enqueue(
                        ApplyFeedJob(user_id=job.user_id, feed_id=job.feed_id, number=number + 1)
                    )
            await tx.jobs.finish(lease)
            await tx.commit()
        return report

    async def _apply(
        self, tx: LedgerTx, job: ApplyFeedJob, number: int, update: UpdateId
    ) -> ApplyReport:
        work = _Work(tx, job, self.clock, self.ids, await tx.accounts.of_feed(job.feed_id))
        work.pendings = await _unlisted(tx, job.feed_id, update)
        async for page in _batched(tx.received.pages(update)):
            await work.page(page)
        await work.end()
        await tx.feeds.applied(job.feed_id, number)
        if work.revision is not None:
            await self._tell(work, number)
        return ApplyReport(number, work.added, work.changed, work.removed, work.unchanged)

    async def _tell(self, work: "_Work", number: int) -> None:
        assert work.revision is not None  # noqa: S101 - the caller looked
        touched = tuple(sorted(work.touched))
        await work.tx.revisions.record(
            LedgerChange(
                revision=work.revision,
                cause="feed",
                feed_id=work.job.feed_id,
                update=number,
                accounts=touched,
                added=work.added,
                changed=work.changed,
                removed=work.removed,
            )
        )
        await work.tx.outbox.append(
            LedgerChanged(work.job.user_id, work.revision - 1, work.revision, touched)
        )


@dataclass(slots=True)
class _Work:
    """One update under way, inside its transaction."""

    tx: LedgerTx
    job: ApplyFeedJob
    clock: Clock
    ids: NewIds
    known_accounts: Mapping[ExternalId, Account]
    accounts: dict[ExternalId, Account] = field(default_factory=dict)
    pendings: dict[ExternalId, OpenPending] = field(default_factory=dict)
    touched: set[AccountId] = field(default_factory=set)
    revision: int | None = None
    lists_all_pending: bool = False
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __post_init__(self) -> None:
        self.accounts = dict(self.known_accounts)

    async def page(self, page: Observations) -> None:
        self.lists_all_pending |= page.lists_all_pending
        for seen in page.accounts:
            await self._account(seen)
        names = names_on(page)
        sources = await self.tx.entries.sources(self.job.feed_id, names) if names else {}
        needed = entries_needed(page, sources)
        entries = await self.tx.entries.load(needed) if needed else {}
        plan = plan_page(
            self.job.feed_id,
            page,
            {name: account.id for name, account in self.accounts.items()},
            Known(sources, entries),
            self.pendings,
            (EntryId(one) for one in self.ids.many(len(page.transactions))),
        )
        await self._write(plan)

    async def _write(self, plan: Plan) -> None:
        self.unchanged += plan.unchanged
        if not plan.writes:
            return
        for gone in plan.superseded:
            self.pendings.pop(gone.external_id, None)
        self.added += len(plan.added)
        self.changed += len(plan.changed) - plan.removed
        self.removed += plan.removed
        if plan.added or plan.changed:
            self.touched.update(entry.account_id for entry in plan.changed.values())
            self.touched.update({entry.account_id for entry in plan.added.values()})
        await self.tx.entries.write(plan, await self._revision())
        await self.tx.sums.apply(plan.sums)

    async def _account(self, seen: AccountSeen) -> None:
        known = self.accounts.get(seen.id)
        if known is None:
            known = Account(
                id=AccountId(self.ids.one()),
                owner=self.job.user_id,
                name=seen.name,
                kind=seen.kind,
                currency=seen.currency,
                origin=AccountOrigin.CONNECTION,
                number=seen.number,
                institution=seen.institution,
                anchor=Anchor.of(seen.balance) if seen.balance else None,
                created_at=self.clock.now(),
            )
            await self.tx.accounts.add(known)
            await self.tx.accounts.link(AccountSource(self.job.feed_id, seen.id, known.id))
            self.accounts[seen.id] = known
            self.touched.add(known.id)
            await self._revision()
            return
        now = known.seen(seen)
        if now != known:
            self.accounts[seen.id] = now
            self.touched.add(now.id)
            await self._revision()

    async def end(self) -> None:
        """Void what nothing was booked for, and bring the touched accounts' balances up to date."""
        if self.lists_all_pending and self.pendings:
            plan = Plan()
            for entry in expiring(self.pendings.values(), self.clock.now().date()):
                plan.changed[entry.id] = entry
            plan.removed = len(plan.changed)
            if plan.changed:
                await self._write_expired(plan)
        for account in sorted(self.accounts.values(), key=lambda account: account.id):
            if account.id in self.touched:
                await self.tx.accounts.save(account)

    async def _write_expired(self, plan: Plan) -> None:
        self.removed += plan.removed
        await self.tx.entries.write(plan, await self._revision())

    async def _revision(self) -> int:
        if self.revision is None:
            self.revision = await self.tx.revisions.next()
        return self.revision


async def _unlisted(
    tx: LedgerTx, feed_id: FeedId, update: UpdateId
) -> dict[ExternalId, OpenPending]:
    """Pending entries that the update, which lists all there are, does not list any more.

    The pages are read once for this, and only when something is pending: never at a first sync.
    """
    pendings = {one.external_id: one for one in await tx.entries.pendings(feed_id)}
    if not pendings:
        return {}
    lists_all = False
    async for page in tx.received.pages(update):
        lists_all |= page.lists_all_pending
        for seen in page.transactions:
            if seen.status is EntryStatus.PENDING or seen.id in pendings:
                pendings.pop(seen.id, None)
    return pendings if lists_all else {}


async def _batched(pages: AsyncIterator[Observations]) -> AsyncIterator[Observations]:
    """Join small pages; a page is never cut, and what is gone stays behind what was seen."""
    batch: list[Observations] = []
    size = 0
    async for page in pages:
        batch.append(page)
        size += len(page.transactions) + len(page.gone)
        # A name taken back and given again, or the other way round, needs its order.
        if size >= BATCH or page.gone:
            yield _joined(batch)
            batch, size = [], 0
    if batch:
        yield _joined(batch)


def _joined(pages: list[Observations]) -> Observations:
    if len(pages) == 1:
        return pages[0]
    return Observations(
        accounts=tuple(seen for page in pages for seen in page.accounts),
        transactions=tuple(seen for page in pages for seen in page.transactions),
        gone=tuple(gone for page in pages for gone in page.gone),
        lists_all_pending=any(page.lists_all_pending for page in pages),
    )
