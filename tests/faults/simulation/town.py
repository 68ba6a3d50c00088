"""Who there is, and how their banks behave: drawn once, before anything happens."""

from random import Random
from typing import Final
from uuid import UUID

from domain.connections.provider import Provider
from domain.shared.ids import UserId
from domain.shared.observations import AccountKind
from tests.faults.simulation.truth import BankAccount, Character, Human, Login

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
    return human


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
