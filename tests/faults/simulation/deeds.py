"""What people say of links, suggestions and transfers; and what they try on each other.

They answer as somebody would who was there: two are one only if they are.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

from application.connections.complete_link import CompleteLink, CompleteLinkCommand
from application.connections.disconnect import Disconnect, DisconnectCommand
from application.connections.request_sync import RequestSync, RequestSyncCommand
from application.connections.start_link import StartLink, StartLinkCommand
from application.connections.start_renewal import StartRenewal, StartRenewalCommand
from application.ledger.decide_transfer import (
    ConfirmTransfer,
    DismissTransfer,
    TransferCommand,
    UndoTransfer,
)
from application.ledger.edit_entry import EditEntry, EditEntryCommand
from application.ledger.links_undo import UndoLink, UndoLinkCommand
from application.ledger.make_transfer import MakeTransfer, MakeTransferCommand
from application.ledger.ports import BeginLedgerTx
from application.ledger.remove_entry import RemoveEntry, RemoveEntryCommand
from application.ledger.replay_request import RequestReplay
from application.ledger.suggestions import Suggestion, SuggestionState
from application.ledger.suggestions_decide import DecideSuggestion, DecideSuggestionCommand
from application.ledger.transfers import BeginTransfersTx
from domain.connections.errors import BankLinkTakenError
from domain.ledger.entry import Entry
from domain.ledger.matching.evidence import Method
from domain.ledger.matching.facts import told_as
from domain.ledger.transfers import Transfer, TransferState
from domain.shared.errors import DalerError, NotFoundError
from domain.shared.ids import EntryId, ExternalId
from domain.shared.observations import EntryStatus
from tests.faults.simulation.people import People, movement_of
from tests.faults.simulation.truth import Human, Login, Movement

_WORDS: Final = {
    TransferState.PAIRED: (UndoTransfer,),
    TransferState.SUGGESTED: (ConfirmTransfer, DismissTransfer),
}
_NAMES_OF_A_BOOKING: Final = 2
_OTHERWISE_KNOWN: Final = frozenset({Method.AGAIN, Method.TWIN})
"""What two feeds tell of, people here take apart as whole accounts only."""


class LetInError(AssertionError):
    """Somebody got at what is another person's."""


async def decide(people: People, human: Human, login: Login) -> bool | None:
    """Answer a question about two that may be one."""
    del login
    asked = [
        one
        for one in await people.house.insight.books.suggestions(human.id)
        if one.state is SuggestionState.OPEN
    ]
    if not asked:
        return False
    one = people.dice.choice(asked)
    if one.what.between_feeds:
        # Whoever has joined two accounts wants each thing once.
        same = may_be_one(human, one)
    else:
        same = _is_one(human, one) and people.dice.random() < 0.7
        human.has_parted |= not same
    command = DecideSuggestionCommand(human.id, one.id, same=same)
    await people.request(lambda: people.house.the(DecideSuggestion)(command))
    return None


def _is_one(human: Human, asked: Suggestion) -> bool:
    pair = {_known(human, asked.what.pending_name), _known(human, asked.what.booked_name)}
    return len(pair) == 1


def may_be_one(human: Human, asked: Suggestion) -> bool:
    """Whether two feeds tell of one thing, or of equals, where either may be the other's."""
    one, other = _known(human, asked.what.pending_name), _known(human, asked.what.booked_name)
    if one is None or other is None:
        return False
    return one.true is other.true or one.facts == other.facts


def _known(human: Human, name: ExternalId) -> Movement | None:
    told = told_as(name)
    return next((one.by_name[told] for one in human.logins if told in one.by_name), None)


async def take_apart(people: People, human: Human, login: Login) -> bool | None:
    """Say that what was pending is not what was booked, whether that is so or not."""
    del login
    names = await people.house.insight.names(human.id)
    entries = await people.house.insight.books.entries(human.id)
    linked = [
        one
        for one in entries
        if one.removed is None
        and one.status is EntryStatus.BOOKED
        and len(names.get(one.id, ())) == _NAMES_OF_A_BOOKING
    ]
    if not linked:
        return False
    entry = people.dice.choice(linked)
    begin: Any = people.house.the(BeginLedgerTx)  # type: ignore[type-abstract] # a port
    async with begin(human.id) as tx:
        links = await tx.links.of_entry(entry.id)
    theirs = [one for one in links if not one.source.link.founding]
    if any(one.source.link.method in _OTHERWISE_KNOWN for one in links) or not theirs:
        return False
    human.has_parted = True
    # Their words stay with what was pending.
    human.said.pop(entry.note or "", None)
    command = UndoLinkCommand(human.id, entry.id, theirs[0].id)
    await people.request(lambda: people.house.the(UndoLink)(command))
    return None


# Transfers


