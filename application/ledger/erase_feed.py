from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from application.ledger.expire_holds import expire_later
from application.ledger.jobs import EraseFeedJob
from application.ledger.one_account.forget import Forgetting
from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.ledger.proofs.follow_soon import follow_soon
from application.ledger.proofs.guard import closed_in
from application.ledger.proofs.reopen_month import open_again
from application.shared.clock import Clock
from application.shared.jobs import Lease
from application.shared.receipts import Line, Part, Why, deleted, kept
from domain.ledger.account import Account
from domain.ledger.proofs.closing import ReopenedFor
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, EntryId, FeedId


@dataclass(frozen=True, slots=True)
class EraseReport:
    accounts: int
    entries: int = 0
    """Of accounts that stay, because other connections have told of them, too."""


@dataclass(frozen=True, slots=True)
class EraseFeed:
    """React to the end of a connection: keep what it brought, or forget all of it."""

    begin: BeginLedgerTx
    clock: Clock

    async def __call__(self, job: EraseFeedJob, lease: Lease) -> EraseReport:
        report = EraseReport(0)
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            # Nothing may be applied to the feed while its accounts disappear, or become free.
            await tx.feeds.lock(job.feed_id)
            # The accounts before their entries, as when a person edits one (no deadlocks).
            named = await tx.accounts.of_feed(job.feed_id)
            accounts = {one.id: one for one in named.values()}
            if job.erase:
                report, lines = await _erase(tx, job, accounts)
            else:
                told = await tx.holdings.told(job.feed_id)
                lines = kept(Why.NOT_ASKED, accounts=len(accounts), entries=told)
                await tx.feeds.end(job.feed_id)
                await expire_later(tx, self.clock, job.user_id, job.feed_id)
            # In the transaction that deletes: what the receipt says has happened.
            await tx.receipts.fill(job.connection_id, Part.LEDGER, lines)
            await tx.jobs.finish(lease)
            await tx.commit()
        return report


async def _erase(
    tx: LedgerTx, job: EraseFeedJob, accounts: dict[AccountId, Account]
) -> tuple[EraseReport, Sequence[Line]]:
    shared = await _shared(tx, job.feed_id, accounts)
    only = await tx.entries.known_only_to(job.feed_id, shared) if shared else ()
    going = accounts.keys() - set(shared)
    forgotten = [entry.id for entry in only]
    # While it is still known whose they were.
    forgotten += await tx.tellings.parts_of(job.feed_id, shared, going, forgotten)
    lines = await _lines(tx, job.feed_id, going, len(shared), forgotten)
    rest = await Forgetting.of(tx, job.feed_id, accounts)
    gone = tuple(await tx.feeds.erase(job.feed_id))
    for account_id in gone:
        await tx.accounts.remove(account_id)
    # Before the revision is taken: whoever holds one of these may wait for that.
    await tx.entries.forget(forgotten)
    # What others said may have waited for what waited of this one.
    await follow_soon(tx, job.user_id, shared)
    sums = rest.sums
    for entry in only:
        sums.replace(entry, None)
    if not (gone or only or rest.accounts):
        return EraseReport(0), lines
    revision = await tx.revisions.next()
    if only or rest.accounts:
        # The person's wish to have it erased goes before their wish to have it unchanged.
        for closed in await closed_in(tx.proofs, sums):
            await open_again(tx, job.user_id, closed.which, ReopenedFor.ERASED)
        await rest.write(tx, revision)
        await tx.sums.apply(sums)
    touched = sorted({entry.account_id for entry in only} | rest.accounts.keys())
    for account_id in touched:
        await tx.accounts.save((accounts | rest.accounts)[account_id])
    await _tell(tx, job, revision, (*gone, *touched), len(gone) + len(only))
    return EraseReport(len(gone), len(only)), lines


async def _lines(
    tx: LedgerTx,
    feed_id: FeedId,
    going: AbstractSet[AccountId],
    shared: int,
    forgotten: Sequence[EntryId],
) -> Sequence[Line]:
    """What the receipt says of it; counted before it goes, with everything locked."""
    held = await tx.holdings.weigh(feed_id, going, forgotten)
    return (
        *deleted(
            accounts=len(going),
            entries=held.entries,
            suggestions=held.suggestions,
            links=held.links,
            transfers=held.transfers,
        ),
        *kept(
            Why.OF_OTHERS_TOO,
            accounts=shared,
            entries=held.staying,
        ),
    )


async def _shared(
    tx: LedgerTx, feed_id: FeedId, accounts: Collection[AccountId]
) -> list[AccountId]:
    """Those that another feed has named, too: they were linked again."""
    if not accounts:
        return []
    return [
        one.account.id
        for one in await tx.accounts.with_names()
        if one.account.id in accounts and any(name.feed_id != feed_id for name in one.names)
    ]


async def _tell(
    tx: LedgerTx,
    job: EraseFeedJob,
    revision: int,
    accounts: tuple[AccountId, ...],
    removed: int,
) -> None:
    await tx.revisions.record(
        LedgerChange(
            revision=revision,
            cause="erase",
            feed_id=job.feed_id,
            update=None,
            accounts=accounts,
            added=0,
            changed=0,
            removed=removed,
        )
    )
    await tx.outbox.append(LedgerChanged(job.user_id, revision - 1, revision, accounts))
