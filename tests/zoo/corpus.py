"""Lifelike histories with known truth: one seed, one life, one bank with its quirks.

Every purchase is held under one name and booked under another after some days, as most European
banks do it, with tips, rates that move, holds that are released, words that change, pending
entries that are renamed or dropped, twins, and pages in any order.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from domain.shared.ids import ExternalId
from domain.shared.money import Money
from domain.shared.observations import EntryStatus, Observations, TransactionSeen

FIRST_DAY: Final = date(2026, 1, 5)
RELISTED_FOR: Final = 10
"""Days that every sync tells again."""
_MERCHANTS: Final = (
    ("KIWI 505 OSLO", "Kiwi Torshov"),
    ("REMA 1000 ALNA", "Rema 1000"),
    ("COOP EXTRA 112", "Coop Extra Grunerlokka"),
    ("Kaffebrenneriet", "KAFFEBRENNERIET AS"),
    ("NARVESEN 211", "Narvesen Oslo S"),
    ("RUTER APP", "Ruter"),
    ("CIRCLE K ALNA", "Circle K"),
    ("VINMONOPOLET", "Vinmonopolet Oslo City"),
    ("Brasserie Blanche", "BRASSERIE BLANCHE"),
    ("PIZZA HUT", "Pizza Hut Oslo"),
    ("ZARA BARCELONA", "Zara"),
    ("ELKJOP LORENSKOG", "Elkjop"),
    ("NETFLIX.COM", "Netflix"),
    ("Spotify", "SPOTIFY STOCKHOLM"),
    ("HERTZ NORWAY", "Hertz"),
    ("ZETTLE HANSEN", "Blomsterbua"),
    ("SUMUP LARSEN", "Frisor Saks"),
    ("APOTEK 1", "Apotek Torshov"),
)
_PRICES: Final = (2900, 4900, 4900, 5900, 12900, 18500, 39900, 64000)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What really happened; only the corpus knows."""

    number: int
    day: int
    merchant: int
    held: int
    booked: int | None
    """None: released, never booked."""
    books_after: int

    @property
    def pending_name(self) -> str:
        return f"p-{self.number}"

    @property
    def booked_name(self) -> str:
        return f"b-{self.number}"

    def is_like(self, other: "Purchase") -> bool:
        """Whether nobody can say, nor needs to, whose hold or whose booking is whose."""
        if (self.merchant, self.held) != (other.merchant, other.held):
            return False
        booked = (self.day + self.books_after, self.booked)
        return self.day == other.day or booked == (other.day + other.books_after, other.booked)


@dataclass(slots=True)
class Life:
    seed: int
    days: int = 90
    purchases: list[Purchase] = field(default_factory=list)
    chance: Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)  # noqa: S311 - a life to be lived again, not a secret
        for day in range(self.days):
            for _ in range(self.chance.choice((2, 4, 5, 7))):
                self._buy(day)

    def _buy(self, day: int) -> None:
        chance = self.chance
        merchant = chance.randrange(len(_MERCHANTS))
        usual, other = chance.choice(_PRICES), chance.randrange(1_000, 200_000)
        held = usual if chance.random() < 0.7 else other
        twins = 2 if chance.random() < 0.06 else 1
        for _ in range(twins):
            self.purchases.append(
                Purchase(
                    number=len(self.purchases),
                    day=day,
                    merchant=merchant,
                    held=held,
                    booked=self._booked(merchant, held),
                    books_after=chance.choice((1, 1, 2, 2, 3, 4, 6)),
                )
            )

    def _booked(self, merchant: int, held: int) -> int | None:
        dice = self.chance.random()
        words = _MERCHANTS[merchant][0].lower()
        if dice < 0.03:
            return None
        if "brasserie" in words or "pizza" in words:
            return held + held * self.chance.choice((0, 5, 10, 15)) // 100
        if "zara" in words:
            return held + held * self.chance.randrange(-20, 21) // 1_000
        if "circle" in words and dice < 0.5:
            return held * self.chance.randrange(45, 95) // 100
        return held

    def syncs(self) -> Iterator[tuple[date, list[Observations]]]:
        """Day by day what the bank says, in pages."""
        for day in range(self.days + 15):
            told = [*self._pending_on(day), *self._booked_on(day)]
            self.chance.shuffle(told)
            cut = len(told) // 2
            pages = [Observations(transactions=tuple(part)) for part in (told[:cut], told[cut:])]
            yield (
                FIRST_DAY + timedelta(days=day),
                [replace(page, lists_all_pending=True) for page in pages],
            )

    def _pending_on(self, day: int) -> Iterator[TransactionSeen]:
        for one in self.purchases:
            if one.day <= day < one.day + one.books_after:
                yield self._seen(one, one.pending_name, one.held, one.day, EntryStatus.PENDING)

    def _booked_on(self, day: int) -> Iterator[TransactionSeen]:
        for one in self.purchases:
            on = one.day + one.books_after
            if one.booked is not None and day - RELISTED_FOR <= on <= day:
                yield self._seen(one, one.booked_name, one.booked, on, EntryStatus.BOOKED)

    def _seen(
        self, one: Purchase, name: str, minor: int, day: int, status: EntryStatus
    ) -> TransactionSeen:
        held_as, booked_as = _MERCHANTS[one.merchant]
        return TransactionSeen(
            account=ExternalId("account-1"),
            id=ExternalId(name),
            status=status,
            amount=Money(-minor, "NOK"),
            booked_on=FIRST_DAY + timedelta(days=day),
            text=held_as if status is EntryStatus.PENDING else booked_as,
        )
