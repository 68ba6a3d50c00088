"""What the parts of an application are given in tests, and how tests call it."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Final

import httpx
from dishka import AnyOf, AsyncContainer, Provider, Scope, provide
from litestar import Router
from typing_extensions import override

from adapters.crypto.keys import Key, KeyRing
from adapters.limits.in_process import InProcessLimiter
from adapters.memory.database import MemoryDatabase
from adapters.memory.mailbox import MemoryMailbox
from adapters.passwords.argon2id import Argon2Cost
from adapters.postgres.database import Database
from application.identity.mail.mails import Mailer
from application.identity.profile.profile import Profile
from application.shared.caller import ApiKeyCheck, Claims
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.health import HealthChecks
from application.shared.jobs import JobBoard
from application.shared.limits import LimitClass, Limits, Rate, RateLimiter
from domain.shared.errors import UnauthenticatedError
from domain.shared.secret import Secret
from entrypoints.composition.identity import IdentitySettings
from entrypoints.http.app import create_app
from entrypoints.http.metrics import Meters
from entrypoints.http.options import HttpOptions
from entrypoints.http.pages import Cursors
from entrypoints.http.shell.shell import Shell
from entrypoints.worker.handlers import HANDLERS, handler_of
from tests.http.documented import Documented
from tests.support.cipher import GlassCipher
from tests.support.clock import CountedChance
from tests.support.joining import joining

GENEROUS: Final = Limits(dict.fromkeys(LimitClass, Rate(100_000, 60)))
"""Nobody gets there in a test, and every call is counted as in production."""
OPTIONS: Final = HttpOptions(public_url="http://127.0.0.1:8000", version="0.1.0", limits=GENEROUS)
RING: Final = KeyRing([Key("k1", b"1" * 32)])
SETTINGS: Final = IdentitySettings(
    access_keys=RING, refresh_keys=RING, password_cost=Argon2Cost(memory_kib=64)
)


MakesRouter = Callable[[], Router]
_STANDING: Final[dict[tuple[str, tuple[MakesRouter, ...]], Shell]] = {}
"""By options and routers."""


def shared_app(
    container: AsyncContainer, *routers: MakesRouter, options: HttpOptions = OPTIONS
) -> Shell:
    """What `create_app` makes, with a container and meters of its own around one router.

    Reading the signatures of all routes costs ten times what a short test does, and says the
    same every time. Whoever asks `/metrics` or about starting wants `create_app` itself.
    """
    key = (repr(options), routers)
    if key not in _STANDING:
        _STANDING[key] = create_app(container, [make() for make in routers], options)
    return replace(_STANDING[key], container=container, meters=Meters.fresh())


class Common(Provider):
    scope = Scope.APP

    def __init__(self, clock: Clock, ids: NewIds) -> None:
        super().__init__()
        self._clock, self._ids = clock, ids

    @provide
    def clock(self) -> Clock:
        return self._clock

    @provide
    def ids(self) -> NewIds:
        return self._ids

    @provide
    def chance(self) -> Chance:
        return CountedChance()

    @provide
    def settings(self) -> IdentitySettings:
        return SETTINGS

    @provide
    def mailbox(self) -> AnyOf[MemoryMailbox, Mailer]:
        return MemoryMailbox()

    @provide
    def limiter(self) -> RateLimiter:
        return InProcessLimiter(self._clock)

    @provide
    def cursors(self) -> Cursors:
        return Cursors(Secret("c" * 32))

    @provide
    def checks(self) -> HealthChecks:
        return HealthChecks(())


class NoKeys(ApiKeyCheck):
    """Nobody has a key here."""

    @override
    async def claims_of(self, key: Secret) -> Claims:
        raise UnauthenticatedError("this key is not one of ours")


class OverMemory(Provider):
    scope = Scope.APP

    def __init__(self, database: MemoryDatabase) -> None:
        super().__init__()
        self._database = database

    cipher = provide(GlassCipher, provides=Cipher)

    @provide
    def database(self) -> MemoryDatabase:
        return self._database


class OverPostgres(Provider):
    scope = Scope.APP

    def __init__(self, database: Database, cipher: Cipher | None = None) -> None:
        super().__init__()
        self._database, self._cipher = database, cipher or GlassCipher()

    @provide
    def database(self) -> Database:
        return self._database

    @provide
    def cipher(self) -> Cipher:
        return self._cipher


class Calling(httpx.AsyncClient):
    """A caller who can also go behind the counter."""

    def __init__(self, app: Shell, base_url: str, headers: Mapping[str, str]) -> None:
        super().__init__(
            transport=httpx.ASGITransport(app=app),
            base_url=base_url,
            headers=headers,
            event_hooks={"response": [Documented(app.plans)]},
        )
        self.container = app.container


@asynccontextmanager
async def calling(
    app: Shell, path: str = "/api/v1", **headers: str
) -> AsyncIterator[httpx.AsyncClient]:
    async with Calling(app, f"http://daler.test{path}", headers) as http:
        yield http


async def joins(http: httpx.AsyncClient, name: str, email: str, password: str) -> Profile:
    """Registered and confirmed, without the mail between; not yet signed in."""
    assert isinstance(http, Calling), "this needs the client of `calling`"
    return await (await joining(http.container))(name, email, Secret(password))


async def work(container: AsyncContainer, board: JobBoard) -> None:
    """What a worker does, but that whatever fails is heard of at once."""
    use_cases = {job.name: (job, use_case) for job, use_case in HANDLERS.items()}
    while claimed := await board.claim(1):
        job, use_case = use_cases[claimed[0].name]
        run = handler_of(job, await container.get(use_case))
        await run(claimed[0].payload, claimed[0].lease)
