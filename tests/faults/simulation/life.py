"""What happens to people's money while nobody at Daler looks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from domain.shared.money import Money
from domain.shared.observations import EntryStatus
from tests.faults.simulation.truth import BankAccount, Human, Login, Movement

_PAYEES: Final = (
    ("KIWI 505 OSLO", "Kiwi Torshov"),
    ("REMA 1000 ALNA", "Rema 1000"),
    ("Kaffebrenneriet", "KAFFEBRENNERIET AS"),
    ("BRASSERIE BLANCHE", "Brasserie Blanche Oslo"),
    ("SUMUP LARSEN", "Frisor Saks"),
    ("NARVESEN 211", "Narvesen Oslo S"),
)
_PRICES: Final = (2_901, 4_901, 4_901, 12_901, 64_001)
"""One over a multiple of four, as every purchase here; wages are three over, and only what a
person moves between their own accounts is a multiple. So no two amounts are opposite by chance."""
_WAGE: Final = 3_100_003
_FIRST_MOVE: Final = 100_000
_APART: Final = 1.11
"""So much more than the one before is every move: more than any fee or rate explains."""
_MOVES_MAX: Final = 80
LATE: Final = 24
"""Days back that a bank still books: within what every sync of a listing bank asks for."""


@dataclass(slots=True)
class Life:
    """Draws what happens next."""

    dice: Random
    humans: Sequence[Human]
    moves: int = 0

    def happens(self, today: date) -> tuple[Login, str, Movement] | None:
        """One thing, at one bank; None when it cannot be done there."""
        human = self.dice.choice(self.humans)
        login = self.dice.choice(human.logins)
        account = self.dice.choice(login.accounts)
        what, act = self.dice.choices(_DEEDS, _WEIGHTS)[0]
        done = act(self, account if what in OF_ONE_LOGIN else account.true, today)
        return (done.account.login, what, done) if done is not None else None

    def comes_to_rest(self, today: date) -> None:
        """Nothing is under way any more at banks that never say what is still pending."""
        for human in self.humans:
            for account in human.accounts():
                account.login.brings_the_rest()
                while self.say_goodbye(account, today):
                    pass
                for one in account.movements:
                    if one.pending and not account.login.character.lists:
                        self.drop_one(one.true)

    def goes_shopping(self, today: date) -> None:
        """Something new everywhere, so that what is pending can be compared."""
        for human in self.humans:
            for account in human.accounts():
                for _ in range(0 if account.origin else self.dice.randrange(3)):
                    self.buy(account, today)

    # New movements

    def buy(self, account: BankAccount, today: date) -> Movement:
        status = EntryStatus.PENDING if self.dice.random() < 0.65 else EntryStatus.BOOKED
        payee = self.dice.choice(_PAYEES)
        minor = self.dice.choice(_PRICES)
        if self.dice.random() < 0.4:
            minor = self.dice.randrange(1_000, 200_000) // 4 * 4 + 1
        day = today - timedelta(days=self.dice.choice((0, 0, 0, 1)))
        text = payee[0] if status is EntryStatus.PENDING else self.dice.choice(payee)
        return self._new(account, -minor, day, text, status)

    def buy_twice(self, account: BankAccount, today: date) -> Movement:
        one = self.buy(account, today)
        return self._new(account, one.amount.minor, one.day, one.text, one.status)

    def earn(self, account: BankAccount, today: date) -> Movement:
        minor = _WAGE + 4 * self.dice.randrange(3)
        return self._new(account, minor, today, "Lonn Berg AS", EntryStatus.BOOKED)

    def book_late(self, account: BankAccount, today: date) -> Movement:
        day = today - timedelta(days=self.dice.randrange(2, LATE))
        minor = self.dice.randrange(1_000, 200_000) // 4 * 4 + 1
        return self._new(account, -minor, day, "Avtalegiro strom", EntryStatus.BOOKED)

    def move(self, account: BankAccount, today: date) -> Movement | None:
        """Money to another account of the person's own."""
        owner = next(one for one in self.humans if account.login in one.logins)
        others = [
            one
            for one in owner.accounts()
            if one is not account and not one.origin and one.currency == account.currency
        ]
        if not others or self.moves == _MOVES_MAX:
            return None
        into = self.dice.choice(others)
        minor = int(_FIRST_MOVE * _APART**self.moves) // 4 * 4
        self.moves += 1
        later = today + timedelta(days=0 if self.dice.random() < 0.7 else -1)
        text = f"Overforing til {into.number}" if into.number else "Overforing"
        left = self._new(account, -minor, later, text, EntryStatus.BOOKED)
        arrived = self._new(into, minor, today, "Overforing", EntryStatus.BOOKED)
        for one in left.everywhere:
            one.other = arrived
        for one in arrived.everywhere:
            one.other = left
        return left

    def _new(
        self, account: BankAccount, minor: int, day: date, text: str, status: EntryStatus
    ) -> Movement:
        login = account.login
        money = Money(minor, account.currency)
        one = Movement(account, money, day, text, status, login.new_name())
        account.movements.append(one)
        login.says(one)
        for also in account.copies:
            copy = Movement(also, money, day, text, status, also.login.new_name(), origin=one)
            one.copies.append(copy)
            also.movements.append(copy)
            also.login.says(copy)
        return one

    # What becomes of those there are

    def book(self, account: BankAccount, today: date) -> Movement | None:
        one = self._some([m for m in account.movements if m.pending])
        if one is None:
            return None
        dice = self.dice
        amount = Money(self._grown(one.amount.minor), account.currency)
        day = min(
            today,
            max(
                one.day + timedelta(days=dice.choice((-1, 0, 0, 1, 2))),
                today - timedelta(days=LATE),
            ),
        )
        text = one.text
        if dice.random() < 0.3:
            text = dice.choice([b for a, b in _PAYEES if a == one.text] or [one.text])
        for each in one.everywhere:
            each.amount, each.day, each.text, each.status = amount, day, text, EntryStatus.BOOKED
            each.was_held = True
            self._is_booked(each)
        return one

    def _is_booked(self, one: Movement) -> None:
        """Each login says so in its own way."""
        login, habits, dice = one.account.login, one.account.login.character, self.dice
        held = one.name
        if habits.keeps_ids:
            login.away.discard(held)
            login.says(one)
            return
        one.name = login.new_name()
        one.was = held if dice.random() < habits.names_bookings else None
        if dice.random() < habits.says_goodbye_late:
            login.goodbyes.append(held)
            login.says(one)
            return
        first, second = (login.takes_back, login.says)
        if dice.random() < 0.5:
            first(held)
            second(one)
        else:
            second(one)
            first(held)

    def _grown(self, minor: int) -> int:
        share = self.dice.choice((0, 0, 0, 0, 5, 10, 20, -40))
        return -(abs(minor) * (100 + share) // 100 // 4 * 4 + 1)

    def drop(self, account: BankAccount, today: date) -> Movement | None:
        """Held, and never booked."""
        del today
        one = self._some([m for m in account.movements if m.pending])
        if one is None:
            return None
        return self.drop_one(one)

    def drop_one(self, one: Movement) -> Movement:
        for each in one.everywhere:
            each.there = False
            each.account.login.takes_back(each.name)
        return one

    def flicker(self, account: BankAccount, today: date) -> Movement | None:
        del today
        login = account.login
        one = self._some([m for m in account.movements if m.pending])
        if one is None or not login.character.flickers:
            return None
        if one.name in login.away:
            login.away.discard(one.name)
        else:
            login.away.add(one.name)
        return one

    def say_goodbye(self, account: BankAccount, today: date) -> Movement | None:
        del today
        login = account.login
        if not login.goodbyes:
            return None
        name = login.goodbyes.pop(0)
        login.takes_back(name)
        return login.by_name[name]

    def bring_the_rest(self, account: BankAccount, today: date) -> Movement | None:
        del today
        hidden = account.login.hidden
        if not hidden:
            return None
        account.login.brings_the_rest()
        return hidden[0]

    def correct(self, account: BankAccount, today: date) -> Movement | None:
        """Another text, another day, another amount: one of them."""
        one = self._revisable(account, today)
        if one is None or one.revised:
            return None
        match self.dice.randrange(3):
            case 0:
                one.text = f"{one.text} AS"[:60]
            case 1:
                day = one.day - timedelta(days=1)
                one.day = max(day, today - timedelta(days=LATE))
            case _:
                one.amount = Money(one.amount.minor - 4, account.currency)
        for each in one.everywhere:
            each.revised = True
            each.text, each.day, each.amount = one.text, one.day, one.amount
            each.account.login.says(each)
        return one

    def rename(self, account: BankAccount, today: date) -> Movement | None:
        """A booked movement gets another id, and the old one is taken back first."""
        one = self._revisable(account, today)
        if one is None or one.revised or account.login.character.lists or self._has_twin(one):
            return None
        one.revised = True
        account.login.takes_back(one.name)
        one.name, one.was = account.login.new_name(), None
        account.login.says(one)
        return one

    def retract(self, account: BankAccount, today: date) -> Movement | None:
        one = self._revisable(account, today)
        if one is None:
            return None
        return self.drop_one(one)

    def _revisable(self, account: BankAccount, today: date) -> Movement | None:
        """Moves between own accounts are left alone: their amounts say what belongs together."""
        if not account.login.character.revises:
            return None
        oldest = today - timedelta(days=LATE)
        those = [m for m in account.movements if m.booked and m.other is None and m.day >= oldest]
        if account.is_shared:
            # Of equals, one feed's first may be the other's second: who is revised is anybody's
            # guess until both have told.
            those = [m for m in those if self._is_like_no_other(m)]
        return self._some(those)

    def _is_like_no_other(self, one: Movement) -> bool:
        amounts = {one.amount.minor, one.amount.minor - 4}
        return not any(
            m is not one and m.amount.minor in {n + d for n in amounts for d in (-4, 0)}
            for m in one.account.movements
        )

    def _has_twin(self, one: Movement) -> bool:
        """Perhaps taken back by now: nobody could say which of them has another name."""
        return any(
            m is not one and (m.day, m.amount) == (one.day, one.amount)
            for m in one.account.movements
        )

    def _some(self, those: Sequence[Movement]) -> Movement | None:
        return self.dice.choice(those) if those else None


_Deed = Callable[[Life, BankAccount, date], Movement | None]
_CHANCES: Final[Sequence[tuple[str, _Deed, int]]] = (
    ("buys", Life.buy, 30),
    ("buys twice", Life.buy_twice, 5),
    ("earns", Life.earn, 3),
    ("books late", Life.book_late, 4),
    ("moves", Life.move, 8),
    ("books", Life.book, 30),
    ("drops", Life.drop, 5),
    ("flickers", Life.flicker, 6),
    ("says goodbye", Life.say_goodbye, 8),
    ("brings the rest", Life.bring_the_rest, 3),
    ("corrects", Life.correct, 8),
    ("renames", Life.rename, 3),
    ("retracts", Life.retract, 4),
)
OF_ONE_LOGIN: Final = frozenset({"flickers", "says goodbye", "brings the rest", "renames"})
"""What one way into a bank does, not what happens to money."""
_DEEDS: Final = [(what, deed) for what, deed, _ in _CHANCES]
_WEIGHTS: Final = [weight for _, _, weight in _CHANCES]
