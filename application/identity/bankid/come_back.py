from dataclasses import dataclass, field

from application.identity.bankid.link import BankIdLinking
from application.identity.bankid.ports import (
    BankIdProvider,
    BankIdReturn,
    BankIdRules,
    BeginBankIdAttemptsTx,
)
from application.identity.bankid.sign_in import BankIdSigningIn
from application.identity.bankid.status import BankIdStatus
from application.identity.ports import BeginIdentityTx
from application.identity.signing_in.tokens import SignedIn
from application.shared.clock import Clock
from domain.identity.bankid import Verified
from domain.identity.bankid_attempt import BankIdAttempt, Linking, digest, verifier_of
from domain.identity.errors_bankid import BankIdStateInvalidError
from domain.identity.session import Origin
from domain.shared.errors import DalerError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class BankIdReturnCommand:
    """What the browser brought back, and what it says of itself. Believed by nobody."""

    state: Secret
    browser: Secret | None
    code: Secret | None
    error: str | None = field(repr=False)
    issuer: str | None = field(repr=False)
    origin: Origin


@dataclass(frozen=True, slots=True)
class BankIdSignedIn:
    signed_in: SignedIn
    cookies: bool
    """Whether the session was wanted in cookies."""


@dataclass(frozen=True, slots=True)
class ReturnFromBankId:
    """A browser is back from BankID: find out who it is, and let them in or link them.

    The attempt is used up, and that committed, before anything else is done: whatever comes of
    it, its state never works again.
    """

    begin_attempts: BeginBankIdAttemptsTx
    begin: BeginIdentityTx
    provider: BankIdProvider
    sign_in: BankIdSigningIn
    link: BankIdLinking
    rules: BankIdRules
    clock: Clock

    async def __call__(self, command: BankIdReturnCommand) -> BankIdSignedIn | BankIdStatus:
        """Any error but the first three has used the attempt up, and changed nothing else.

        Raises:
            BankIdStateInvalidError, BankIdStateExpiredError, BankIdStateUsedError, and every other
            error of BankID, of national numbers and of opening a session.
        """
        if command.browser is None:
            raise BankIdStateInvalidError
        attempt = await self._use(command.state, command.browser)
        try:
            # BankID may take seconds; no transaction is open while we wait.
            told = await self.provider.claims(
                BankIdReturn(
                    command.code,
                    command.error,
                    command.issuer,
                    verifier=verifier_of(command.browser),
                    nonce=attempt.nonce,
                )
            )
            seen = Verified.of(told, self.rules.numbers, self.clock.now())
            if attempt.links is not None:
                return await self.link(attempt.links, seen)
        except DalerError as refusal:
            if attempt.links is not None:
                await self._note_refusal(attempt.links, refusal.code)
            raise
        return BankIdSignedIn(await self.sign_in(seen, command.origin), attempt.cookies)

    async def _use(self, state: Secret, browser: Secret) -> BankIdAttempt:
        async with self.begin_attempts() as tx:
            issued = await tx.attempts.get(digest(state))
            if issued is None:
                raise BankIdStateInvalidError
            used = issued.came_back(browser, self.clock.now())
            await tx.attempts.save(used)
            await tx.commit()
        return used

    async def _note_refusal(self, asked: Linking, why: str) -> None:
        async with self.begin(asked.user_id) as tx:
            await tx.audit.record(asked.user_id, "identity.bankid_link_refused", {"why": why})
            await tx.commit()
