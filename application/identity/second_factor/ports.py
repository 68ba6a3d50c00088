"""What second factors need of the outside world: where they are kept, and how a code is drawn."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from domain.identity.challenge import ChallengeHash, SignInChallenge, Waiting
from domain.identity.totp import Totp
from domain.shared.secret import Secret


class Totps(Protocol):
    """The person's authenticator app: none, or one."""

    @abstractmethod
    async def get(self) -> Totp | None:
        """The app's secret, of which nobody else can spend a code until the transaction ends."""

    @abstractmethod
    async def put(self, totp: Totp) -> None:
        """Keep it, new or changed; another one than before takes its place."""

    @abstractmethod
    async def remove(self) -> None: ...


class RecoveryCodes(Protocol):
    """The person's recovery codes, kept as keyed hashes."""

    @abstractmethod
    async def replace(self, codes: Sequence[Secret], now: datetime) -> None:
        """These and no others from now on; an empty sequence takes all away."""

    @abstractmethod
    async def spend(self, code: Secret, now: datetime) -> bool:
        """Use it up; whether it was one that could still be used."""

    @abstractmethod
    async def left(self) -> int: ...


class Challenges(Protocol):
    """The person's sign-ins that wait for a second factor."""

    @abstractmethod
    async def add(self, challenge: SignInChallenge) -> None: ...

    @abstractmethod
    async def get(self, challenge: ChallengeHash) -> SignInChallenge | None:
        """The challenge, which nobody else can finish until the transaction ends."""

    @abstractmethod
    async def save(self, challenge: SignInChallenge) -> None: ...


class ChallengeOwners(Protocol):
    """Whose sign-in it is, found before anybody is signed in."""

    @abstractmethod
    async def waiting(self, challenge: ChallengeHash) -> Waiting | None: ...


class QrCodes(Protocol):
    @abstractmethod
    def svg(self, text: Secret) -> Secret:
        """The text as a QR code: one SVG element, which can stand in a page as it is."""
