from abc import abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from domain.identity import password as passwords
from domain.identity.email import EmailAddress
from domain.identity.person import PersonName
from domain.shared.secret import Secret


class Weakness(StrEnum):
    """Why guessers would find a password, whatever it looks like."""

    COMMON = "common"
    """It stands in a list of what many people use, maybe with the usual trimmings."""
    BREACHED = "breached"
    """It was stolen somewhere, and is known."""


_WORDS = {
    Weakness.COMMON: "this is among the passwords that are tried first: use a few different words",
    Weakness.BREACHED: "this password was stolen from another service and is known: use another",
}


class WeakPasswords(Protocol):
    """Lists of passwords that nobody should have. They lie on this machine; nobody is asked."""

    @abstractmethod
    async def weakness(self, password: Secret) -> Weakness | None:
        """Never on the event loop: lists may be long, and disks slow."""


@dataclass(frozen=True, slots=True)
class ChoosePassword:
    """The one place where it is decided that a password may be somebody's."""

    weak: WeakPasswords

    async def __call__(
        self,
        typed: Secret,
        name: PersonName | None,
        email: EmailAddress | None,
        *,
        alone: bool = True,
    ) -> Secret:
        """The password as it is hashed. `alone`: the person has no second factor.

        Raises:
            InvalidFieldsError: with the reason, under the name `password`.
        """
        password = passwords.choose(typed, name, email, alone=alone)
        await self.ensure_unknown(password)
        return password

    async def ensure_unknown(self, password: Secret) -> None:
        """For what `choose` has let pass already. Raises InvalidFieldsError."""
        weakness = await self.weak.weakness(password)
        if weakness is not None:
            raise passwords.invalid(weakness.value, _WORDS[weakness])
