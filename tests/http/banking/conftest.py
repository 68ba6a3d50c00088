from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import httpx
import pytest
from dishka import STRICT_VALIDATION, AsyncContainer, Scope, make_async_container, provide
from dishka import Provider as Composition
from typing_extensions import override

from adapters.memory.bank import MemoryBank
from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from application.connections.banks import Banks
from application.connections.rhythm import SIX_HOURLY, Rhythm
from application.shared.caller import (
    AccessTokens,
    ApiKeyCheck,
    Caller,
    Claims,
    SessionCheck,
    Standing,
)
from application.shared.jobs import JobBoard, JobView
from domain.connections.provider import Provider
from domain.shared.errors import UnauthenticatedError
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from entrypoints.composition.connections import ConnectionsHandlers, MemoryConnections
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.sync_history import sync_history_router
from tests.http.support import Common, NoKeys, OverMemory, calling, shared_app, work
from tests.support.clock import NOON, CountedIds, FixedClock

PEOPLE: Final = {"anna": UserId(UUID(int=1)), "bjorn": UserId(UUID(int=2))}
BANKING: Final = "/api/v1/banking"


class NamesAsTokens(AccessTokens, SessionCheck):
    @override
    def verify(self, token: Secret) -> Claims:
        person = PEOPLE.get(token.reveal())
        if person is None:
            raise UnauthenticatedError("this token is not one of ours")
        return Claims(person, SessionId(person), datetime(2030, 1, 1, tzinfo=UTC))

    @override
    async def standing(self, claims: Claims) -> Standing:
        caller = Caller(claims.user_id, claims.session_id)
        return Standing(caller, NOON, frozenset({"password"}), "device", "user")


class Banking(Composition):
    """Its banks, and callers who are whom they say."""

    scope = Scope.APP

    def __init__(self, banks: Banks) -> None:
        super().__init__()
        self._banks = banks

    tokens = provide(NamesAsTokens, provides=AccessTokens)
    keys = provide(NoKeys, provides=ApiKeyCheck)
    sessions = provide(NamesAsTokens, provides=SessionCheck)

    @provide
    def banks(self) -> Banks:
        return self._banks

    @provide
    def rhythm(self) -> Rhythm:
        return SIX_HOURLY


@dataclass(frozen=True, slots=True)
class House:
    """The application, its bank, and its worker."""

    container: AsyncContainer
    http: httpx.AsyncClient
    bank: MemoryBank
    clock: FixedClock
    board: JobBoard

    async def work(self) -> None:
        await work(self.container, self.board)

    async def jobs(self) -> Sequence[JobView]:
        return await self.board.list(None, 100)


@pytest.fixture
async def house(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    bank, database = MemoryBank(), MemoryDatabase(clock, ids)
    container = make_async_container(
        CallerProvider(),
        ConnectionsHandlers(),
        MemoryConnections(),
        Banking(Banks(dict.fromkeys(Provider, bank))),
        Common(clock, ids),
        OverMemory(database),
        validation_settings=STRICT_VALIDATION,
    )
    app = shared_app(container, banking_router, sync_history_router)
    async with calling(app, BANKING, authorization="Bearer anna") as http:
        yield House(container, http, bank, clock, MemoryJobBoard(database.tables, clock))
    await container.close()
