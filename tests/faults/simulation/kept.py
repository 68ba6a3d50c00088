"""What people said must still be there, also where two feeds tell of one account.

Of an account that two logins show, a person may have spoken twice of one thing: once of what each
feed told, before they said that the two are one. Then one of the two words stays (the later one,
says ADR 0020), and the other one comes back when the feeds are separated. Which of several equals
one feed's word belonged to, nobody knows; so equals are counted there.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from domain.ledger.entry import Entry
from tests.faults.simulation.truth import BankAccount, Facts, Human, Movement, Said


class WrongError(AssertionError):
    """The ledger is not what it must be."""


def ensure(true: object, what: str) -> None:
    if not true:
        raise WrongError(what)


def facts_of(one: Entry) -> Facts:
    return Facts(one.booked_on, one.amount.minor, one.amount.currency, one.text)


def deleted_of(human: Human, sides: Sequence[BankAccount]) -> tuple[Counter[Facts], Counter[Facts]]:
    """How much of what is true they have deleted: so much at least, and so much at most."""
    by_side = [
        Counter(one.facts for one in human.deleted if one.account is side and one.booked)
        for side in sides
    ]
    least, most = Counter[Facts](), Counter[Facts]()
    for one in by_side:
        least |= one
        most += one
    account = sides[0].true
    most += Counter(
        one.facts for one in human.perhaps_deleted if one.account.true is account and one.booked
    )
    return least, most


def said_is_kept(human: Human, entries: Iterable[Entry]) -> None:
    shown = [one for one in entries if one.removed is None]
    _once_on_each(human, shown)
    by_words = {one.note: one for one in shown if one.note}
    said = sorted(
        ((note, one) for note, one in human.said.items() if one.movement.booked),
        key=lambda word: _of_what(word[1].movement),
    )
    in_its_stead = [one for note, one in human.unsaid.items() if note in by_words]
    gone = Counter(_of_what(one) for one in (*human.deleted, *human.perhaps_deleted))
    for what, group in groupby(said, key=lambda word: _of_what(word[1].movement)):
        instead = sum(_of_what(one.movement) == what for one in in_its_stead)
        _stand(dict(group), by_words, gone[what] + instead)


def _once_on_each(human: Human, shown: Iterable[Entry]) -> None:
    """Of an account that two logins show, a note may be on both sides after they were separated."""
    by_note: dict[str, list[Entry]] = {}
    for one in shown:
        by_note.setdefault(one.note or "", []).append(one)
    for note, entries in by_note.items():
        if not note or len(entries) == 1:
            continue
        said = human.said.get(note) or human.unsaid.get(note)
        ensure(said and said.movement.account.is_shared, f"{note} stands twice")
        assert said is not None
        sides = {one.account_id for one in entries}
        same = all(facts_of(one) == said.movement.facts for one in entries)
        ensure(len(sides) == len(entries) and same, f"{note} stands twice: {entries}")


def _of_what(movement: Movement) -> tuple[str, ...]:
    """Equals of an account that two logins show are counted together, anything else by itself."""
    account = movement.account
    if not account.is_shared:
        return (account.external_id, movement.born)
    return (account.true.external_id, *map(str, movement.facts))


def _stand(said: dict[str, Said], shown: dict[str, Entry], gone: int) -> None:
    """`gone`: so many of them were deleted, on either account; that goes before any note."""
    by_side = Counter(id(one.movement.account) for one in said.values())
    there = [note for note in said if note in shown]
    ensure(
        len(there) >= max(by_side.values()) - gone,
        f"of {sorted(said)} only {sorted(there)} is left",
    )
    for note in there:
        _is_where_it_was_put(note, said[note], shown[note], alone=len(said) == 1)


def _is_where_it_was_put(note: str, said: Said, one: Entry, *, alone: bool) -> None:
    ensure(facts_of(one) == said.movement.facts, f"{note} is on {one}")
    if not alone:
        return  # with the note of one may stand the category of another
    if said.category:
        ensure(one.category == said.category, f"{note}: category {one.category}")
    first = tuple((part.amount.minor, part.category) for part in one.split)
    ensure(first[: len(said.shares)] == said.shares, f"{note}: split {one.split}")
