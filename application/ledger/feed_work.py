"""One update under way, inside its transaction."""

import asyncio
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from application.ledger.account_again import Again
from application.ledger.feed_accounts import differs, unannounced_on
from application.ledger.feed_pages import look_ahead
from application.ledger.jobs import ApplyFeedJob
from application.ledger.lost import Lost
from application.ledger.ports import LedgerTx
from application.ledger.proofs.in_time import InTime
from application.ledger.proofs.readings import keep_readings
from application.ledger.two_files import TwoFiles
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.feeds import UpdateId
from domain.ledger.account import Account, AccountOrigin, AccountSource, Anchor
from domain.ledger.entry import Entry
from domain.ledger.matching.facts import (
    UNHEARD_AFTER,
    Apart,
    Known,
    KnownSource,
    OpenPending,
)
from domain.ledger.matching.manners import USUAL, Lesson, Manners
from domain.ledger.matching.names import (
    entries_needed,
    names_on,
    news_on,
    reused_on,
    told_apart,
)
from domain.ledger.matching.pending import expiring
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.planner import NewEntryId, plan_page
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.observations import (
    AccountSeen,
    EntryStatus,
    Observations,
    TransactionSeen,
)

_WORTH_A_THREAD: Final = 500
"""Transactions: planning fewer takes less time than handing them over."""


