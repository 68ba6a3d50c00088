"""What is left of joined accounts when one of their feeds is erased: what the others said."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.ledger.one_account.separate import leave
from application.ledger.ports import LedgerTx
from domain.ledger.account import Account
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.plan import Plan
from domain.ledger.one_account.precedence import composed
from domain.ledger.one_account.told import Tellers, Told, by_entry
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId, EntryId, FeedId

_AT_ONCE = 2_000
"""Entries."""


@dataclass(slots=True)
class Forgetting:
    """One feed's word on joined accounts, which must be locked."""

    feed_id: FeedId
    accounts: dict[AccountId, Account] = field(default_factory=dict)
    tellers: dict[AccountId, Tellers] = field(default_factory=dict)
    after: dict[EntryId, Entry] = field(default_factory=dict)
    sums: SumChanges = field(default_factory=SumChanges)

    @classmethod
    async def of(
        cls, tx: LedgerTx, feed_id: FeedId, accounts: Mapping[AccountId, Account]
    ) -> "Forgetting":
        """Work out what the others' words alone make of every entry; nothing is written."""
        joined = await tx.joined.joined()
        self = cls(feed_id)
        for account_id in sorted(accounts.keys() & joined.keys()):
            self.accounts[account_id] = accounts[account_id]
            self.tellers[account_id] = joined[account_id]
            await self._without(tx, account_id)
        return self

    async def _without(self, tx: LedgerTx, account_id: AccountId) -> None:
        tellers = self.tellers[account_id]
        ids = await tx.tellings.entries_of(account_id, self.feed_id)
        for start in range(0, len(ids), _AT_ONCE):
            told = by_entry(await tx.tellings.told(ids[start : start + _AT_ONCE]))
            shared = [one for one, those in told.items() if len(those) > 1]
            for entry in (await tx.entries.load(shared)).values() if shared else ():
                rest = [one for one in told[entry.id] if one.feed_id != self.feed_id]
                now = composed(entry, rest, tellers)
                if now != entry:
                    self.after[entry.id] = now
                    self.sums.replace(entry, now)
            await self._without_before(tx, told.values(), tellers)

    async def _without_before(
        self, tx: LedgerTx, told: Collection[Sequence[Told]], tellers: Tellers
    ) -> None:
        """Entries that it told of with others, and that became part of another one since."""
        rest: dict[EntryId, list[Told]] = {}
        for those in told:
            mine = {one.was for one in those if one.feed_id == self.feed_id}
            for one in those:
                if one.was is not None and one.was in mine and one.feed_id != self.feed_id:
                    rest.setdefault(one.was, []).append(one)
        for entry in (await tx.entries.load(rest)).values() if rest else ():
            if entry.removed is Removed.MERGED:
                now = composed(replace(entry, removed=None), rest[entry.id], tellers)
                self.after[entry.id] = replace(now, removed=Removed.MERGED)

    async def write(self, tx: LedgerTx, revision: int) -> None:
        """Once the feed is erased. The sums are the caller's to apply, the accounts to save."""
        if self.after:
            await tx.entries.write(Plan(changed=self.after), revision)
        await tx.tellings.drop(self.feed_id)
        for account_id, account in self.accounts.items():
            tellers = self.tellers[account_id]
            # Entries that only a feed of the past speaks of besides.
            others = sorted(tellers.keys() - {self.feed_id})
            await tx.tellings.tell(account_id, others)
            self.accounts[account_id] = await leave(tx, account, {self.feed_id}, tellers)
