"""Accounts that an update names for the first time, and that the person had before."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from application.ledger.feed_pages import announced
from application.ledger.ports import LedgerTx
from application.shared.feeds import UpdateId
from domain.ledger.account import Account, AccountSource
from domain.ledger.again import Announced, found_again
from domain.ledger.entry import Entry, Removed
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.matching.facts import OpenPending
from domain.shared.ids import AccountId, EntryId, ExternalId, FeedId
from domain.shared.observations import EntryStatus


@dataclass(slots=True)
class Again:
    """Asked once an update, and only by one that names an account it has not named before."""

    found: dict[ExternalId, Account] | None = None
    recognising: set[AccountId] | None = None
    """Accounts whose strangers may be known; None: not asked yet."""
    void: set[EntryId] = field(default_factory=set)
    """Pending under a name of the past: what is still pending is told under a new one."""

    async def find(
        self,
        tx: LedgerTx,
        feed_id: FeedId,
        update: UpdateId,
        known: Collection[ExternalId],
        name: ExternalId,
    ) -> Account | None:
        """The account that this new name is for, locked; None when none is, or nobody can tell."""
        if self.found is None:
            self.found = await _found(tx, feed_id, update, known)
        return self.found.pop(name, None)

    async def adopt(
        self, tx: LedgerTx, feed_id: FeedId, account: Account, name: ExternalId
    ) -> Sequence[OpenPending]:
        """Give the account its new name; returns what was pending under the old ones."""
        await tx.entries.retire(feed_id, account.id)
        await tx.accounts.link(AccountSource(feed_id, name, account.id, recognise=True))
        (await self.recognised_in(tx, feed_id)).add(account.id)
        held = [
            one
            for one in await tx.entries.nameless([account.id], EntryStatus.PENDING)
            if one.removed is None
        ]
        self.void.update(one.id for one in held)
        # Names of the past may be used by this feed for something else: here, they are not used.
        return [OpenPending(ExternalId(f"former {one.id}"), one, of_the_past=True) for one in held]

    async def recognised_in(self, tx: LedgerTx, feed_id: FeedId) -> set[AccountId]:
        if self.recognising is None:
            self.recognising = set(await tx.accounts.recognising(feed_id))
        return self.recognising

    def void_of(self, pendings: Iterable[OpenPending]) -> list[Entry]:
        """Those of the past that nothing was booked for."""
        return [
            one.entry.taken_away(Removed.EXPIRED) for one in pendings if one.entry.id in self.void
        ]


async def _found(
    tx: LedgerTx, feed_id: FeedId, update: UpdateId, known: Collection[ExternalId]
) -> dict[ExternalId, Account]:
    accounts = await tx.accounts.with_names()
    if not any(one.free_for(feed_id, ()) for one in accounts):
        return {}
    said: Announced = await announced(tx, update)
    maybe = found_again(feed_id, said, known, accounts)
    locked = {}
    for account in sorted(maybe.values(), key=lambda one: one.id):
        with suppress(AccountNotFoundError):  # erased meanwhile
            locked[account.id] = await tx.accounts.get(account.id)
    # Somebody else may have found them in the moment before they were ours.
    surely = found_again(feed_id, said, known, await tx.accounts.with_names()) if locked else {}
    return {name: locked[one.id] for name, one in surely.items() if one.id in locked}
