from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from application.shared.caller import AccessTokens, Caller, Claims, SessionCheck
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.health import HealthChecks
from application.shared.jobs import JobView
from domain.connections.provider import Provider
from domain.shared.errors import UnauthenticatedError
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from entrypoints.composition.connections import ConnectionsHandlers, MemoryConnections
from entrypoints.http.app import create_app
from entrypoints.http.banking import banking_router
from entrypoints.http.callers import CallerProvider
from entrypoints.http.options import HttpOptions
from entrypoints.worker.handlers import HANDLERS, handler_of
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance, CountedIds, FixedClock

PEOPLE = {"anna": UserId(UUID(int=1)), "bjorn": UserId(UUID(int=2))}
OPTIONS = HttpOptions(public_url="http://127.0.0.1:8000", version="0.1.0")


class NamesAsTokens(AccessTokens, SessionCheck):
    @override
    def verify(self, token: Secret) -> Claims:
        person = PEOPLE.get(token.reveal())
        if person is None:
            raise UnauthenticatedError("this token is not one of ours")
        return Claims(person, SessionId(person), datetime(2030, 1, 1, tzinfo=UTC))

    @override
    async def ensure_alive(self, claims: Claims) -> Caller:
        return Caller(claims.user_id, claims.session_id)


class WorldComposition(Composition):
    scope = Scope.APP

    def __init__(self, clock: FixedClock, bank: MemoryBank) -> None:
        super().__init__()
        self._clock, self._bank = clock, bank

    tokens = provide(NamesAsTokens, provides=AccessTokens)
    sessions = provide(NamesAsTokens, provides=SessionCheck)
    cipher = provide(GlassCipher, provides=Cipher)

    @provide
    def clock(self) -> Clock:
        return self._clock

    @provide
    def chance(self) -> Chance:
        return CountedChance()

    @provide
    def ids(self) -> NewIds:
        return CountedIds()

    @provide
    def database(self, clock: Clock, ids: NewIds) -> MemoryDatabase:
        return MemoryDatabase(clock, ids)

    @provide
    def rhythm(self) -> Rhythm:
        return SIX_HOURLY

    @provide
    def banks(self) -> Banks:
        return Banks(dict.fromkeys(Provider, self._bank))

    @provide
    def checks(self) -> HealthChecks:
        return HealthChecks(())


@dataclass(frozen=True, slots=True)
class House:
    """The application, its bank, and its worker."""

    container: AsyncContainer
    http: httpx.AsyncClient
    bank: MemoryBank
    clock: FixedClock

    async def board(self) -> MemoryJobBoard:
        database = await self.container.get(MemoryDatabase)
        return MemoryJobBoard(database.tables, self.clock)

    async def work(self) -> None:
        use_cases = {job.name: (job, use_case) for job, use_case in HANDLERS.items()}
        board = await self.board()
        while claimed := await board.claim(1):
            job, use_case = use_cases[claimed[0].name]
            run = handler_of(job, await self.container.get(use_case))
            await run(claimed[0].payload, claimed[0].lease)

    async def jobs(self) -> Sequence[JobView]:
        return await (await self.board()).list(None, 100)


@pytest.fixture
async def house(clock: FixedClock) -> AsyncIterator[House]:
    bank = MemoryBank()
    container = make_async_container(
        CallerProvider(),
        ConnectionsHandlers(),
        MemoryConnections(),
        WorldComposition(clock, bank),
        validation_settings=STRICT_VALIDATION,
    )
    app = create_app(container, [banking_router()], OPTIONS)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://daler.test/api/v1/banking",
        headers={"authorization": "Bearer anna"},
    ) as http:
        yield House(container, http, bank, clock)
    await container.close()
