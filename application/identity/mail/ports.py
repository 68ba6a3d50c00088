"""Where what waits for its token is kept."""

from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from domain.identity.confirmation import Confirmation, ConfirmationId, Purpose
from domain.identity.email import EmailAddress
from domain.identity.refresh import TokenHash
from domain.shared.ids import UserId


class Confirmations(Protocol):
    """Asked for before anybody is signed in, so whoever a transaction acts for sees them all."""

    @abstractmethod
    async def add(self, confirmation: Confirmation) -> None: ...

    @abstractmethod
    async def get(self, confirmation_id: ConfirmationId) -> Confirmation | None:
        """The confirmation, which nobody else can change until the transaction ends."""

    @abstractmethod
    async def by_token(self, token: TokenHash) -> Confirmation | None:
        """As `get`; used and expired ones are found, too, as long as they are kept."""

    @abstractmethod
    async def save(self, confirmation: Confirmation) -> None: ...

    @abstractmethod
    async def withdraw(self, user_id: UserId, purposes: Collection[Purpose]) -> None:
        """Forget those of the person that still wait: their tokens are worth nothing any more."""

    @abstractmethod
    async def may_mail(self, email: EmailAddress, purpose: Purpose, now: datetime) -> bool:
        """Take one of the few turns that an address has in an hour; False: there is none left.

        Each purpose has turns of its own: who registers with somebody's address over and over
        must not keep them from getting the mail that lets them in again.
        """
