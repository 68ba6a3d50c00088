"""How a person gets in, and how sure it is who they are, as their profile shows it."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, Self

from domain.identity.bankid import Assurance
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class SignInMeans:
    password: bool = False
    second_factor: bool = False
    """A password alone gets nobody in."""
    passkeys: int = 0
    bankid: bool = False


class KycStatus(StrEnum):
    NONE = "none"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Kyc:
    """Whether somebody has vouched for who this is: BankID, as yet."""

    status: KycStatus = KycStatus.NONE
    level: Assurance | None = None
    verified_at: datetime | None = None

    @classmethod
    def by_bankid(cls, level: Assurance, verified_at: datetime) -> Self:
        return cls(KycStatus.APPROVED, level, verified_at)


@dataclass(frozen=True, slots=True)
class Means:
    sign_in: SignInMeans = field(default_factory=SignInMeans)
    kyc: Kyc = field(default_factory=Kyc)


class MeansReader(Protocol):
    """The one place that looks at every way in together; a new one is added here."""

    @abstractmethod
    async def of(self, user_id: UserId) -> Means:
        """What BankID vouched for stays so when it opens the account no more.

        Of several proofs the surest counts, and of those the latest.
        """
