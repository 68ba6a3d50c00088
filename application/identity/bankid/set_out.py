from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.identity.bankid.ports import BankIdProvider, BeginBankIdAttemptsTx, Leaving
from application.shared.caller import FreshCaller
from application.shared.chance import Chance
from application.shared.clock import Clock
from domain.identity.bankid_attempt import (
    BankIdAttempt,
    Linking,
    challenge_of,
    verifier_of,
)
from domain.shared.secret import Secret

ATTEMPTS_KEPT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SentToBankId:
    """Where the browser goes now, and what it has to bring back as a cookie."""

    address: Secret
    browser: Secret
    at: datetime
    expires_at: datetime

    @property
    def expires_in_s(self) -> int:
        return int((self.expires_at - self.at).total_seconds())


@dataclass(frozen=True, slots=True)
class BankIdLeaving:
    """Sends a browser to BankID with a state that only this browser can bring back."""

    begin: BeginBankIdAttemptsTx
    provider: BankIdProvider
    chance: Chance
    clock: Clock

    async def send(self, *, links: Linking | None = None, cookies: bool = False) -> SentToBankId:
        state, nonce, browser = (self.chance.token() for _ in range(3))
        leaving = Leaving(state, nonce, challenge_of(verifier_of(browser)))
        # BankID first: nobody was sent away whom it has no address for.
        address = await self.provider.address(leaving)
        now = self.clock.now()
        attempt = BankIdAttempt.begin(state, browser, nonce, now, links=links, cookies=cookies)
        async with self.begin() as tx:
            await tx.attempts.forget_before(now - ATTEMPTS_KEPT)
            await tx.attempts.add(attempt)
            await tx.commit()
        return SentToBankId(address, browser, now, attempt.expires_at)


@dataclass(frozen=True, slots=True)
class BeginBankIdCommand:
    cookies: bool = False
    """Whether the session is wanted in cookies in the end."""


@dataclass(frozen=True, slots=True)
class BeginBankId:
    """Somebody wants to sign in, or to become a person here, with BankID."""

    leaving: BankIdLeaving

    async def __call__(self, command: BeginBankIdCommand) -> SentToBankId:
        """Raises BankIdNotSetUpError, BankIdUnavailableError, BankIdMisconfiguredError."""
        return await self.leaving.send(cookies=command.cookies)


@dataclass(frozen=True, slots=True)
class BeginBankIdLinkCommand:
    caller: FreshCaller


@dataclass(frozen=True, slots=True)
class BeginBankIdLink:
    """A person wants to open their account with BankID from now on.

    Only the browser that asks can finish it: an address that somebody was talked into opening
    would tie their BankID to the account of whoever talked.
    """

    leaving: BankIdLeaving

    async def __call__(self, command: BeginBankIdLinkCommand) -> SentToBankId:
        """Raises BankIdNotSetUpError, BankIdUnavailableError, BankIdMisconfiguredError."""
        caller = command.caller
        return await self.leaving.send(links=Linking(caller.user_id, caller.session_id))
