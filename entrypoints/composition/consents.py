"""The life of consents: its use cases, and its readers over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.connections.consents import MemoryNoticesReader
from adapters.memory.connections.receipts import MemoryReceiptsReader
from adapters.memory.database import MemoryDatabase
from adapters.postgres.connections.consents import PostgresNoticesReader
from adapters.postgres.connections.receipts import PostgresReceiptsReader
from application.connections.consent.find_due import FindDueConsents
from application.connections.consent.look_at import LookAtConsent
from application.connections.consent.ports import NoticesReader
from application.connections.consent.receipts import ReceiptsReader
from application.connections.consent.revoke_former import RevokeFormer
from application.connections.consent.see_notice import SeeNotice


class ConsentHandlers(Provider):
    """Needs the readers below, and what ConnectionsHandlers needs."""

    scope = Scope.APP

    handlers = provide_all(SeeNotice, FindDueConsents, LookAtConsent, RevokeFormer)


class PostgresConsents(Provider):
    """Needs Database."""

    scope = Scope.APP

    notices = provide(PostgresNoticesReader, provides=NoticesReader)
    receipts = provide(PostgresReceiptsReader, provides=ReceiptsReader)


class MemoryConsents(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    @provide
    def notices(self, database: MemoryDatabase) -> NoticesReader:
        return MemoryNoticesReader(database.tables)

    @provide
    def receipts(self, database: MemoryDatabase) -> ReceiptsReader:
        return MemoryReceiptsReader(database.tables)
