"""One stretch of days being decided: what is paired now, what should be, and the difference."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date

from application.ledger.transfer_marks import write_marks
from application.ledger.transfers import TransfersTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.rates import FIRST_QUOTED, OLDEST, PIVOT, RateTable
from domain.ledger.transfers import (
    PAIRER,
    Candidate,
    Decision,
    Pair,
    Transfer,
    TransferState,
    category_between,
)
from domain.ledger.transfers_evidence import LOOK
from domain.ledger.transfers_pairing import Words, decide
from domain.ledger.transfers_said import said_at, sayings, standing
from domain.shared.ids import EntryId, TransferId, UserId

_WORTH_A_THREAD = 1_000
"""Entries."""
_CONTEXT = 3 * LOOK
"""What lies around the days in question: rivals, and rivals of rivals."""


@dataclass(slots=True)
class PairingWork:
    tx: TransfersTx
    owner: UserId
    clock: Clock
    ids: NewIds
    entries: dict[EntryId, Entry] = field(default_factory=dict)
    """As they are now; what was changed here is written at the end."""
    before: dict[EntryId, Entry] = field(default_factory=dict)
    known: dict[Pair, Transfer] = field(default_factory=dict)
    became: dict[EntryId, EntryId] = field(default_factory=dict)
    """Entries that are part of others, and of which."""
    saved: dict[Pair, Transfer] = field(default_factory=dict)
    forgotten: list[TransferId] = field(default_factory=list)
    without_rate: list[date] = field(default_factory=list)
    paired: int = 0
    dissolved: int = 0
    suggested: int = 0
    withdrawn: int = 0

    async def decide(self, first: date, last: date) -> None:
        accounts = await self.tx.transfers.accounts()
        await self._read(first, last)
        living = {one.id for one in self.entries.values() if one.removed is None}
        self._part_from_the_dead(living)
        self._carry_over()
        self._keep_word(living, accounts)
        rates = await self._rates(first, last, accounts)
        decision = await self._decision([self.entries[one] for one in living], accounts, rates)
        near = self._affected(first, last, decision)
        self._dissolve(near, decision)
        self._pair(near, decision, accounts)
        self._suggest(near, decision)
        self._put_marks_right(accounts)
        await self._write()

    async def _decision(
        self, living: Sequence[Entry], accounts: Collection[Account], rates: RateTable
    ) -> Decision:
        """A large one is made by a thread, so that the job's lease is kept meanwhile."""
        words = self._words()
        if len(living) < _WORTH_A_THREAD:
            return decide(living, accounts, rates, words)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, decide, living, accounts, rates, words)

    async def _read(self, first: date, last: date) -> None:
        around = await self.tx.transfers.around(first - _CONTEXT, last + _CONTEXT)
        self.entries = {one.id: one for one in around}
        self.became = dict(await self.tx.transfers.became(self.entries.keys()))
        await self._read_pairs(self.entries.keys() | self.became.keys())
        # The other side may be part of another entry as well.
        self.became |= await self.tx.transfers.became(self.entries.keys())
        await self._read_pairs(set(self.became.values()) - self.entries.keys())
        self.before = dict(self.entries)

    async def _read_pairs(self, ids: Collection[EntryId]) -> None:
        """Whatever is known of these entries, which may be far from here, and the other sides."""
        known = await self.tx.transfers.of(ids) if ids else ()
        self.known |= {one.pair: one for one in known}
        others = {each for one in known for each in one.pair}.union(ids) - self.entries.keys()
        if others:
            self.entries |= await self.tx.ledger.entries.load(others)

    def _words(self) -> Words:
        states, now = TransferState, self._known_now()
        rejected = (one.pair for one in now if one.state is states.REJECTED)
        paired = [one for one in now if one.state is states.PAIRED]
        return Words(
            frozenset(rejected),
            frozenset(entry_id for one in paired if one.fixed for entry_id in one.pair),
            frozenset(one.pair for one in paired),
        )

    def _known_now(self) -> Sequence[Transfer]:
        dropped = set(self.forgotten)
        return [one for one in (self.known | self.saved).values() if one.id not in dropped]

    def _part_from_the_dead(self, living: AbstractSet[EntryId]) -> None:
        """Of which one side was removed, or is gone for good, or is on the same account now."""
        for one in list(self.known.values()):
            whole = living >= set(one.pair) and not self._is_within_an_account(one)
            if one.state is TransferState.PAIRED and not whole:
                self._take_apart(one)
            elif one.state is TransferState.SUGGESTED and not whole:
                self._withdraw(one)

    def _is_within_an_account(self, one: Transfer) -> bool:
        """Two accounts that are one: what went from one to the other went nowhere."""
        out, into = (self.entries.get(side) for side in one.pair)
        return out is not None and into is not None and out.account_id == into.account_id

    def _carry_over(self) -> None:
        """What was said of an entry that is part of another one now is said of that one."""
        for saying in sayings(self._known_now(), self.became):
            now = {one.pair: one for one in self._known_now()}
            there, said = now.get(saying.pair), saying.said
            if not saying.is_elsewhere:
                continue
            if there is not None and there.by_person and said_at(there) >= said_at(said):
                if there.state is TransferState.REJECTED is not said.state:
                    # Taken back since: it does not come up again when they are two again.
                    at = said_at(there)
                    self.saved |= {one.pair: one.rejected(at) for one in saying.rows}
                continue
            if there is not None:
                self._make_room(there)
            own = TransferId(self.ids.one())
            self.saved[saying.pair] = said.carried_to(saying.pair, own, self.clock.now())

    def _make_room(self, there: Transfer) -> None:
        if there.state is TransferState.PAIRED:
            self._take_apart(there)
        self._drop(there)

    def _keep_word(self, living: AbstractSet[EntryId], accounts: Collection[Account]) -> None:
        """What the person paired, wherever it is whole again, and as they said it last."""
        between = [one for one in self._known_now() if not self._is_within_an_account(one)]
        word = standing(between, self.became, living)
        for one in word.yields:
            if one.state is TransferState.PAIRED:
                self._take_apart(one)
        for one in word.carried_back:
            self._make_room(one)
        for one in word.holds:
            if one.state is TransferState.DISSOLVED:
                self._free(self.entries[each] for each in one.pair)
                self._join(one.together_again(), accounts)

    def _free(self, both: Iterable[Entry]) -> None:
        """What a rule paired since gives way to the person's word."""
        wanted = {entry.id for entry in both}
        for one in list(self._known_now()):
            if one.state is TransferState.PAIRED and not wanted.isdisjoint(one.pair):
                self._take_apart(one)

    async def _rates(self, first: date, last: date, accounts: Collection[Account]) -> RateTable:
        currencies = {one.amount.currency for one in self.entries.values()}
        currencies |= {one.currency for one in accounts}
        if len(currencies) < 2:  # noqa: PLR2004 - one currency needs no rate
            return RateTable()
        since = first - _CONTEXT
        if last >= FIRST_QUOTED:
            await self._notice_lack(max(since, FIRST_QUOTED), min(last, self.clock.now().date()))
        quotes = await self.tx.rates.between(currencies - {PIVOT}, since - OLDEST, last + _CONTEXT)
        return RateTable.of(quotes)

    async def _notice_lack(self, since: date, until: date) -> None:
        span = await self.tx.rates.span()
        if span is None or since < span[0] or until > span[1] + OLDEST:
            self.without_rate.append(since)

    def _affected(self, first: date, last: date, decision: Decision) -> set[EntryId]:
        """Whose pairs are to be put right: those near, and whoever is drawn in by them."""
        near = {
            one.id for one in self.entries.values() if first - LOOK <= one.booked_on <= last + LOOK
        }
        pairs = [one.pair for one in decision.paired]
        pairs += [one.pair for one in self.known.values() if one.state is TransferState.PAIRED]
        grown = True
        while grown:
            drawn = {each for pair in pairs if not near.isdisjoint(pair) for each in pair}
            grown = not drawn <= near
            near |= drawn
        return near

    def _dissolve(self, near: Collection[EntryId], decision: Decision) -> None:
        wanted = {one.pair for one in decision.paired}
        for one in list(self._known_now()):
            automatic = one.state is TransferState.PAIRED and not one.by_person
            if automatic and one.pair not in wanted and (one.out in near or one.into in near):
                self._take_apart(one)

    def _pair(
        self, near: Collection[EntryId], decision: Decision, accounts: Collection[Account]
    ) -> None:
        now = {one.pair: one for one in self._known_now()}
        for one in decision.paired:
            known = now.get(one.pair)
            if known is not None and known.state is TransferState.PAIRED:
                continue
            if one.out.id in near or one.into.id in near:
                self._join(self._row(one, TransferState.PAIRED, known), accounts)

    def _put_marks_right(self, accounts: Collection[Account]) -> None:
        """Where the other side is may have changed: accounts are joined, and separated again."""
        for one in self._known_now():
            if one.state is TransferState.PAIRED and one.pair not in self.saved:
                out, into = self.entries[one.out], self.entries[one.into]
                if not (_names(out, one, into) and _names(into, one, out)):
                    self._mark(one, accounts)

    def _suggest(self, near: Collection[EntryId], decision: Decision) -> None:
        wanted = {one.pair: one for one in decision.suggested}
        now = {one.pair: one for one in self._known_now()}
        for pair, known in now.items():
            gone = known.state is TransferState.SUGGESTED and pair not in wanted
            if gone and (pair[0] in near or pair[1] in near):
                self._withdraw(known)
        for pair, one in wanted.items():
            if pair not in now and (pair[0] in near or pair[1] in near):
                self.saved[pair] = self._row(one, TransferState.SUGGESTED, None)
                self.suggested += 1

    def _row(self, one: Candidate, state: TransferState, known: Transfer | None) -> Transfer:
        return Transfer(
            id=TransferId(self.ids.one()) if known is None else known.id,
            out=one.out.id,
            into=one.into.id,
            state=state,
            method=one.method,
            confidence=one.confidence,
            pairer=PAIRER,
            by_person=False,
            made_at=self.clock.now(),
        )

    def _join(self, transfer: Transfer, accounts: Collection[Account]) -> None:
        self._mark(transfer, accounts)
        self.saved[transfer.pair] = transfer
        self.paired += 1

    def _mark(self, transfer: Transfer, accounts: Collection[Account]) -> None:
        out, into = self.entries[transfer.out], self.entries[transfer.into]
        category = category_between(accounts, out, into)
        self.entries[out.id] = out.paired(transfer.id, into, category)
        self.entries[into.id] = into.paired(transfer.id, out, category)

    def _take_apart(self, transfer: Transfer) -> None:
        """A rule's pair leaves nothing behind; a person's is remembered."""
        for entry_id in transfer.pair:
            entry = self.entries.get(entry_id)
            if entry is not None and entry.transfer and entry.transfer.id == transfer.id:
                self.entries[entry_id] = entry.unpaired()
        if transfer.by_person:
            self.saved[transfer.pair] = transfer.dissolved()
        else:
            self._drop(transfer)
        self.dissolved += 1

    def _withdraw(self, transfer: Transfer) -> None:
        self._drop(transfer)
        self.withdrawn += 1

    def _drop(self, transfer: Transfer) -> None:
        self.saved.pop(transfer.pair, None)
        if transfer.pair in self.known:
            self.forgotten.append(transfer.id)

    async def _write(self) -> None:
        if self.forgotten:
            await self.tx.transfers.forget(self.forgotten)
        if self.saved:
            await self.tx.transfers.save(list(self.saved.values()))
        await write_marks(self.tx, self.owner, self.before, self.entries)


def _names(entry: Entry, transfer: Transfer, other: Entry) -> bool:
    mark = entry.transfer
    return mark is not None and (mark.id, mark.other, mark.other_account) == (
        transfer.id,
        other.id,
        other.account_id,
    )
