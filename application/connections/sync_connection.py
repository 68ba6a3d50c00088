from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from application.connections.banks import Banks
from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    ProviderBusyError,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from application.connections.health.ports import NoMeter, SyncMeter
from application.connections.jobs import SyncConnectionJob, sync_key
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.connections.sync_run import (
    HistoryPending,
    SyncNotWantedError,
    SyncOvertakenError,
    SyncRun,
    start_run,
)
from application.connections.sync_setback import SyncSetback
from application.connections.unattended import BY_RHYTHM, UnattendedSyncs
from application.shared.cipher import SealBrokenError
from application.shared.clock import Clock
from application.shared.feeds import FeedPage, UpdateClosedError
from application.shared.jobs import Lease
from domain.connections.connection import Connection
from domain.connections.errors import ConnectionNotFoundError
from domain.connections.runs import Hold, RunOutcome
from domain.connections.wishes import cause_of

_STARTS_MAX: Final = 5
"""How often one run begins anew when the provider changes its mind, before it waits instead."""
_PAUSE_S: Final = 300.0
"""That wait, in so many words: pages kept before each change make every attempt look like the
first, so waiting would never grow longer by itself."""


class SyncOutcome(StrEnum):
    SYNCED = "synced"
    NOT_WANTED = "not_wanted"
    NOT_READY = "not_ready"
    NEEDS_RENEWAL = "needs_renewal"
    HELD = "held"
    """Not now: the law, or the provider, allows no more for the moment."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    outcome: SyncOutcome
    number: int | None = None
    """Of the update; None when the bank had nothing at all to say."""
    accounts: int = 0
    transactions: int = 0
    gone: int = 0


@dataclass(frozen=True, slots=True)
class SyncLimits:
    """How much is fetched before it is committed: what a crash may cost, and what memory holds."""

    pages: int = 8
    raw_bytes: int = 4_000_000
    seconds: float = 1.0


@dataclass(frozen=True, slots=True)
class SyncConnection:
    """Read what the bank has to say since last time, and keep it until the ledger understands it.

    Safe to repeat: what was fetched is kept page by page under one update, a second run goes on
    where the first one ended, and only a whole update gets a number.
    """

    begin: BeginConnectionsTx
    banks: Banks
    setback: SyncSetback
    clock: Clock
    limits: SyncLimits
    rhythm: Rhythm = SIX_HOURLY
    unattended: UnattendedSyncs = BY_RHYTHM
    meter: SyncMeter = field(default_factory=NoMeter)

    async def __call__(self, job: SyncConnectionJob, lease: Lease) -> SyncReport:
        """Ends the job, unless it raises.

        Raises:
            ProviderUnavailableError, ProviderMisconfiguredError, SealBrokenError,
            UpdateChangedError: the job is to be retried; what was fetched is kept.
        """
        try:
            return await self._try(job, lease)
        except FeedNotReadyError as error:
            await self.setback.not_ready(job, lease, looked=error.looked)
            return SyncReport(SyncOutcome.NOT_READY)
        except (SyncNotWantedError, ConnectionNotFoundError):
            await self.setback.not_wanted(job, lease)
            return SyncReport(SyncOutcome.NOT_WANTED)
        except ProviderBusyError as error:
            await self.setback.postponed(job, lease, error)
            return SyncReport(SyncOutcome.HELD)
        except (
            ProviderUnavailableError,
            ProviderMisconfiguredError,
            SealBrokenError,
            UpdateChangedError,
        ) as error:
            asked = not isinstance(error, ProviderUnavailableError) or error.asked
            await self.setback.degraded(job, lease, error.code, asked=asked)
            raise

    async def _try(self, job: SyncConnectionJob, lease: Lease) -> SyncReport:
        for start in range(_STARTS_MAX):
            run = await self._start(job, lease, first=start == 0)
            if run is None:
                return SyncReport(SyncOutcome.HELD)
            try:
                return await self._collect(run, job.waited)
            except UpdateChangedError:
                await run.drop(self.begin)
            except (SyncOvertakenError, UpdateClosedError):
                continue
            except ProviderUnavailableError as error:
                # Spared this time: perhaps after a start that did ask.
                error.asked = error.asked or start > 0
                raise
            except FeedNotReadyError as error:
                # Not ready this time: an earlier start was given pages of what the bank said.
                error.looked = error.looked or start > 0
                raise
            except (RenewalRequiredError, AccessGoneError) as error:
                await self.setback.consent_lapsed(run.connection, job, lease, error)
                return SyncReport(SyncOutcome.NEEDS_RENEWAL)
        raise UpdateChangedError(
            "the provider keeps changing its mind; trying again later", _PAUSE_S
        )

    async def _start(self, job: SyncConnectionJob, lease: Lease, *, first: bool) -> SyncRun | None:
        """None: it may not begin yet, and a job waits until it may."""
        now = self.clock.now()
        async with self.begin(job.user_id) as tx:
            await tx.jobs.hold(lease)
            connection = await tx.connections.get(job.connection_id)
            if not connection.may_be_read:
                raise SyncNotWantedError
            access = await tx.accesses.find(connection.id)
            if access is None:
                raise SyncNotWantedError
            if first and not await self._may_begin(tx, connection, job, lease, now):
                await tx.commit()
                return None
            run = await start_run(tx, connection, access, lease, self.rhythm)
            await tx.commit()
        return replace(run, began_at=now)

    async def _may_begin(
        self,
        tx: ConnectionsTx,
        connection: Connection,
        job: SyncConnectionJob,
        lease: Lease,
        now: datetime,
    ) -> bool:
        """Have the run counted and written down, or put it off until it is allowed."""
        cause = cause_of(await tx.wishes.of(connection.id), connection.served, now)
        at = await self.unattended.begin(tx, connection, cause, job.look_of(lease), now)
        if at is None:
            await tx.runs.begin(connection.id, connection.feed_id, cause, now)
            return True
        await tx.jobs.finish(lease)
        held = replace(job, provider=connection.provider, held=Hold.LIMIT)
        await tx.jobs.enqueue(held, run_at=at, unique=sync_key(connection.id))
        return False

    async def _collect(self, run: SyncRun, waited: int) -> SyncReport:
        """Fetch page after page with no transaction open, and commit them in small groups."""
        bank = self.banks.of(run.connection.provider)
        run = await self._with_consent_date(run)
        cursor = None if run.progress.afresh else run.connection.cursor
        pages: list[FeedPage] = []
        position, since, given = run.progress.position, self.clock.now(), False
        while True:
            try:
                fetched = await bank.fetch(run.access, cursor, position)
            except FeedNotReadyError as error:
                error.looked = given
                raise
            except ProviderUnavailableError:
                # Or a bank that fails at every fifth page would never be read to the end.
                if pages and position is not None:
                    await run.keep(self.begin, pages, position)
                raise
            pages.append(fetched.page)
            run = replace(run, progress=run.progress.without(fetched.left_out))
            given = True
            if fetched.next_position is None:
                history = HistoryPending(waited) if fetched.history_pending else None
                return await self._complete(run, pages, fetched.cursor, history)
            position = fetched.next_position
            if self._is_enough(pages, (self.clock.now() - since).total_seconds()):
                run = await run.keep(self.begin, pages, position)
                pages, since = [], self.clock.now()

    async def _with_consent_date(self, run: SyncRun) -> SyncRun:
        """Banks prolong and shorten consents; a fresh link has just told its date."""
        if run.pages or run.connection.synced_at is None:
            return run
        try:
            expires_at = await self.banks.of(run.connection.provider).consent_expires_at(run.access)
        except ProviderUnavailableError:
            return run  # a date is not worth a sync
        return replace(run, consent_expires_at=expires_at)

    def _is_enough(self, pages: list[FeedPage], seconds: float) -> bool:
        return (
            len(pages) >= self.limits.pages
            or seconds >= self.limits.seconds
            or sum(len(page.raw) for page in pages) >= self.limits.raw_bytes
        )

    async def _complete(
        self,
        run: SyncRun,
        pages: list[FeedPage],
        cursor: str | None,
        history: HistoryPending | None,
    ) -> SyncReport:
        now = self.clock.now()
        number, seen = await run.complete(self.begin, pages, cursor, now, history)
        seconds = (now - run.began_at).total_seconds() if run.began_at else 0.0
        self.meter.ended(run.connection.provider, RunOutcome.SYNCED, max(seconds, 0.0))
        return SyncReport(SyncOutcome.SYNCED, number, seen.accounts, seen.transactions, seen.gone)
