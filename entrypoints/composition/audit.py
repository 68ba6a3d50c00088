"""Audit: verifying the trail. Writing it is part of every transaction."""

from dishka import Provider, Scope, provide

from adapters.memory.audit.trail import MemoryAuditChains
from adapters.memory.database import AUDIT_CHAINS, MemoryDatabase
from adapters.postgres.audit.chains import PostgresAuditChains
from application.audit.ports import AuditChains
from application.audit.verify_trail import VerifyTrail


class AuditHandlers(Provider):
    scope = Scope.APP

    @provide
    def verify(self, chains: AuditChains) -> VerifyTrail:
        return VerifyTrail(chains)


class PostgresAudit(Provider):
    """Needs Database."""

    scope = Scope.APP

    chains = provide(PostgresAuditChains, provides=AuditChains)


class MemoryAudit(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    @provide
    def chains(self, database: MemoryDatabase) -> AuditChains:
        return MemoryAuditChains(database.tables.of(AUDIT_CHAINS))
