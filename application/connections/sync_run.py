"""One run of a sync: what it holds, and each of its transactions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from application.connections.consent.telling import watch
from application.connections.health.ports import RunEnd
from application.connections.jobs import (
    KeepInStepJob,
    PurgeRawPagesJob,
    SyncConnectionJob,
    purge_key,
    step_key,
    sync_key,
)
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.connections.rhythm import Rhythm
from application.connections.sync_patience import LOOKS_MAX, wait_s
from application.connections.sync_progress import SyncProgress, progress_from
from application.shared.feeds import RAW_PAGE_LIFE, FeedPage, UpdateId
from application.shared.jobs import Lease
from domain.connections.connection import Connection
from domain.connections.runs import RunOutcome
from domain.connections.webhook import reaches_behind
from domain.connections.wishes import SyncReason, Wish
from domain.shared.errors import ConflictError
from domain.shared.events import FeedReceived
from domain.shared.secret import Secret


class SyncOvertakenError(ConflictError):
    """The update under way is not the one this run knows: look again and go on from there."""

    code = "sync_overtaken"


@dataclass(frozen=True, slots=True)
class HistoryPending:
    """What there is has been read, and the provider still collects what is older."""

    waited: int
    """How often it was asked again already."""

    def again_at(self, now: datetime) -> datetime | None:
        """When to look again; None leaves it to the rhythm, and to the provider's own word."""
        return None if self.waited >= LOOKS_MAX else now + timedelta(seconds=wait_s(self.waited))


class SyncNotWantedError(ConflictError):
    """The person has withdrawn, or must sign in first: there is nothing to be read."""

    code = "sync_not_wanted"


@dataclass(frozen=True, slots=True)
class SyncRun:
    connection: Connection
    access: Secret
    lease: Lease
    rhythm: Rhythm
    update_id: UpdateId
    pages: int
    """How many pages of the update are kept."""
    progress: SyncProgress
    consent_expires_at: datetime | None = None
    """As the provider says now; None when it has not been asked."""
    began_at: datetime | None = None

    async def keep(
        self, begin: BeginConnectionsTx, pages: Sequence[FeedPage], position: str
    ) -> Self:
        """Commit these pages; a crash from here on goes on after them."""
        progress = self.progress.after(pages, position)
        async with begin(self.connection.owner) as tx:
            await self._hold(tx)
            await tx.feeds.keep(self.update_id, pages, progress.to_text())
            await tx.runs.got(self.connection.id, len(pages))
            await tx.jobs.get_on(self.lease)
            await tx.commit()
        return replace(self, pages=self.pages + len(pages), progress=progress)

    async def complete(
        self,
        begin: BeginConnectionsTx,
        pages: Sequence[FeedPage],
        cursor: str | None,
        now: datetime,
        history: HistoryPending | None = None,
    ) -> tuple[int | None, SyncProgress]:
        """The update is whole: number, cursor, event and the end of the job, in one commit."""
        progress = self.progress.after(pages, None)
        words = progress.last_words()
        if words is not None:
            pages = [*pages, words]
            progress = replace(progress, gone=progress.gone + len(words.observations.gone))
        async with begin(self.connection.owner) as tx:
            connection = await self._hold(tx)
            number = None
            if progress.says_something:
                await tx.feeds.keep(self.update_id, pages, None)
                number = await tx.feeds.complete(self.update_id)
                await self._announce(tx, number, now)
            else:
                await tx.feeds.discard(self.update_id)
            synced = connection.synced(cursor, progress.wanted, now).consent_until(
                self.consent_expires_at, now
            )
            later = history.again_at(now) if history and synced.wanted == synced.served else None
            if later is not None:
                synced = synced.sync_wanted()
                await tx.wishes.add(synced.id, Wish(SyncReason.HISTORY, synced.wanted, now))
            await tx.connections.save(synced)
            await watch(tx, connection, synced)
            await tx.notes.forget(synced.id, progress.wanted)
            await tx.runs.end(synced.id, _end(pages, progress, number, now))
            await tx.audit.record(
                synced.owner, "connections.synced", _facts(synced, number, progress)
            )
            await tx.jobs.finish(self.lease)
            await _go_on(tx, synced, now + self.rhythm.every, history, later)
            await tx.commit()
        return number, progress

    async def drop(self, begin: BeginConnectionsTx) -> None:
        """The provider changed its mind: nothing of this update is kept."""
        async with begin(self.connection.owner) as tx:
            await tx.jobs.hold(self.lease)
            await tx.feeds.discard(self.update_id)
            await tx.commit()

    async def _hold(self, tx: ConnectionsTx) -> Connection:
        """Make sure that what is written next is still ours to write, and still wanted."""
        await tx.jobs.hold(self.lease)
        connection = await tx.connections.get(self.connection.id)
        if not connection.may_be_read:
            raise SyncNotWantedError
        present = await tx.feeds.under_way(connection.feed_id)
        if present is None or (present.id, present.pages) != (self.update_id, self.pages):
            raise SyncOvertakenError
        return connection

    async def _announce(self, tx: ConnectionsTx, number: int, now: datetime) -> None:
        owner, feed_id = self.connection.owner, self.connection.feed_id
        await tx.outbox.append(FeedReceived(owner, feed_id, number))
        await tx.jobs.enqueue(
            PurgeRawPagesJob(user_id=owner, feed_id=feed_id),
            run_at=now + RAW_PAGE_LIFE,
            unique=purge_key(feed_id),
        )


