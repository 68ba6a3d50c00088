"""Whether the ledger says what is true: a little after every step, everything at the end."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from application.audit.verify_trail import VerifyTrail
from application.shared.jobs import JobState
from domain.ledger.account import Account
from domain.ledger.entry import Entry
from domain.ledger.sums import SumChanges
from domain.shared.ids import AccountId
from domain.shared.observations import EntryStatus
from tests.faults.simulation.house import House
from tests.faults.simulation.people import People, movement_of
from tests.faults.simulation.truth import BankAccount, Facts, Human, Login, Movement


class WrongError(AssertionError):
    """The ledger is not what it must be."""


def ensure(true: object, what: str) -> None:
    if not true:
        raise WrongError(what)


@dataclass(slots=True)
class Checks:
    house: House
    people: People
    humans: Sequence[Human]

    # What holds at every moment

    async def at_any_time(self) -> None:
        for human in self.humans:
            entries = await self.house.insight.books.entries(human.id)
            accounts = await self._accounts(human)
            self._nothing_foreign(human, entries, accounts)
            await self._sums_are_right(human, entries)
            self._nothing_doubled(entries, accounts)
            self._deleted_stays_deleted(human, entries, accounts)

    async def _accounts(self, human: Human) -> dict[AccountId, BankAccount]:
        """Which bank account each of the ledger's is."""
        known = await self.house.insight.books.accounts(human.id)
        return {one.id: _behind(human, one) for one in known}

    def _nothing_foreign(
        self, human: Human, entries: Iterable[Entry], accounts: dict[AccountId, BankAccount]
    ) -> None:
        for one in entries:
            account = accounts.get(one.account_id)
            ensure(account is not None, f"{human.id}: {one} is on nobody's account")
            assert account is not None
            told = (one.booked_on, one.amount.minor)
            ensure(told in account.said, f"{human.id}: no bank ever said {one} on {account.name}")

    async def _sums_are_right(self, human: Human, entries: Iterable[Entry]) -> None:
        afresh = SumChanges()
        for one in entries:
            afresh.replace(None, one)
        months = {key: tuple(row) for key, row in afresh.months.items() if any(row)}
        kept = await self.house.insight.books.months(human.id)
        ensure({k: tuple(row) for k, row in kept.items()} == months, f"{human.id}: months differ")
        days = {key: net for key, net in afresh.days.items() if net}
        ensure(await self.house.insight.books.days(human.id) == days, f"{human.id}: days differ")

    def _nothing_doubled(
        self, entries: Iterable[Entry], accounts: dict[AccountId, BankAccount]
    ) -> None:
        """Never more booked entries than there ever were movements."""
        counted = Counter(one.account_id for one in _booked(entries))
        for account_id, count in counted.items():
            there = accounts[account_id].movements
            ensure(count <= len(there), f"{count} entries for {len(there)} movements")

    def _deleted_stays_deleted(
        self, human: Human, entries: Iterable[Entry], accounts: dict[AccountId, BankAccount]
    ) -> None:
        del human, entries, accounts

    # What holds once everything is quiet

    async def at_the_end(self) -> None:
        await self.at_any_time()
        await self.nothing_waits()
        for human in self.humans:
            await self._is_true(human)
        report = await VerifyTrail(self.house.insight.chains)()
        ensure(report.whole, f"the trail is broken: {report.breaks}")

    async def nothing_waits(self) -> None:
        now = self.house.clock.now()
        for job in await self.house.unfinished():
            ensure(job.state is not JobState.LEASED, f"a lease without a worker: {job}")
            ensure(job.state is not JobState.READY or job.run_at > now, f"nobody ran {job}")
            ensure(job.state is not JobState.DEAD, f"a dead job: {job}")
        for human in self.humans:
            for feed, (done, whole) in (await self.house.insight.applied(human.id)).items():
                ensure(done == whole, f"{feed}: {done} of {whole} updates applied")

    async def _is_true(self, human: Human) -> None:
        entries = await self.house.insight.books.entries(human.id)
        known = await self.house.insight.books.accounts(human.id)
        behind = {one.id: _behind(human, one) for one in known}
        ensure(len(set(map(id, behind.values()))) == len(behind), f"{human.id}: an account twice")
        by_bank = {id(behind[one.id]): (one, figure) for one, figure in known.items()}
        for login in human.logins:
            state = await self._state_of(human, login)
            for account in login.accounts:
                found = by_bank.get(id(account))
                if state == "live":
                    ensure(found is not None, f"{account.external_id} is missing")
                    assert found is not None
                    self._whole(human, account, entries, *found)
                elif state == "kept" and found is not None:
                    self._part(human, account, entries, found[0])
                elif state == "none":
                    ensure(found is None, f"{account.external_id} was never linked, or erased")
        self._said_is_kept(human, entries)
        await self._moves_are_transfers(human, entries)

    async def _state_of(self, human: Human, login: Login) -> str:
        if await self.people.connection_of(human, login) is not None:
            return "live"
        past = await self.people.connections_to(human, login)
        return "kept" if any(not one.erase for one in past) else "none"

    def _whole(
        self,
        human: Human,
        account: BankAccount,
        entries: Iterable[Entry],
        known: Account,
        balance: int,
    ) -> None:
        mine = [one for one in entries if one.account_id == known.id]
        true = Counter(one.facts for one in account.movements if one.booked)
        true -= Counter(one.facts for one in human.deleted if one.account is account and one.booked)
        _same(Counter(map(_facts, _booked(mine))), true, f"booked on {account.external_id}")
        pending = [one for one in mine if one.removed is None and one.status is EntryStatus.PENDING]
        held = Counter(one.facts for one in account.movements if _told(one))
        _same(Counter(map(_facts, pending)), held, f"pending on {account.external_id}")
        ensure(
            balance == account.balance.minor,
            f"{account.external_id}: {balance} kept, {account.balance.minor} at the bank",
        )

    def _part(
        self, human: Human, account: BankAccount, entries: Iterable[Entry], known: Account
    ) -> None:
        """Let go, and kept: some of what is true, and nothing else."""
        del human
        mine = [one for one in entries if one.account_id == known.id]
        true = Counter(one.facts for one in account.movements if one.booked)
        found = Counter(map(_facts, _booked(mine)))
        ensure(not found - true, f"{account.external_id} holds more than is true: {found - true}")

    def _said_is_kept(self, human: Human, entries: Iterable[Entry]) -> None:
        by_note = Counter(one.note for one in entries if one.removed is None)
        ensure(all(n == 1 for note, n in by_note.items() if note), "a note stands twice")
        shown = {one.note: one for one in entries if one.removed is None}
        for note, said in human.said.items():
            if not said.movement.booked:
                continue
            one = shown.get(note)
            ensure(one is not None, f"{note} is lost")
            assert one is not None
            ensure(_facts(one) == said.movement.facts, f"{note} is on {one}")
            if said.category:
                ensure(one.category == said.category, f"{note}: category {one.category}")
            first = tuple((part.amount.minor, part.category) for part in one.split)
            ensure(first[: len(said.shares)] == said.shares, f"{note}: split {one.split}")

    async def _moves_are_transfers(self, human: Human, entries: Sequence[Entry]) -> None:
        """Both sides of every move, and nothing else but what the person said otherwise."""
        names = await self.house.insight.names(human.id)
        live = {login.key for login in human.logins if await self._state_of(human, login) == "live"}
        shown = {one.id: one for one in _booked(entries)}
        real = {one.id: movement_of(human, one, names.get(one.id, ())) for one in shown.values()}
        at = {id(movement): shown[key] for key, movement in real.items() if movement}
        for entry in shown.values():
            if entry.transfer is not None:
                back = shown.get(entry.transfer.other)
                ensure(back and back.transfer, f"half a transfer: {entry}")
                assert back is not None
                assert back.transfer is not None
                ensure(back.transfer.other == entry.id, f"crossed transfers: {entry}, {back}")
            if entry.id in human.moved_by_hand:
                continue
            movement = real[entry.id]
            other = movement and movement.other
            if entry.transfer is not None:
                found = real.get(entry.transfer.other)
                ensure(other is not None and found is other, f"no transfer: {entry}")
            elif (
                movement and other and {movement.account.login.key, other.account.login.key} <= live
            ):
                side = at.get(id(other))
                if side is not None and side.id not in human.moved_by_hand:
                    raise WrongError(f"a transfer that nobody saw: {entry} and {side}")


def _behind(human: Human, known: Account) -> BankAccount:
    for account in human.accounts():
        same = (account.number == known.number) if known.number else account.name == known.name
        if same and account.login.institution == known.institution:
            return account
    raise WrongError(f"{human.id}: nobody's account {known}")


def _told(one: Movement) -> bool:
    return one.pending and one.name not in one.account.login.away


def _booked(entries: Iterable[Entry]) -> list[Entry]:
    return [one for one in entries if one.removed is None and one.status is EntryStatus.BOOKED]


def _facts(one: Entry) -> Facts:
    return Facts(one.booked_on, one.amount.minor, one.amount.currency, one.text)


def _same(found: Counter[Facts], true: Counter[Facts], where: str) -> None:
    if found != true:
        lost, added = sorted((true - found).elements()), sorted((found - true).elements())
        raise WrongError(f"{where}: lost {lost}, doubled or foreign {added}")
