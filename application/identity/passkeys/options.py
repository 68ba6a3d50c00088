"""What a browser is told so that an authenticator makes a passkey, or signs with one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from application.identity.passkeys.ports import RelyingParty
from domain.identity.passkey import Algorithm, Passkey, RawCredentialId, UserHandle
from domain.identity.passkey_challenge import CHALLENGE_LIFE
from domain.shared.secret import Secret

LIFE_S: Final = int(CHALLENGE_LIFE.total_seconds())


@dataclass(frozen=True, slots=True)
class Described:
    """A passkey as browsers look for it."""

    credential_id: RawCredentialId
    transports: tuple[str, ...]

    @classmethod
    def all(cls, passkeys: Sequence[Passkey]) -> "tuple[Described, ...]":
        return tuple(cls(passkey.credential_id, passkey.transports) for passkey in passkeys)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationOptions:
    """One that its authenticator can find again, made by a person whom their device verified."""

    challenge: Secret
    party: RelyingParty
    user_handle: UserHandle = field(repr=False)
    account: str = field(repr=False)
    """What tells this account from others in the person's list of passkeys."""
    name: str = field(repr=False)
    known: tuple[Described, ...]
    """Authenticators that hold one of these make no other."""
    algorithms: tuple[Algorithm, ...] = tuple(Algorithm)
    expires_in_s: int = LIFE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestOptions:
    challenge: Secret
    party: RelyingParty
    allowed: tuple[Described, ...] = ()
    """Empty: whichever passkey the person has for this site."""
    verified: bool
    """Whether the device has to verify the person; else it does where it can."""
    expires_in_s: int = LIFE_S