@dataclass(slots=True)
class FeedWork:
    """What the update has met and changed so far.

    A page's plan is written while the next page is being planned, unless that one speaks of the
    same things: then it is written before anything is read for it.
    """

    tx: LedgerTx
    job: ApplyFeedJob
    update: UpdateId
    clock: Clock
    ids: NewIds
    new_id: NewEntryId | None = None
    """Which entry a name begins, where that is known already: in a replay."""
    apart: Container[Apart] = ()
    """What the person said are two, where they may be met again: in a replay."""
    names: dict[ExternalId, AccountId] = field(default_factory=dict)
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    met: dict[AccountId, Account] = field(default_factory=dict)
    """The accounts as they were before this update."""
    pendings: dict[ExternalId, OpenPending] = field(default_factory=dict)
    unheard: list[OpenPending] = field(default_factory=list)
    lost: Lost = field(default_factory=Lost)
    """What was removed, and may come again under another name."""
    manners: Manners = USUAL
    lessons: list[Lesson] = field(default_factory=list)
    touched: set[AccountId] = field(default_factory=set)
    """Accounts of which something is different now: there is a revision that says so."""
    again: Again = field(default_factory=Again)
    """Accounts that the person had under other names."""
    in_time: InTime = field(init=False)
    """What comes too late for closed months."""
    files: TwoFiles | None = None
    """What the file tells otherwise than those before it. None: it is no file."""
    behind: Plan | None = None
    """Planned, and not written yet."""
    revision: int | None = None
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0

    def __post_init__(self) -> None:
        self.in_time = InTime(self.tx, self.job)

    def meet(self, known: Mapping[ExternalId, Account]) -> None:
        self.names = {name: account.id for name, account in known.items()}
        self.accounts = {account.id: account for account in known.values()}
        self.met = dict(self.accounts)
        if not known:
            self.again.recognising = set()

    async def begin(self) -> None:
        """Look at what was pending or removed before, and at the bank's manners."""
        if not self.met:
            return
        self.lost.any = await self.tx.entries.any_lost({one.id for one in self.met.values()})
        deleted = self.lost.any
        ahead = await look_ahead(self.tx, self.job.feed_id, self.update, deleted=deleted)
        self.pendings, self.unheard = ahead.open, ahead.unheard
        self.lost.gone, self.lost.relists = ahead.gone, ahead.lists_all
        institution = self._institution()
        if self.pendings and institution is not None:
            self.manners = await self.tx.manners.of(institution)
        plan = Plan()
        for one in ahead.listed_again:
            plan.changed[one.entry.id] = replace(one.entry, removed=None)
        self._take(plan)

    def _institution(self) -> str | None:
        return next((one.bank for one in self.met.values() if one.bank), None)

    async def page(self, page: Observations) -> None:
        for seen in page.accounts:
            await self._account(seen)
        for unannounced in unannounced_on(page, self.names):
            await self._account(unannounced)
        page = await self.in_time.hear(page)
        page, sources, entries = await self._known(page)
        reused = reused_on(page, sources, entries)
        if reused:
            page, sources, entries = await self._known(told_apart(page, reused))
        anew = await self._anew(page, sources)
        if anew:
            page = await self.in_time.again(page, anew, self.names)
        nameless = await self._nameless(page, sources)
        known = Known(sources, entries, nameless, self.lost.names, self.manners, self.apart)
        planning = self._plan(page, known)
        await self._catch_up()
        self._take(await self._in_time(page, known, await planning))

    async def _in_time(self, page: Observations, known: Known, plan: Plan) -> Plan:
        """The plan as if the feed had not said what comes too late for a closed month."""
        while late := await self.in_time.late(plan, page, known, self.pendings):
            page = await self.in_time.set_aside(page, late, self.pendings)
            plan = await self._plan(page, known)
        await self.in_time.judged()
        return plan

    async def _known(
        self, page: Observations
    ) -> tuple[Observations, Mapping[ExternalId, KnownSource], Mapping[EntryId, Entry]]:
        """What of the page is news, and what the ledger knows of it."""
        names = names_on(page)
        if self.behind is not None and not names.isdisjoint(self.behind.names()):
            await self._catch_up()
        sources = await self.tx.entries.sources(self.job.feed_id, names) if names else {}
        told = len({seen.id for seen in page.transactions})
        page = news_on(page, sources)
        self.unchanged += told - len({seen.id for seen in page.transactions})
        needed = entries_needed(page, sources)
        if self.behind is not None and not needed.isdisjoint(self.behind.changed):
            await self._catch_up()
        return page, sources, await self.tx.entries.load(needed) if needed else {}

    def _plan(self, page: Observations, known: Known) -> "asyncio.Future[Plan]":
        """Begin to plan; a large page is planned by a thread, and the database works meanwhile."""
        loop = asyncio.get_running_loop()
        count = len(page.transactions)
        ids = self._new_ids(count)
        new_id = self.new_id or (lambda _: next(ids))
        arguments = (self.job.feed_id, page, self.names, known, self.pendings, new_id)
        if count >= _WORTH_A_THREAD:
            return loop.run_in_executor(None, plan_page, *arguments)
        planned: asyncio.Future[Plan] = loop.create_future()
        planned.set_result(plan_page(*arguments))
        return planned

    async def end(self) -> None:
        """Void what nothing was booked for, and bring the accounts' balances up to date."""
        await self._catch_up()
        plan, today = Plan(), self.clock.now().date()
        for entry in expiring(self.pendings.values(), today):
            plan.changed[entry.id] = entry
        for entry in expiring(self.unheard, today, UNHEARD_AFTER):
            plan.changed[entry.id] = entry
        for one in self.again.void_of(self.pendings.values()):
            plan.changed[one.id] = one
        plan.removed = len(plan.changed)
        self._take(plan)
        await self._catch_up()
        await self._save()

    async def _save(self) -> None:
        """Keep what is known of accounts now, and of their bank."""
        # Only the end counts: statements of an update may show a figure that passed meanwhile.
        same = {account_id for account_id, was in self.met.items() if was == self._now(account_id)}
        told = {one for one in self.met.keys() - same if differs(self.met[one], self._now(one))}
        if told:
            self.touched |= told
            await self._revision()
        await keep_readings(self.tx, self.job, self.met, self.accounts)
        # The same figure as of a later time is kept, and no news.
        for account_id in sorted(self.touched | (self.met.keys() - same)):
            await self.tx.accounts.save(self.accounts[account_id])
        await self._learn()

    async def _learn(self) -> None:
        """Last of all, after the revision: whoever learns of one bank at once takes turns here."""
        institution = self._institution()
        if self.lessons and institution is not None:
            manners = await self.tx.manners.of(institution, locked=True)
            await self.tx.manners.save(institution, manners.taught(self.lessons))

    def _now(self, account_id: AccountId) -> Account:
        return self.accounts[account_id]

    def _take(self, plan: Plan) -> None:
        """Go on from what the plan will have changed, and write it later."""
        self.unchanged += plan.unchanged
        if not plan.writes:
            return
        for booked in plan.superseded:
            self.pendings.pop(booked.external_id, None)
        self._follow(plan)
        if self.files is not None:
            self.files.note(plan)
        self.lessons += plan.lessons
        self.added += len(plan.added)
        self.changed += len(plan.changed) - plan.removed
        self.removed += plan.removed
        self.touched.update({entry.account_id for entry in plan.entries()})
        self.behind = plan

    def _follow(self, plan: Plan) -> None:
        """What was pending is different now: taken back, perhaps, and may book all the same."""
        if not plan.changed:
            return
        for name, one in self.pendings.items():
            now = plan.changed.get(one.entry.id)
            if now is not None:
                self.pendings[name] = replace(one, entry=now)
        self.unheard = [one for one in self.unheard if one.entry.id not in plan.changed]
        self.lost.any = self.lost.any or plan.removed > 0

    async def _catch_up(self) -> None:
        """Write what was planned last."""
        plan, self.behind = self.behind, None
        if plan is None:
            return
        # Another name, or other words for what a person has decided, is no news either.
        news = plan.added or plan.changed
        await self.tx.entries.write(plan, await self._revision() if news else 0)
        await self.tx.sums.apply(plan.sums)
        if plan.suggested:
            await self.tx.suggestions.add(plan.suggested)

    async def _account(self, seen: AccountSeen) -> None:
        account_id = self.names.get(seen.id)
        if account_id is None:
            await self._open(seen)
            return
        self.accounts[account_id] = self.accounts[account_id].seen(seen)

    async def _open(self, seen: AccountSeen) -> None:
        before = await self.again.find(self.tx, self.job.feed_id, self.update, self.names, seen.id)
        if before is not None:
            await self._adopt(before, seen)
            return
        account = Account(
            id=AccountId(self.ids.one()),
            owner=self.job.user_id,
            name=seen.name,
            kind=seen.kind,
            currency=seen.currency,
            origin=AccountOrigin.CONNECTION,
            number=seen.number,
            institution=seen.institution,
            institution_id=seen.institution_id,
            last_four=seen.last_four,
            created_at=self.clock.now(),
        )
        if seen.balance is not None:
            account = account.anchored(Anchor.of(seen.balance))
        await self.tx.accounts.add(account)
        await self.tx.accounts.link(AccountSource(self.job.feed_id, seen.id, account.id))
        self.names[seen.id] = account.id
        self.accounts[account.id] = account
        self.touched.add(account.id)
        await self._revision()

    async def _adopt(self, account: Account, seen: AccountSeen) -> None:
        """The person had this account before: it has one more name, and its entries stay."""
        await self._catch_up()
        held = await self.again.adopt(self.tx, self.job.feed_id, account, seen.id)
        # What was pending under names of the past may book now; if not, it is void at the end.
        told = {one.entry.id for one in held}
        for name in [name for name, one in self.pendings.items() if one.entry.id in told]:
            del self.pendings[name]
        self.pendings |= {one.external_id: one for one in held}
        self.names[seen.id] = account.id
        self.met.setdefault(account.id, account)
        self.accounts[account.id] = self.accounts.get(account.id, account).seen(seen)
        self.touched.add(account.id)
        await self._revision()

    async def _anew(
        self, page: Observations, sources: Mapping[ExternalId, KnownSource]
    ) -> Sequence[TransactionSeen]:
        """Booked strangers of accounts that were found again: they may be known."""
        strangers = [] if self.again.recognising == set() else _strangers(page, sources)
        if not strangers:
            return ()
        recognising = await self.again.recognised_in(self.tx, self.job.feed_id)
        return [seen for seen in strangers if self.names[seen.account] in recognising]

    async def _nameless(
        self, page: Observations, sources: Mapping[ExternalId, KnownSource]
    ) -> Sequence[Entry]:
        """What the page may speak of anew: nearly always none.

        Of accounts that were found again, or what was taken back or deleted.
        """
        if self.again.recognising == set() and not self.lost.any:
            return ()
        strangers = _strangers(page, sources)
        if not strangers:
            return ()
        feed_id = self.job.feed_id
        there = await self._anew(page, sources)
        if not there and not self.lost.any:
            return ()
        # What an earlier page of this update was recognised as has a name once it is written.
        await self._catch_up()
        lost = await self.lost.on(self.tx, feed_id, self.update, strangers, self.names)
        if not there:
            return lost
        again = await self.tx.entries.nameless(
            {self.names[seen.account] for seen in there},
            EntryStatus.BOOKED,
            {seen.booked_on for seen in there},
        )
        known = {one.id for one in again}
        return [*again, *(one for one in lost if one.id not in known)]

    def _new_ids(self, count: int) -> Iterator[EntryId]:
        # Made when the first one is asked for: most pages of a known feed need none.
        yield from (EntryId(one) for one in self.ids.many(count))

    async def _revision(self) -> int:
        if self.revision is None:
            self.revision = await self.tx.revisions.next()
        return self.revision


def _strangers(
    page: Observations, sources: Mapping[ExternalId, KnownSource]
) -> list[TransactionSeen]:
    return [
        seen
        for seen in page.transactions
        if seen.id not in sources and seen.status is EntryStatus.BOOKED
    ]
