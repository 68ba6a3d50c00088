import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from application.connections.banks import Banks
from application.connections.gateway import (
    Granted,
    LinkAgainError,
    LinkCancelledError,
    LinkRefusedError,
    LinkReturn,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
)
from application.connections.keep_link import KeepLink, LinkReport, replayed
from application.connections.link_states import LinkStates
from application.connections.ports import BeginConnectionsTx, ConnectionsTx
from application.shared.clock import Clock
from application.shared.idempotency import IdempotencyKey
from domain.connections.attempt import Attempt, AttemptStatus
from domain.connections.errors import BankLinkTakenError, StillDisconnectingError
from domain.connections.provider import Provider
from domain.shared.errors import DalerError
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class CompleteLinkCommand:
    user_id: UserId
    provider: Provider
    state: Secret
    parameters: Mapping[str, str]
    """What the browser brought back, besides the state. Believed by nobody."""
    key: IdempotencyKey | None = None
    """With it, a request whose answer got lost may be sent again for the same answer."""


@dataclass(frozen=True, slots=True)
class CompleteLink:
    """A person is back from their bank: find out what was granted, and keep it.

    The attempt is `exchanging` while the provider is asked, so that a second request, or the
    same one after a crash, knows what it meets.
    """

    begin: BeginConnectionsTx
    banks: Banks
    states: LinkStates
    keep: KeepLink
    clock: Clock

    async def __call__(self, command: CompleteLinkCommand) -> LinkReport:
        """A state is good for one link.

        Raises:
            StateInvalidError, StateExpiredError, StateUsedError, LinkInProgressError:
                nothing has changed.
            LinkAgainError, LinkCancelledError, LinkRefusedError, BankLinkTakenError,
            StillDisconnectingError: the attempt has failed.
            ProviderUnavailableError, ProviderMisconfiguredError: the same may be sent again.
        """
        digest = self.states.digest(command.state, command.user_id, command.provider)
        answered = await self._answered_before(command)
        if answered is not None:
            return answered
        attempt, access = await self._take(command, digest)
        if attempt.status is AttemptStatus.FAILED:
            raise LinkAgainError("linking was cut off half-way; start linking again")
        granted = await self._exchange(attempt, command, access)
        try:
            return await self.keep(attempt, granted, command.key)
        except (BankLinkTakenError, StillDisconnectingError) as error:
            await self._fail(attempt, error)
            raise

    async def _answered_before(self, command: CompleteLinkCommand) -> LinkReport | None:
        if command.key is None:
            return None
        async with self.begin(command.user_id) as tx:
            return await replayed(tx, command.key)

    async def _take(
        self, command: CompleteLinkCommand, digest: bytes
    ) -> tuple[Attempt, Secret | None]:
        """Commit that somebody is exchanging, or that it was cut off and cannot be resumed."""
        bank = self.banks.of(command.provider)
        async with self.begin(command.user_id) as tx:
            issued = await tx.attempts.by_state(digest)
            attempt = issued.came_back(
                self.clock.now(),
                _digest(command.parameters),
                exchange_is_repeatable=bank.exchange_is_repeatable,
            )
            await tx.attempts.save(attempt)
            access = await tx.accesses.find(attempt.renews) if attempt.renews else None
            if attempt.failure is not None:
                await _audit_failure(tx, attempt, attempt.failure)
            await tx.commit()
        return attempt, access

    async def _exchange(
        self, attempt: Attempt, command: CompleteLinkCommand, access: Secret | None
    ) -> Granted:
        bank = self.banks.of(attempt.provider)
        try:
            # The provider may take seconds; no transaction is open while we wait.
            return await bank.complete_link(LinkReturn(attempt.owner, command.parameters, access))
        except (LinkCancelledError, LinkRefusedError, LinkAgainError) as error:
            await self._fail(attempt, error)
            raise
        except (ProviderUnavailableError, ProviderMisconfiguredError) as error:
            await self._conclude(attempt, Attempt.given_back, error)
            raise

    async def _fail(self, held: Attempt, error: DalerError) -> None:
        await self._conclude(held, lambda present: present.failed(error.code), error)

    async def _conclude(
        self, held: Attempt, conclusion: Callable[[Attempt], Attempt], error: DalerError
    ) -> None:
        async with self.begin(held.owner) as tx:
            present = await tx.attempts.get(held.id)
            present.ensure_held(held.lease_until)
            await tx.attempts.save(conclusion(present))
            await _audit_failure(tx, present, error.code)
            await tx.commit()


async def _audit_failure(tx: ConnectionsTx, attempt: Attempt, code: str) -> None:
    facts = {"attempt_id": str(attempt.id), "provider": attempt.provider, "error": code}
    await tx.audit.record(attempt.owner, "connections.link_failed", facts)


def _digest(parameters: Mapping[str, str]) -> bytes:
    """The same parameters in any order have the same digest, and no others do."""
    digest = hashlib.sha256()
    for name, value in sorted(parameters.items()):
        for text in (name, value):
            raw = text.encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.digest()
