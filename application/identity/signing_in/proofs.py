"""How a person proves once more that it is they: what finishes a sign-in, and what steps up."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from typing_extensions import override

from application.identity.passkeys.notice import tell
from application.identity.ports import IdentityTx
from application.identity.second_factor.factors import factors_of
from domain.identity import recovery, totp
from domain.identity.confirmation import Letter
from domain.identity.errors import BadCredentialsError
from domain.identity.errors_factors import CodeWrongError, PasswordNotEnoughError
from domain.identity.password import PasswordCredential
from domain.identity.session import Method
from domain.shared.ids import UserId
from domain.shared.secret import Secret


class Proof(Protocol):
    """Something a person showed, checked and used up inside the transaction that it serves.

    The person is held. A proof that does not hold raises before it has written anything, so that
    the try can be counted in the same transaction.
    """

    @property
    @abstractmethod
    def method(self) -> Method: ...

    @abstractmethod
    async def __call__(self, tx: IdentityTx, user_id: UserId, now: datetime) -> None:
        """Raises ProofWrongError."""


@dataclass(frozen=True, slots=True)
class TotpProof(Proof):
    code: Secret = field(repr=False)

    @classmethod
    def of(cls, typed: Secret) -> "TotpProof":
        """Raises InvalidFieldsError."""
        return cls(totp.read_code(typed))

    @property
    @override
    def method(self) -> Method:
        return Method.TOTP

    @override
    async def __call__(self, tx: IdentityTx, user_id: UserId, now: datetime) -> None:
        app = await tx.totps.get()
        if app is None or not app.on:
            raise CodeWrongError
        await tx.totps.put(app.spend(self.code, now))


@dataclass(frozen=True, slots=True)
class RecoveryCodeProof(Proof):
    code: Secret = field(repr=False)

    @classmethod
    def of(cls, typed: Secret, name: str) -> "RecoveryCodeProof":
        """Raises InvalidFieldsError, naming the field `name`."""
        return cls(recovery.read_code(typed, name))

    @property
    @override
    def method(self) -> Method:
        return Method.RECOVERY_CODE

    @override
    async def __call__(self, tx: IdentityTx, user_id: UserId, now: datetime) -> None:
        if not await tx.recovery_codes.spend(self.code, now):
            raise CodeWrongError
        left = await tx.recovery_codes.left()
        await tx.audit.record(user_id, "identity.recovery_code_used", {"left": left})
        await tell(tx, user_id, Letter.RECOVERY_CODE_USED)


@dataclass(frozen=True, slots=True)
class PasswordProof(Proof):
    """A password that was looked at before the transaction began."""

    verified: PasswordCredential | None
    """The one it was right for; None: it was wrong."""

    @property
    @override
    def method(self) -> Method:
        return Method.PASSWORD

    @override
    async def __call__(self, tx: IdentityTx, user_id: UserId, now: datetime) -> None:
        """Raises PasswordNotEnoughError, BadCredentialsError: changed while it was hashed."""
        if (await factors_of(tx)).on:
            raise PasswordNotEnoughError
        kept = await tx.credentials.password_of(user_id)
        if self.verified is None or kept != self.verified:
            raise BadCredentialsError
