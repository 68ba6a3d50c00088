"""What people do in between, and what they may rely on afterwards.

A person whose request was cut off sends it again, as an app does; what came of it they see from
what is there, as anybody would.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final, TypeVar

from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.start_link import StartedLink, StartLink, StartLinkCommand
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from domain.connections.connection import Connection, ConnectionStatus
from domain.ledger.entry import Entry, Part, Removed
from domain.ledger.matching.facts import told_as
from domain.shared.errors import DalerError
from domain.shared.ids import EntryId, ExternalId
from domain.shared.observations import EntryStatus
from tests.faults.simulation.house import House
from tests.faults.simulation.kept import facts_of
from tests.faults.simulation.stage import Stage, a_fate
from tests.faults.simulation.truth import Human, Login, Movement, Said
from tests.support.mortal import DeathError

T = TypeVar("T")

_TRIES: Final = 3
_KINDS: Final = ("food.groceries", "family.pets", "food.restaurants")


@dataclass(slots=True)
class People:
    house: House
    stage: Stage
    dice: Random
    humans: Sequence[Human]
    fragile: float
    """How often the process that serves a request dies of it."""
    notes: int = 0
    statements: int = 0
    ways: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    """How often each deed was done, refused or cut off."""

    async def request(self, call: Callable[[], Awaitable[T]]) -> T:
        """Until it is answered; a process may die of it twice at the most."""
        process = self.stage.current
        for tries in range(_TRIES):
            mortal = tries + 1 < _TRIES and self.dice.random() < self.fragile
            if process is not None:
                process.fate = a_fate(self.dice, steps=40, commits=2) if mortal else None
            try:
                return await call()
            except DeathError:
                self._count("cut off")
            finally:
                if process is not None:
                    process.fate = None
        raise AssertionError("the last try is never cut off")

    def _count(self, what: str) -> None:
        self.outcomes[what] = self.outcomes.get(what, 0) + 1

    async def attempt(self, what: str, deed: Awaitable[bool | None]) -> None:
        try:
            done = await deed
        except DalerError as error:
            self._count(f"{what}: {error.code}")
        else:
            self._count(what if done is None or done else f"{what}: not now")

    # Linking

    async def link(self, human: Human, login: Login) -> bool | None:
        if not await self._may_link(human, login):
            return False
        start = StartLinkCommand(human.id, login.provider)
        started = await self.request(lambda: self.house.the(StartLink)(start))
        await self._come_back(human, login, started)
        return None

    async def renew(self, human: Human, login: Login) -> bool | None:
        connection = await self.connection_of(human, login)
        if connection is None:
            return False
        start = StartRenewalCommand(human.id, connection.id)
        started = await self.request(lambda: self.house.the(StartRenewal)(start))
        await self._come_back(human, login, started)
        return None

    async def _come_back(self, human: Human, login: Login, started: StartedLink) -> None:
        back = CompleteLinkCommand(human.id, login.provider, started.state, self.way_to(login))
        await self.request(lambda: self.house.the(CompleteLink)(back))

    def way_to(self, login: Login) -> dict[str, str]:
        """What the browser brings back from the bank."""
        self.ways += 1
        return {"login": login.key, "way": str(self.ways)}

    async def _may_link(self, human: Human, login: Login) -> bool:
        """Nobody links a bank twice that has other names each time: that are two on purpose.

        And who let one go waits until that is over (ADR 0009).
        """
        if await self.connection_of(human, login) is not None:
            return not login.character.moves
        mine = await self.connections_to(human, login)
        if any(one.status is ConnectionStatus.DISCONNECTING for one in mine):
            return False
        return not any(job.name == "ledger.erase_feed" for job in await self.house.unfinished())

    async def connections_to(self, human: Human, login: Login) -> list[Connection]:
        return [
            one
            for one in await self.house.insight.connections(human.id)
            if one.external_id.partition("~")[0] == login.key
        ]

    async def connection_of(self, human: Human, login: Login) -> Connection | None:
        """The one that goes on."""
        mine = await self.connections_to(human, login)
        return next((one for one in mine if not one.ended), None)

    async def disconnect(self, human: Human, login: Login) -> bool | None:
        connection = await self.connection_of(human, login)
        if connection is None:
            return False
        # What a bank revises while nobody listens cannot be known: such a bank is erased. And of
        # one that was let go and kept before, all that it told then stays (ADR 0009).
        kept = any(one.ended and not one.erase for one in await self.connections_to(human, login))
        erase = login.character.revises or (self.dice.random() < 0.4 and not kept)
        command = DisconnectCommand(human.id, connection.id, erase)
        if erase and login.is_shared:
            await self._leave_to_others(human, login)
        await self.request(lambda: self.house.the(Disconnect)(command))
        if erase:
            human.forget(login)
        elif login.is_shared:
            # The other login may take its account over, and this one get another when it is back.
            human.may_have_deleted(login)
        return None

    async def see_where_notes_are(self, human: Human) -> None:
        """What was said of an entry of two feeds stays with one of them when they part."""
        names = await self.house.insight.names(human.id)
        for entry in await self.house.insight.books.entries(human.id):
            said, told = human.said.get(entry.note or ""), names.get(entry.id, ())
            if said is None or said.movement.name in told:
                continue
            movement = movement_of(human, entry, told)
            if movement is None:
                # The bank has given it another name meanwhile, and the ledger not heard of that.
                tellers = {name.partition("~")[0] for name in told}
                there = [one for one in said.movement.everywhere if _shown_by(one) in tellers]
                movement = there[0] if len(there) == 1 else None
            if movement is not None:
                said.movement = movement

    async def _leave_to_others(self, human: Human, login: Login) -> None:
        """What they said of entries that another login shows, too, is of those from now on."""
        names = await self.house.insight.names(human.id)
        others = [
            one
            for one in human.logins
            if one is not login and not await self.is_erasing(human, one)
        ]
        for entry in await self.house.insight.books.entries(human.id):
            also = movement_of(human, entry, names.get(entry.id, ()), others)
            mine = movement_of(human, entry, names.get(entry.id, ()), [login])
            if also is None or mine is None:
                continue
            if entry.note in human.said:
                human.leave(entry.note, also)
            if entry.removed is Removed.BY_PERSON and also not in human.deleted:
                human.deleted.append(also)

    async def sync_now(self, human: Human, login: Login) -> bool | None:
        connection = await self.connection_of(human, login)
        if connection is None:
            return False
        command = RequestSyncCommand(human.id, connection.id)
        await self.request(lambda: self.house.the(RequestSync)(command))
        return None

    # Saying something of an entry

    async def _one_of(self, human: Human) -> tuple[Entry, Movement] | None:
        """An entry that is shown and booked, and what it really is."""
        shown = [
            one
            for one in await self.house.insight.books.entries(human.id)
            if one.removed is None and one.status is EntryStatus.BOOKED
        ]
        if not shown:
            return None
        entry = self.dice.choice(shown)
        movement = await self.movement_of(human, entry)
        if movement is None or await self.is_erasing(human, movement.account.login):
            return None
        return entry, movement

    async def is_erasing(self, human: Human, login: Login) -> bool:
        mine = await self.connections_to(human, login)
        return bool(mine) and mine[-1].ended and mine[-1].erase

    async def movement_of(self, human: Human, entry: Entry) -> Movement | None:
        names = await self.house.insight.names(human.id)
        return movement_of(human, entry, names.get(entry.id, ()))

    async def say(self, human: Human, login: Login) -> bool | None:
        del login
        chosen = await self._one_of(human)
        if chosen is None:
            return False
        entry, movement = chosen
        self.notes += 1
        note, said = f"note {self.notes}", Said(movement)
        command = EditEntryCommand(human.id, entry.id, note=note)
        if entry.note is not None:
            return False
        match self.dice.randrange(3):
            case 0 if not movement.other:
                said.category = self.dice.choice(_KINDS)
                command = EditEntryCommand(human.id, entry.id, note=note, category=said.category)
            case 1 if not movement.other:
                parts = self._parts(entry)
                said.shares = tuple((part.amount.minor, part.category) for part in parts)
                command = EditEntryCommand(human.id, entry.id, note=note, parts=parts)
            case _:
                pass
        await self.request(lambda: self.house.the(EditEntry)(command))
        human.said[note] = said
        return None

    def _parts(self, entry: Entry) -> list[Part]:
        shares = entry.amount.split(self.dice.randrange(2, 4))
        return [Part(share, self.dice.choice(_KINDS)) for share in shares]

    async def delete(self, human: Human, login: Login) -> bool | None:
        del login
        chosen = await self._one_of(human)
        if chosen is None or chosen[1].other is not None:
            return False
        entry, movement = chosen
        try:
            await self.request(lambda: self.house.the(RemoveEntry)(_removal(human, entry)))
        except DalerError:
            if not await self._is_deleted(human, entry.id):
                raise
        names = await self.house.insight.names(human.id)
        # The bank may have corrected it meanwhile, and the ledger not have heard of that yet.
        now = replace(entry, amount=movement.amount)
        told = [movement_of(human, now, names.get(entry.id, ()), [one]) for one in human.logins]
        for each in told:
            if each is None or each in human.deleted:
                continue
            # Among equal holds, another login's may have been taken for this one for a while.
            is_it = each.true is movement.true
            (human.deleted if is_it else human.perhaps_deleted).append(each)
        for one in human.logins:
            if one.is_shared and await self.connection_of(human, one) is None:
                human.may_have_deleted(one)  # its account may be another login's by now
        if entry.note in human.said:
            del human.said[entry.note]
        return None

    async def _is_deleted(self, human: Human, entry_id: EntryId) -> bool:
        entries = await self.house.insight.books.entries(human.id)
        return any(one.id == entry_id and one.removed is Removed.BY_PERSON for one in entries)


def _shown_by(one: Movement) -> str:
    return one.account.login.key


def _removal(human: Human, entry: Entry) -> RemoveEntryCommand:
    return RemoveEntryCommand(human.id, entry.id)


def movement_of(
    human: Human,
    entry: Entry,
    names: Sequence[ExternalId],
    logins: Sequence[Login] | None = None,
) -> Movement | None:
    """What a booked entry really is, by the names that feeds (or those of `logins`) gave it."""
    own = [name for name in names if told_as(name) == name]  # others were given up for a twin's
    found = [
        one
        for login in (human.logins if logins is None else logins)
        for name in own
        if (one := login.by_name.get(name)) and name in one.booked_as
        if one.booked and one.amount == entry.amount
    ]
    # Rather what everybody sees: of equals, another login's may be here for a while.
    seen = (one for one in found if one.facts == facts_of(entry))
    return next(seen, found[0] if found else None)
