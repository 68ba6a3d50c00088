"""What happens at two banks, and how late, doubled and disordered it is told of."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Final

from domain.connections.provider import Provider
from tests.contract.connections.storm import PERSON, Bank, Storm
from tests.support.observations import a_page
from tests.support.webhooks import (
    Letter,
    Senders,
    of_plaid,
    of_tink,
    refreshed,
    sync_available,
)

EVENTS: Final = 1_000
DOUBLED: Final = 300
"""Thirty in a hundred come twice."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens at a bank, and the webhook about it."""

    provider: Provider
    kind: str
    number: int

    def happen(self, bank: Bank) -> None:
        match self.kind:
            case "spends":
                bank.says(a_page(f"{self.provider}-{self.number}"))
            case "signs out":
                bank.signed_out = True
            case "signs in":
                bank.signed_out = False
            case _:
                pass  # it is only told

    def letter(self, senders: Senders) -> Letter:
        if self.provider is Provider.PLAID:
            told = {
                "spends": sync_available("link-plaid"),
                "signs out": of_plaid(
                    "ERROR", "link-plaid", error={"error_code": "ITEM_LOGIN_REQUIRED"}
                ),
                "signs in": of_plaid("LOGIN_REPAIRED", "link-plaid"),
                "deletes": of_plaid("NEW_ACCOUNTS_AVAILABLE", "link-plaid"),
                "strange": of_plaid("DREAM", "link-plaid"),
                "elsewhere": sync_available("somebody-elses"),
            }
            return senders.plaid_sends(told[self.kind])
        gone = {"ids": [f"gone-{self.number}"]}
        told = {
            "spends": refreshed("link-tink"),
            "deletes": of_tink("account-transactions:deleted", PERSON, transactions=gone),
            "strange": of_tink("account:dreamt", PERSON),
            "elsewhere": of_tink("account:updated", "d-nobody", id="a"),
            "signs in": of_tink("account:updated", PERSON, id="a"),
            "signs out": refreshed("link-tink", "TEMPORARY_ERROR"),
        }
        return senders.tink_sends(told[self.kind])


def a_dice(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a storm, no secret


def history(dice: Random, count: int) -> list[Event]:
    kinds = ("spends",) * 12 + ("deletes", "strange", "elsewhere", "signs out", "signs in")
    events = [
        Event(dice.choice(list(Provider)), dice.choice(kinds), number)
        for number in range(count - 1)
    ]
    # Tink has no word for a sign-in that was repaired elsewhere: renewing is the only way back.
    ours = [
        replace(one, kind="spends")
        if one.provider is Provider.TINK and one.kind.startswith("signs")
        else one
        for one in events
    ]
    # What could be read last depends on when one looked, for as long as the bank shuts us out.
    return [*ours, Event(Provider.PLAID, "signs in", count - 1)]


def told_when(events: Sequence[Event], dice: Random) -> dict[int, list[Event]]:
    """Three hundred are told of twice. Each letter is late by a little, or by very much.

    By the number of the event that it comes after; from the last event on, in any order.
    """
    letters, due = [*events, *dice.sample(events, DOUBLED)], dict[int, list[Event]]()
    dice.shuffle(letters)
    for one in letters:
        late = dice.randrange(20 if dice.random() < 0.3 else EVENTS)
        due.setdefault(min(one.number + late, EVENTS - 1), []).append(one)
    return due


async def in_order(storm: Storm, events: Sequence[Event]) -> None:
    for one in events:
        one.happen(storm.banks[one.provider])
        await storm.tell(one.letter(storm.senders))
        await storm.work()
        storm.tidy()


async def in_disorder(storm: Storm, events: Sequence[Event], dice: Random) -> list[int]:
    """What happens, happens in order; what is told of it comes whenever, once it has happened.

    Returns the numbers of the events in the order in which they were told of.
    """
    due, order = told_when(events, dice), list[int]()
    for number, one in enumerate(events):
        one.happen(storm.banks[one.provider])
        for letter in due.get(number, ()):
            order.append(letter.number)
            await storm.tell(letter.letter(storm.senders))
            if dice.random() < 0.3:
                # Some worker takes something now and then, in the middle of it all.
                await storm.work(dice.randrange(4))
                storm.tidy()
    await storm.work()
    return order


async def ensure_a_storm(storm: Storm, order: Sequence[int]) -> None:
    """A thousand events, three hundred of them told of twice, and nothing in its turn.

    Each delivery was kept for itself, also those with the same body as another.
    """
    assert await storm.deliveries() == len(order) == EVENTS + DOUBLED
    assert sorted(Counter(order).values()) == [1] * (EVENTS - DOUBLED) + [2] * DOUBLED
    overtaken = sum(later < earlier for earlier, later in pairwise(order))
    assert overtaken > len(order) / 4
