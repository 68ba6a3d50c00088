"""Ending consents at the provider, and until when it is tried."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.connections.banks import Banks
from application.connections.consent.former import formers
from application.connections.gateway import (
    AccessGoneError,
    BankGateway,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
)
from application.connections.ports import ConnectionsTx
from application.shared.cipher import SealBrokenError
from application.shared.receipts import Asked, Revocation
from domain.connections.connection import Connection
from domain.shared.errors import DalerError
from domain.shared.ids import ConnectionId
from domain.shared.secret import Secret

PATIENCE: Final = timedelta(days=3)
"""How long after a person's wish a provider is asked to end the consent, before what opened it is
forgotten without its word. Longer than an outage over a weekend, and far within the month that
the law gives for erasing (GDPR, article 12)."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is still kept that opens the bank, by the id that it is kept under."""

    connection: Connection
    accesses: Mapping[ConnectionId, Secret]
    """What it has now is the last."""
    unreadable: Sequence[ConnectionId]
    """From before renewals, and sealed by a key that is lost."""
    broken: SealBrokenError | None
    """What it has now cannot be opened."""
    asked: Asked | None

    @property
    def names(self) -> Sequence[ConnectionId]:
        present = () if self.broken is None else (self.connection.id,)
        return (*self.accesses, *self.unreadable, *present)

    @property
    def was_given_up(self) -> bool:
        """An earlier withdrawal, which kept the data, has forgotten it without anybody's word."""
        asked = self.asked
        return not self.names and asked is not None and bool(asked.last_error) and not asked.revoked

    def is_over(self, trouble: DalerError, now: datetime) -> bool:
        """Whether nobody is kept waiting for it any longer."""
        if isinstance(trouble, SealBrokenError) and not trouble.key_missing:
            return True
        if isinstance(trouble, AccessGoneError | RenewalRequiredError):
            return True  # only a new sign-in would help, of somebody who wants out
        # A wish without a receipt is from before there were any.
        return self.asked is None or now >= self.asked.at + PATIENCE


@dataclass(frozen=True, slots=True)
class Ended:
    how: Revocation | None
    """Of what it has now, or else of the last one before it. None: nobody has confirmed it."""
    troubles: Mapping[ConnectionId, DalerError]
    """Why some could not be ended."""

    @property
    def trouble(self) -> DalerError | None:
        """What to say of it: rather of what it has now, which comes last."""
        return next(reversed(tuple(self.troubles.values())), None)


async def held(tx: ConnectionsTx, connection: Connection) -> Held:
    former = await formers(tx, connection.id)
    accesses, broken = dict(former.accesses), None
    try:
        access = await tx.accesses.find(connection.id)
    except SealBrokenError as error:
        access, broken = None, error
    if access is not None:
        accesses[connection.id] = access
    asked = await tx.receipts.asked(connection.id)
    return Held(connection, accesses, former.unreadable, broken, asked)


async def end(banks: Banks, kept: Held) -> Ended:
    """Ask for each of them: one that the provider refuses to end holds up no other."""
    nothing_left = not kept.accesses and not kept.was_given_up
    how: Revocation | None = Revocation.GONE_ALREADY if nothing_left else None
    troubles: dict[ConnectionId, DalerError] = {}
    for name, access in kept.accesses.items():
        try:
            how = await _end_one(banks.of(kept.connection.provider), access)
        except (
            ProviderUnavailableError,
            ProviderMisconfiguredError,
            AccessGoneError,
            RenewalRequiredError,
        ) as error:
            troubles[name] = error
    present = kept.connection.id
    if kept.broken is not None:
        troubles[present] = kept.broken
    return Ended(None if present in troubles else how, troubles)


async def _end_one(bank: BankGateway, access: Secret) -> Revocation:
    try:
        await bank.revoke(access)
    except (AccessGoneError, RenewalRequiredError) as error:
        if not error.withdrawn:
            raise
        return Revocation.GONE_ALREADY  # there is no consent any more: what was asked for
    return Revocation.CONFIRMED
