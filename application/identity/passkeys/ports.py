"""What passkeys need of the outside world: where they are kept, and who understands them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from domain.identity.passkey import (
    Asserted,
    Attested,
    Passkey,
    PasskeyId,
    RawCredentialId,
    UserHandle,
)
from domain.identity.passkey_challenge import PasskeyChallenge
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who we are to authenticators."""

    id: str
    """A host; passkeys work on it and below it, and are lost when it changes."""
    name: str
    origins: tuple[str, ...]
    """Where our pages are, exactly: scheme, host and port."""


class Passkeys(Protocol):
    """The person's passkeys."""

    @abstractmethod
    async def all(self) -> Sequence[Passkey]:
        """The oldest first."""

    @abstractmethod
    async def count(self) -> int: ...

    @abstractmethod
    async def get(self, passkey_id: PasskeyId) -> Passkey:
        """The passkey, which nobody else can change until the transaction ends.

        Raises:
            PasskeyNotFoundError: there is none, or it is somebody else's.
        """

    @abstractmethod
    async def by_credential(self, credential_id: RawCredentialId) -> Passkey | None:
        """The same, by the authenticator's name for it."""

    @abstractmethod
    async def add(self, passkey: Passkey) -> None:
        """Keep it, and enter it in the directory.

        Raises:
            PasskeyKnownError: somebody has it already, this person or another.
        """

    @abstractmethod
    async def save(self, passkey: Passkey) -> None: ...

    @abstractmethod
    async def remove(self, passkey: Passkey) -> None:
        """Forget it, in the directory too."""

    @abstractmethod
    async def handle(self) -> UserHandle | None:
        """What authenticators know the person by, once they were asked to make a passkey."""

    @abstractmethod
    async def keep_handle(self, handle: UserHandle) -> None:
        """For good: it stays when every passkey is gone."""


class PasskeyDirectory(Protocol):
    @abstractmethod
    async def owner_of_passkey(self, credential_id: RawCredentialId) -> UserId | None:
        """Whose it is, found before anybody is signed in."""


class PasskeyChallenges(Protocol):
    """Challenges that wait for an answer, each in a transaction of its own."""

    @abstractmethod
    async def put(self, challenge: PasskeyChallenge) -> None: ...

    @abstractmethod
    async def take(self, challenge: TokenHash) -> PasskeyChallenge | None:
        """The challenge, for the first who asks; from then on it is gone, whatever comes of it."""


@dataclass(frozen=True, slots=True)
class PresentedAttestation:
    """A new key pair as a browser hands it over (RegistrationResponseJSON), decoded."""

    credential_id: RawCredentialId = field(repr=False)
    client_data: bytes = field(repr=False)
    attestation: bytes = field(repr=False)
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PresentedAssertion:
    """A signature as a browser hands it over (AuthenticationResponseJSON), decoded."""

    credential_id: RawCredentialId = field(repr=False)
    client_data: bytes = field(repr=False)
    authenticator_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    user_handle: UserHandle | None = field(default=None, repr=False)


class PasskeyVerifier(Protocol):
    """Who understands what authenticators say. Whatever they say, it raises nothing else."""

    @abstractmethod
    def challenge_in(self, client_data: bytes) -> Secret | None:
        """The challenge that is said to be answered; None when that cannot be read."""

    @abstractmethod
    def attested(self, presented: PresentedAttestation, challenge: Secret) -> Attested:
        """The new key pair, if it was made here, now, by a person whom their device verified.

        Raises:
            PasskeyUnacceptableError: with what is wrong.
        """

    @abstractmethod
    def asserted(
        self,
        presented: PresentedAssertion,
        challenge: Secret,
        passkey: Passkey,
        *,
        verified: bool,
    ) -> Asserted:
        """What was signed, if `passkey` signed it here and for this challenge.

        With `verified`, the device must have verified the person, not only felt somebody there.

        Raises:
            PasskeyRefusedError: with what is wrong, for the audit trail.
        """
