"""The one guard before every secret that can be guessed: passwords, codes, proofs in between.

admitted = await guard.admit(Attempt.to_sign_in(email, address, device))
...look, slowly...
await guard.settle(admitted, Outcome.RIGHT)
"""

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Final, NewType, Protocol, Self

from application.shared.cipher import Cipher
from application.shared.clock import Clock
from domain.identity.device import DeviceId
from domain.identity.email import EmailAddress
from domain.identity.lockout import Count, CountedBy, CountKey, LockoutRules, Reserved
from domain.shared.ids import SessionId, UserId
from domain.shared.network import network_of

AccountKey = NewType("AccountKey", bytes)
"""A keyed hash of the account that is guessed at, whether it exists or not."""

_ACCOUNT: Final = "identity.guarded_account"
_COUNT: Final = "identity.guarded_count"


class Guessable(StrEnum):
    """What is guessed at. Tries at one do not count for another."""

    PASSWORD = "password"  # noqa: S105 - a word, not one
    SECOND_FACTOR = "second_factor"


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody is about to try a secret of an account."""

    secret: Guessable
    account: str = field(repr=False)
    place: str = field(repr=False)
    """What kind of place it is, and which one."""
    known: bool
    """From a device or session of the person's own: with a count of its own, and no other."""

    @classmethod
    def to_sign_in(
        cls, email: EmailAddress, address: str | None, device: DeviceId | None = None
    ) -> Self:
        """With a password. `device` is one that this very account knows."""
        return cls._from(Guessable.PASSWORD, f"email|{email.text}", address, device)

    @classmethod
    def second_factor(
        cls, user_id: UserId, address: str | None, device: DeviceId | None = None
    ) -> Self:
        """With a code, after the password was right. `device` is one that this person knows."""
        return cls._from(Guessable.SECOND_FACTOR, f"person|{user_id}", address, device)

    @classmethod
    def in_session(cls, secret: Guessable, user_id: UserId, session_id: SessionId) -> Self:
        """By who is signed in already: to step up, or to change the password."""
        return cls(secret, f"person|{user_id}", f"session|{session_id}", known=True)

    @classmethod
    def _from(
        cls, secret: Guessable, account: str, address: str | None, device: DeviceId | None
    ) -> Self:
        if device is not None:
            return cls(secret, account, f"device|{device}", known=True)
        return cls(secret, account, f"address|{network_of(address)}", known=False)


class Outcome(Enum):
    RIGHT = auto()
    """All failures of this place are forgotten, and the account gets this try back."""
    WRONG = auto()
    UNDECIDED = auto()
    """Nothing was tried, because something we need is down: the try is given back."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """One try, counted already."""

    account: AccountKey = field(repr=False)
    counts: tuple[Count, ...]
    at: datetime
    locks: CountedBy | None
    """What this try locks if it is wrong; to be audited then, when the account is somebody's."""


class Tallies(Protocol):
    """Where tries are counted, in transactions of their own, by keyed hashes only.

    What no longer counts is let go of now and then, so that guesses do not pile up.
    """

    @abstractmethod
    async def reserve(
        self, account: AccountKey, counts: tuple[Count, ...], now: datetime
    ) -> Reserved:
        """Count one more try, committed before this returns; of many at once, one at a time.

        Raises:
            SignInLockedError: nothing was counted.
        """

    @abstractmethod
    async def give_back(self, keys: Collection[CountKey], at: datetime) -> None:
        """Take away one try that was counted at this instant, under each key."""

    @abstractmethod
    async def clear(self, keys: Collection[CountKey]) -> None:
        """Forget everything counted under these keys."""

    @abstractmethod
    async def forgive(self, accounts: Collection[AccountKey]) -> None:
        """Forget everything counted of these accounts, wherever it came from."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Counts a try before it is judged, and turns away who has had too many."""

    tallies: Tallies
    cipher: Cipher
    clock: Clock
    rules: LockoutRules

    async def admit(self, attempt: Attempt) -> Admitted:
        """Count this try; it is committed when this returns.

        To be called before anything slow, and outside every transaction. An account that nobody
        has is treated alike.

        Raises:
            SignInLockedError: too many failures; do not look at the secret at all.
        """
        now = self.clock.now()
        account = self._account(attempt.account)
        counts = self._counts(attempt)
        reserved = await self.tallies.reserve(account, counts, now)
        return Admitted(account, counts, now, reserved.locks)

    async def settle(self, admitted: Admitted, outcome: Outcome) -> None:
        """Say what became of it. A try that is never settled stays a failure."""
        match outcome:
            case Outcome.RIGHT:
                place = [c.key for c in admitted.counts if c.by is not CountedBy.ACCOUNT]
                whole = [c.key for c in admitted.counts if c.by is CountedBy.ACCOUNT]
                await self.tallies.clear(place)
                if whole:
                    await self.tallies.give_back(whole, admitted.at)
            case Outcome.UNDECIDED:
                await self.tallies.give_back([c.key for c in admitted.counts], admitted.at)
            case Outcome.WRONG:
                pass

    async def forgive(self, user_id: UserId, email: EmailAddress | None) -> None:
        """Forget all failures of a person: at once they may try again, from everywhere."""
        accounts = [self._account(f"person|{user_id}")]
        if email is not None:
            accounts.append(self._account(f"email|{email.text}"))
        await self.tallies.forgive(accounts)

    def _account(self, account: str) -> AccountKey:
        return AccountKey(self.cipher.lookup(_ACCOUNT, account))

    def _counts(self, attempt: Attempt) -> tuple[Count, ...]:
        if attempt.known:
            return (self._count(attempt, CountedBy.DEVICE, attempt.place),)
        return (
            self._count(attempt, CountedBy.ADDRESS, attempt.place),
            self._count(attempt, CountedBy.ACCOUNT, "everywhere"),
        )

    def _count(self, attempt: Attempt, by: CountedBy, place: str) -> Count:
        # Ours first: what somebody typed stands last, so it cannot pass for anything else.
        text = f"{attempt.secret}|{place}|{attempt.account}"
        key = CountKey(self.cipher.lookup(_COUNT, text))
        return Count(key, by, self.rules.of(by))
