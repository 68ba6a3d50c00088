"""Who there is, and how their banks behave: drawn once, before anything happens."""

from dataclasses import replace
from random import Random
from typing import Final
from uuid import UUID

from domain.connections.provider import Provider
from domain.shared.ids import UserId
from domain.shared.observations import AccountKind
from tests.faults.simulation.truth import BankAccount, Character, Human, Login

_SEES_TWICE: Final = 0.6
"""How many have a second login to one of their banks."""
_INSTITUTIONS: Final = ("Fjordbank", "Nordlys Sparebank", "Vestbank", "Kystbanken")


def a_character(dice: Random, provider: Provider) -> Character:
    lists = provider is Provider.TINK
    moves = dice.random() < 0.35
    return Character(
        lists=lists,
        page=dice.choice((2, 3, 5, 8, 20)),
        keeps_ids=dice.random() < (0.4 if lists else 0.15),
        names_bookings=0.0 if lists else dice.choice((0.0, 0.7, 1.0, 1.0)),
        says_goodbye_late=0.0 if lists else dice.choice((0.0, 0.0, 0.3)),
        moves=moves,
        revises=not moves and dice.random() < 0.6,
        flickers=lists and dice.random() < 0.4,
        stern=dice.random() < 0.5,
        slow=not lists and dice.random() < 0.5,
        repeats=dice.choice((0.0, 0.0, 0.2)),
    )


def a_town(dice: Random, people_max: int) -> list[Human]:
    """At least two people, with one to three banks each."""
    return [_human(dice, number) for number in range(dice.randrange(2, people_max + 1))]


def _human(dice: Random, number: int) -> Human:
    human = Human(UserId(UUID(int=0xA0 + number)))
    names = dice.sample(_INSTITUTIONS, dice.randrange(1, 4))
    for place, institution in enumerate(names):
        provider = dice.choice((Provider.TINK, Provider.PLAID))
        key = f"L{number}{place}"
        login = Login(key, human.id, provider, institution, a_character(dice, provider))
        for at in range(dice.randrange(1, 3)):
            login.accounts.append(_account(dice, login, at))
        human.logins.append(login)
    if dice.random() < _SEES_TWICE:
        human.logins.append(_another_way(dice, human, len(names), number))
    return human


def _another_way(dice: Random, human: Human, place: int, number: int) -> Login:
    """A second login to one of the banks, which shows the same accounts under other names."""
    first = dice.choice(human.logins)
    provider = dice.choice((Provider.TINK, Provider.PLAID))
    habits = a_character(dice, provider)
    # Where all names change, of two accounts that look alike nobody can say which one this was.
    same = first.character = replace(first.character, moves=False)
    habits = replace(habits, moves=False, revises=same.revises)
    login = Login(f"L{number}{place}", human.id, provider, first.institution, habits)
    for account in first.accounts:
        last_four = f"{dice.randrange(10**4):04d}"
        if account.number is not None:
            last_four = account.number[-4:]
        number_told = account.number if habits.lists else None
        if habits.lists and account.number is None:
            number_told = (
                f"NO93{place}{number}{account.place:02d}{dice.randrange(10**4)}{last_four}"
            )
        account.last_four = last_four
        copy = replace(
            account,
            login=login,
            number=number_told,
            origin=account,
            copies=[],
            movements=[],
            said=set(),
        )
        account.copies.append(copy)
        login.accounts.append(copy)
    return login


def _account(dice: Random, login: Login, place: int) -> BankAccount:
    numbered = login.character.lists
    kind = (AccountKind.CHECKING, AccountKind.SAVINGS)[place]
    return BankAccount(
        login=login,
        place=place,
        name=("Brukskonto", "Sparekonto")[place],
        kind=kind,
        currency="NOK",
        number=f"NO93{1000 + int(login.key[1:]):04d}{place:02d}{dice.randrange(10**5):05d}"
        if numbered
        else None,
        opening=dice.randrange(10**6, 10**7),
    )