async def pair(people: People, human: Human, login: Login) -> bool | None:
    """Any two that could be one transfer, as far as Daler knows."""
    del login
    shown = await _shown(people, human)
    if not shown:
        return False
    one = people.dice.choice(shown)
    others = [
        other
        for other in shown
        if other.account_id != one.account_id and other.amount.minor * one.amount.minor < 0
    ]
    if not others:
        return False
    other = people.dice.choice(others)
    await said_by_hand(people, human, {one.id, other.id})
    command = MakeTransferCommand(human.id, one.id, other.id)
    await people.request(lambda: people.house.the(MakeTransfer)(command))
    return None


async def judge(people: People, human: Human, login: Login) -> bool | None:
    """Take a transfer apart, or answer whether two are one."""
    del login
    found = await _transfers(people, human)
    known = [one for one in found if one.state in _WORDS]
    if not known:
        return False
    one = people.dice.choice(known)
    await said_by_hand(people, human, set(one.pair))
    say: Any = people.dice.choice(_WORDS[one.state])
    command = TransferCommand(human.id, one.id)
    await people.request(lambda: people.house.the(say)(command))
    return None


async def said_by_hand(people: People, human: Human, those: set[EntryId]) -> None:
    names = await people.house.insight.names(human.id)
    for entry in await people.house.insight.books.entries(human.id):
        if entry.id in those:
            human.moved_by_hand.add(entry.id)
            real = movement_of(human, entry, names.get(entry.id, ()))
            if real is not None:
                human.moved_by_hand.add(real.true.born)


async def _transfers(people: People, human: Human) -> Sequence[Transfer]:
    shown = [one.id for one in await people.house.insight.books.entries(human.id)]
    begin: Any = people.house.the(BeginTransfersTx)  # type: ignore[type-abstract] # a port
    async with begin(human.id) as tx:
        found: Sequence[Transfer] = await tx.transfers.of(shown)
    return sorted(found, key=lambda one: one.id)


async def _shown(people: People, human: Human) -> list[Entry]:
    entries = await people.house.insight.books.entries(human.id)
    return [one for one in entries if one.removed is None and one.status is EntryStatus.BOOKED]


async def replay(people: People, human: Human, login: Login) -> bool | None:
    """Have the matcher understand a bank's feed again."""
    mine = await people.connections_to(human, login)
    if not mine or not human.may_be_replayed or await people.is_erasing(human, login):
        return False
    feed = mine[-1].feed_id
    await people.request(lambda: people.house.the(RequestReplay)(human.id, feed))
    return None


# What is another's


async def pry(people: People, human: Human, login: Login) -> bool | None:
    """Use the ids of somebody else's things: there is nothing."""
    del login
    other = people.dice.choice([one for one in people.humans if one is not human])
    tries = [
        *await _about_connections(people, human, other),
        *await _about_entries(people, human, other),
    ]
    if not tries:
        return False
    what, deed = people.dice.choice(tries)
    try:
        await people.request(deed)
    except NotFoundError:
        return None
    raise LetInError(f"{human.id} could {what} of {other.id}")


_Try = tuple[str, Callable[[], Awaitable[object]]]


async def _about_connections(people: People, human: Human, other: Human) -> list[_Try]:
    theirs = await people.house.insight.connections(other.id)
    if not theirs:
        return []
    the, one = people.house.the, people.dice.choice(theirs)
    erase = DisconnectCommand(human.id, one.id, erase=True)
    return [
        ("sync", lambda: the(RequestSync)(RequestSyncCommand(human.id, one.id))),
        ("disconnect", lambda: the(Disconnect)(erase)),
        ("renew", lambda: the(StartRenewal)(StartRenewalCommand(human.id, one.id))),
    ]


async def _about_entries(people: People, human: Human, other: Human) -> list[_Try]:
    theirs = await people.house.insight.books.entries(other.id)
    if not theirs:
        return []
    the, one = people.house.the, people.dice.choice(theirs)
    another = people.dice.choice(theirs)
    edit = EditEntryCommand(human.id, one.id, note="mine")
    both = MakeTransferCommand(human.id, one.id, another.id)
    return [
        ("edit", lambda: the(EditEntry)(edit)),
        ("delete", lambda: the(RemoveEntry)(RemoveEntryCommand(human.id, one.id))),
        ("pair", lambda: the(MakeTransfer)(both)),
    ]


async def take_over(people: People, human: Human, login: Login) -> bool | None:
    """Link a bank that another person has linked. In one go: they must not let it go meanwhile."""
    del login
    other = people.dice.choice([one for one in people.humans if one is not human])
    theirs = people.dice.choice(other.logins)
    if theirs.character.moves or await people.connection_of(other, theirs) is None:
        return False
    start = StartLinkCommand(human.id, theirs.provider)
    started = await people.request(lambda: people.house.the(StartLink)(start))
    back = CompleteLinkCommand(human.id, theirs.provider, started.state, people.way_to(theirs))
    try:
        await people.request(lambda: people.house.the(CompleteLink)(back))
    except BankLinkTakenError:
        return None
    except DalerError:
        return False
    raise LetInError(f"{human.id} linked the bank of {other.id}")
