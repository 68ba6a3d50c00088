from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from application.connections.banks import Banks
from application.connections.gateway import LinkRequest, LinkStart
from application.connections.link_states import LinkStates, state_digest
from application.connections.ports import BeginConnectionsTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.connections.attempt import STATE_LIFE, Attempt
from domain.connections.ids import AttemptId
from domain.connections.provider import Provider
from domain.shared.ids import ConnectionId, UserId
from domain.shared.secret import Secret

ATTEMPTS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class StartLinkCommand:
    user_id: UserId
    provider: Provider


@dataclass(frozen=True, slots=True)
class StartedLink:
    """Where the person goes now. Both are secrets: whoever has them can link in their place."""

    attempt_id: AttemptId
    state: Secret
    url: Secret | None
    link_token: Secret | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Attempting:
    """Begins attempts, for a new link and for a renewal alike."""

    begin: BeginConnectionsTx
    banks: Banks
    states: LinkStates
    clock: Clock
    ids: NewIds

    async def start(
        self,
        user_id: UserId,
        provider: Provider,
        *,
        renews: ConnectionId | None = None,
        access: Secret | None = None,
    ) -> StartedLink:
        state = self.states.issue(user_id, provider)
        # The provider first: an attempt that nobody was ever sent away with need not be kept.
        start = await self.banks.of(provider).begin_link(LinkRequest(user_id, state, access))
        now = self.clock.now()
        attempt = Attempt(
            id=AttemptId(self.ids.one()),
            owner=user_id,
            provider=provider,
            state_digest=state_digest(state),
            issued_at=now,
            expires_at=now + STATE_LIFE,
            renews=renews,
        )
        async with self.begin(user_id) as tx:
            await tx.attempts.forget_before(now - ATTEMPTS_KEPT)
            await tx.attempts.add(attempt)
            await tx.audit.record(
                user_id,
                "connections.link_started",
                {
                    "attempt_id": str(attempt.id),
                    "provider": provider,
                    "renews": None if renews is None else str(renews),
                },
            )
            await tx.commit()
        return _started(attempt, state, start)


def _started(attempt: Attempt, state: Secret, start: LinkStart) -> StartedLink:
    return StartedLink(
        attempt_id=attempt.id,
        state=state,
        url=start.url,
        link_token=start.link_token,
        expires_at=min(attempt.expires_at, start.expires_at),
    )


@dataclass(frozen=True, slots=True)
class StartLink:
    """Send a person to their bank, with a state that only they can bring back."""

    attempting: Attempting

    async def __call__(self, command: StartLinkCommand) -> StartedLink:
        """Raises ProviderUnavailableError, ProviderMisconfiguredError."""
        return await self.attempting.start(command.user_id, command.provider)
