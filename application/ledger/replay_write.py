"""Write what a replay has found out, in the transaction in which it found it."""

from dataclasses import dataclass

from application.ledger.jobs import ReplayFeedJob
from application.ledger.one_account.as_told import Word
from application.ledger.one_account.replayed import Replayed
from application.ledger.ports import LedgerChange, LedgerTx
from application.ledger.replay_changes import ReplayChanges
from application.shared.chance import NewIds
from domain.ledger.matching.plan import Plan
from domain.shared.events import LedgerChanged


@dataclass(frozen=True, slots=True)
class ReplayWriting:
    whole: LedgerTx
    """The transaction as everybody sees it."""
    told: LedgerTx
    """The same, as the feed sees it."""
    word: Word
    ids: NewIds

    async def write(self, job: ReplayFeedJob, changes: ReplayChanges) -> None:
        tx = self.told
        revision = await tx.revisions.next()
        await self._entries(changes, revision)
        if changes.merged:
            await tx.tellings.became(changes.merged)
        await tx.links.drop(job.feed_id, changes.dropped)
        await tx.links.put(changes.links)
        await tx.sums.apply(changes.sums)

        async def the_revision() -> int:
            return revision

        mending = Replayed(self.whole, self.ids, self.word, the_revision)
        dissolved = await mending.mend(changes.vacated, changes.loosened)
        accounts = {one.id: one for one in (await tx.accounts.of_feed(job.feed_id)).values()}
        touched = tuple(changes.accounts)
        for account_id in touched:
            await tx.accounts.save(accounts[account_id])
        await tx.revisions.record(
            LedgerChange(
                revision=revision,
                cause="replay",
                feed_id=None,
                update=None,
                accounts=touched,
                added=len(changes.added) - dissolved,
                changed=len(changes.changed) - changes.removed,
                removed=changes.removed,
            )
        )
        await tx.outbox.append(LedgerChanged(job.user_id, revision - 1, revision, touched))

    async def _entries(self, changes: ReplayChanges, revision: int) -> None:
        # What the person said of one that is part of another now goes with it: written one by one.
        edited = [one for one in changes.changed if one.edited != changes.before[one.id].edited]
        for entry in edited:
            await self.told.entries.put(entry, revision)
        done = {entry.id for entry in edited} | changes.vacated.keys()
        plan = Plan(
            added={one.id: one for one in changes.added},
            changed={one.id: one for one in changes.changed if one.id not in done},
        )
        await self.told.entries.write(plan, revision)
