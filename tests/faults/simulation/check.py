"""Whether the ledger says what is true: a little after every step, everything at the end."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from application.audit.verify_trail import VerifyTrail
from application.shared.jobs import JobState
from domain.ledger.entry import Entry
from domain.ledger.proofs.closing import ClosedMonth
from domain.ledger.proofs.months import month_of
from domain.ledger.sums import DayKey, SumChanges
from domain.shared.ids import AccountId, EntryId, ExternalId
from domain.shared.observations import EntryStatus
from tests.faults.simulation.house import House
from tests.faults.simulation.kept import (
    WrongError,
    deleted_of,
    ensure,
    facts_of,
    said_is_kept,
)
from tests.faults.simulation.months import closed_of, waiting_of
from tests.faults.simulation.people import People, movement_of
from tests.faults.simulation.sharing import proposed
from tests.faults.simulation.truth import BankAccount, Facts, Human, Login, Movement, unmoved


@dataclass(slots=True)
class Checks:
    house: House
    people: People
    humans: Sequence[Human]
    closed: dict[ClosedMonth, Mapping[DayKey, int]] = field(default_factory=dict)
    """Closed months, and what their days came to when we first saw them closed."""

    # What holds at every moment

    async def at_any_time(self) -> None:
        for human in self.humans:
            entries = await self.house.insight.books.entries(human.id)
            accounts = await self._accounts(human)
            self._nothing_foreign(human, entries, accounts)
            await self._sums_are_right(human, entries)
            self._nothing_doubled(entries, accounts)
        await self._closed_is_closed()

    async def _closed_is_closed(self) -> None:
        """Whatever banks say late, and people do: no day of a closed month comes to another sum."""
        now: dict[ClosedMonth, Mapping[DayKey, int]] = {}
        for human in self.humans:
            days = await self.house.insight.books.days(human.id)
            for one in await closed_of(self.people, human):
                which = one.account_id, one.month
                nets = {
                    key: net
                    for key, net in days.items()
                    if (key.account_id, month_of(key.day)) == which
                }
                before = self.closed.get(one, nets)
                ensure(nets == before, f"{one.name} is closed, and was {before}: {nets}")
                now[one] = nets
        self.closed = now

    async def _accounts(self, human: Human) -> dict[AccountId, Sequence[BankAccount]]:
        """Which bank account each of the ledger's is, as each of the logins that tell of it."""
        by_name = {f"{login.key}.{one.place}": one for login, one in _each(human)}
        found: dict[AccountId, Sequence[BankAccount]] = {}
        for account_id, named in (await self.house.insight.named(human.id)).items():
            sides = {unmoved(name): by_name.get(unmoved(name)) for _, name in named}
            ensure(None not in sides.values(), f"{human.id}: nobody's account {named}")
            found[account_id] = [one for one in sides.values() if one is not None]
            one = {id(side.true) for side in found[account_id]}
            ensure(len(one) == 1, f"{human.id}: two accounts in one: {named}")
        return found

    def _nothing_foreign(
        self,
        human: Human,
        entries: Iterable[Entry],
        accounts: Mapping[AccountId, Sequence[BankAccount]],
    ) -> None:
        for one in entries:
            sides = accounts.get(one.account_id)
            ensure(sides, f"{human.id}: {one} is on nobody's account")
            assert sides
            told = (one.booked_on, one.amount.minor)
            said = any(told in side.said for side in sides)
            ensure(said, f"{human.id}: no bank ever said {one} on {sides[0].name}")

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
        self, entries: Iterable[Entry], accounts: Mapping[AccountId, Sequence[BankAccount]]
    ) -> None:
        """Never more booked entries than there ever were movements, as each feed tells them."""
        counted = Counter(one.account_id for one in _booked(entries))
        for account_id, count in counted.items():
            there = sum(len(side.movements) for side in accounts[account_id])
            ensure(count <= there, f"{count} entries for {there} movements")

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
            waiting = await waiting_of(self.people, human)
            late = waiting and not await closed_of(self.people, human)
            ensure(not late, f"{human.id}: {waiting} late changes wait for nothing")
            for feed, (done, whole) in (await self.house.insight.applied(human.id)).items():
                ensure(done == whole, f"{feed}: {done} of {whole} updates applied")

    async def _is_true(self, human: Human) -> None:
        entries = await self.house.insight.books.entries(human.id)
        figures = {
            one.id: figure
            for one, figure in (await self.house.insight.books.accounts(human.id)).items()
        }
        accounts = await self._accounts(human)
        states = {login.key: await self._state_of(human, login) for login in human.logins}
        await self._each_is_there_once(human, accounts, states)
        told = await self._told_now(human)
        for account_id, sides in accounts.items():
            mine = [one for one in entries if one.account_id == account_id]
            # One that another login had taken over meanwhile is not the account it has now.
            live = [side for side in sides if account_id in told.get(side.external_id, ())]
            if live:
                self._whole(human, sides, live, mine, figures[account_id])
            else:
                self._part(sides[0].true, mine)
        said_is_kept(human, entries)
        await self._moves_are_transfers(human, entries)
        for one in await proposed(self.people, human):
            true = {
                accounts[AccountId(each.id)][0].true.external_id
                for each in (one.account, one.other)
            }
            ensure(len(true) == 1, f"{human.id}: two that are not one are proposed: {one}")

    async def _each_is_there_once(
        self,
        human: Human,
        accounts: Mapping[AccountId, Sequence[BankAccount]],
        states: Mapping[str, str],
    ) -> None:
        at = await self._told_now(human)
        for login, account in _each(human):
            there = [key for key, sides in accounts.items() if account in sides]
            if states[login.key] == "live":
                ensure(len(at.get(account.external_id, ())) == 1, f"{account.external_id}: {at}")
            if states[login.key] == "none":
                ensure(not there, f"{account.external_id} was never linked, or erased")
            ensure(len(there) <= 1 or account.is_shared, f"{human.id}: an account twice")

    async def _told_now(self, human: Human) -> dict[ExternalId, list[AccountId]]:
        """Where feeds that go on tell of each account of a bank, by its name there."""
        feeds = {
            one.feed_id for one in await self.house.insight.connections(human.id) if not one.ended
        }
        found: dict[ExternalId, list[AccountId]] = {}
        for account_id, named in (await self.house.insight.named(human.id)).items():
            for feed, name in named:
                if feed in feeds:
                    found.setdefault(name, []).append(account_id)
        return found

    async def _state_of(self, human: Human, login: Login) -> str:
        if await self.people.connection_of(human, login) is not None:
            return "live"
        past = await self.people.connections_to(human, login)
        return "kept" if any(not one.erase for one in past) else "none"

    def _whole(
        self,
        human: Human,
        sides: Sequence[BankAccount],
        live: Sequence[BankAccount],
        mine: Sequence[Entry],
        balance: int,
    ) -> None:
        account, where = sides[0].true, " and ".join(one.external_id for one in sides)
        true = Counter(one.facts for one in account.movements if one.booked)
        least, most = deleted_of(human, sides)
        found = Counter(map(facts_of, _booked(mine)))
        twice = Counter[Facts]()
        if len(live) < len(sides):
            # Another login took the account over, and may have held what the first one told of.
            twice = Counter(one.facts for one in account.movements if one.booked and one.was_held)
        _between(found, true - most, true - least + twice, f"booked on {where}")
        pending = [one for one in mine if one.removed is None and one.status is EntryStatus.PENDING]
        # Of two equal holds each login may show another one: together they show as many as either.
        least = Counter[Facts]()
        for side in live:
            least |= _held(account, [side])
        _between(
            Counter(map(facts_of, pending)), least, _held(account, live), f"pending on {where}"
        )
        ensure(
            balance == account.balance.minor,
            f"{where}: {balance} kept, {account.balance.minor} at the bank",
        )

    def _part(self, account: BankAccount, mine: Sequence[Entry]) -> None:
        """Let go, and kept: some of what is true, and nothing else."""
        true = Counter(one.facts for one in account.movements if one.booked)
        found = Counter(map(facts_of, _booked(mine)))
        ensure(not found - true, f"{account.external_id} holds more than is true: {found - true}")

    async def _moves_are_transfers(self, human: Human, entries: Sequence[Entry]) -> None:
        """Both sides of every move, and nothing else but what the person said otherwise."""
        names = await self.house.insight.names(human.id)
        live = {login.key for login in human.logins if await self._state_of(human, login) == "live"}
        shown = {one.id: one for one in _booked(entries)}
        real = {one.id: movement_of(human, one, names.get(one.id, ())) for one in shown.values()}
        at: dict[ExternalId, list[Entry]] = {}
        for key, movement in real.items():
            if movement is not None:
                at.setdefault(movement.true.born, []).append(shown[key])
        for entry in shown.values():
            self._has_both_sides(entry, shown)
            movement = real[entry.id]
            if entry.id in human.moved_by_hand:
                continue
            if movement is not None and movement.true.born in human.moved_by_hand:
                continue
            other = movement and movement.other
            if entry.transfer is not None:
                found = real.get(entry.transfer.other)
                is_it = found is not None and other is not None and found.true is other.true
                ensure(is_it, f"no transfer: {entry}")
            elif movement and other and _both_live(movement, other, live):
                # A side that is there twice, as two accounts, may be asked: either could be it.
                mine, theirs = at[movement.true.born], at.get(other.true.born, [])
                by_hand = other.true.born in human.moved_by_hand
                if len(mine) == len(theirs) == 1 and not by_hand:
                    raise WrongError(f"a transfer that nobody saw: {mine} and {theirs}")

    def _has_both_sides(self, entry: Entry, shown: Mapping[EntryId, Entry]) -> None:
        if entry.transfer is None:
            return
        back = shown.get(entry.transfer.other)
        ensure(back and back.transfer, f"half a transfer: {entry}")
        assert back is not None
        assert back.transfer is not None
        ensure(back.transfer.other == entry.id, f"crossed transfers: {entry}, {back}")
        same = back.transfer.id == entry.transfer.id
        where = entry.transfer.other_account == back.account_id
        ensure(same and where, f"not the same transfer: {entry}, {back}")


def _both_live(one: Movement, other: Movement, live: Collection[str]) -> bool:
    return {one.account.login.key, other.account.login.key} <= set(live)


def _each(human: Human) -> Iterator[tuple[Login, BankAccount]]:
    for login in human.logins:
        for account in login.accounts:
            yield login, account


def _told(one: Movement) -> bool:
    return one.pending and one.name not in one.account.login.away


def _held(account: BankAccount, sides: Collection[BankAccount]) -> Counter[Facts]:
    """What any of these logins shows as pending."""
    return Counter(
        one.facts
        for one in account.movements
        if any(_told(each) and each.account in sides for each in one.everywhere)
    )


def _booked(entries: Iterable[Entry]) -> list[Entry]:
    return [one for one in entries if one.removed is None and one.status is EntryStatus.BOOKED]


def _between(
    found: Counter[Facts], least: Counter[Facts], most: Counter[Facts], where: str
) -> None:
    lost, added = sorted((least - found).elements()), sorted((found - most).elements())
    if lost or added:
        raise WrongError(f"{where}: lost {lost}, doubled or foreign {added}")
