from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from application.audit.ports import AuditChains, ChainPage
from application.shared.audit import AuditTrail
from application.shared.clock import Clock
from domain.audit import chain
from domain.audit.chain import AuditEntry, Facts, Head
from domain.shared.ids import UserId

Chains = dict[UserId, tuple[AuditEntry, ...]]
"""Immutable chains, so that a shallow copy is a whole draft."""


@dataclass(frozen=True, slots=True)
class MemoryAuditTrail(AuditTrail):
    chains: Chains
    clock: Clock

    @override
    async def record(
        self, user_id: UserId, action: str, facts: Facts, actor: UserId | None = None
    ) -> None:
        entries = self.chains.get(user_id, ())
        entry = chain.append(
            entries[-1].head if entries else Head(),
            user_id=user_id,
            at=self.clock.now(),
            action=action,
            actor_id=user_id if actor is None else actor,
            facts=facts,
        )
        self.chains[user_id] = (*entries, entry)


@dataclass(frozen=True, slots=True)
class MemoryAuditChains(AuditChains):
    """The head of a chain in memory is its last entry: nobody can cut it from outside."""

    chains: Chains

    @override
    async def persons(self, after: UserId | None, limit: int) -> Sequence[UserId]:
        return [u for u in sorted(self.chains) if after is None or u > after][:limit]

    @override
    async def page(self, user_id: UserId, after: int, limit: int) -> ChainPage:
        entries = self.chains.get(user_id, ())
        return ChainPage(
            entries[-1].head if entries else Head(),
            [entry for entry in entries if entry.seq > after][:limit],
        )