async def start_run(
    tx: ConnectionsTx, connection: Connection, access: Secret, lease: Lease, rhythm: Rhythm
) -> SyncRun:
    """Go on with the update under way, or begin one."""
    found = await tx.feeds.under_way(connection.feed_id)
    progress = progress_from(found.position) if found else None
    if found is None or progress is None:
        found = await tx.feeds.open(connection.feed_id)
        progress = await _first_progress(tx, connection)
    return SyncRun(connection, access, lease, rhythm, found.id, found.pages, progress)


async def _first_progress(tx: ConnectionsTx, connection: Connection) -> SyncProgress:
    """With what was told on the provider's own account, and no page would say."""
    notes = await tx.notes.until(connection.id, connection.wanted)
    since = min((note.since for note in notes if note.since is not None), default=None)
    return SyncProgress(
        connection.wanted,
        afresh=since is not None and reaches_behind(since, connection.synced_at),
        taken_back=tuple((note.account, note.gone) for note in notes if note.gone is not None),
    )


async def _go_on(
    tx: ConnectionsTx,
    connection: Connection,
    again_at: datetime,
    history: HistoryPending | None,
    later: datetime | None,
) -> None:
    """What was wished for meanwhile is not served yet; and the rhythm goes on in any case."""
    owner, connection_id = connection.owner, connection.id
    if connection.wanted > connection.served:
        await tx.jobs.enqueue(
            SyncConnectionJob(
                user_id=owner,
                connection_id=connection_id,
                waited=history.waited + 1 if history else 0,
                provider=connection.provider,
            ),
            run_at=later,
            unique=sync_key(connection_id),
            ahead=later is None and await _somebody_waits(tx, connection),
        )
    await tx.jobs.enqueue(
        KeepInStepJob(user_id=owner, connection_id=connection_id),
        run_at=again_at,
        unique=step_key(connection_id),
    )


async def _somebody_waits(tx: ConnectionsTx, connection: Connection) -> bool:
    """A person asked for it while it was being read already."""
    wishes = await tx.wishes.of(connection.id)
    return any(one.reason is SyncReason.PERSON and one.number > connection.served for one in wishes)


def _end(
    pages: Sequence[FeedPage], progress: SyncProgress, number: int | None, now: datetime
) -> RunEnd:
    return RunEnd(
        RunOutcome.SYNCED,
        now,
        pages=len(pages),
        accounts=progress.accounts,
        transactions=progress.transactions,
        gone=progress.gone,
        update=number,
    )


def _facts(
    connection: Connection, number: int | None, progress: SyncProgress
) -> dict[str, str | int | bool | None]:
    return {
        "connection_id": str(connection.id),
        "update": number,
        "accounts": progress.accounts,
        "transactions": progress.transactions,
        "gone": progress.gone,
        "left_out": len(progress.left_out),
    }
