"""What every context stands on, in the world that runs: settings, time, keys, the database."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from dishka import Provider, Scope, from_context, provide
from taskiq import AsyncBroker

from adapters.crypto.aes_gcm import aes_gcm_cipher
from adapters.limits.in_process import InProcessLimiter
from adapters.limits.redis import redis_limiter
from adapters.mail.settings import MailSettings
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.postgres.address import Address
from adapters.postgres.database import Database, PoolSizes, open_pools
from adapters.postgres.health import DatabaseHealth, QueueHealth
from adapters.postgres.jobs.board import PostgresJobBoard
from adapters.postgres.jobs.schedule import BeginPostgresScheduleTx
from adapters.postgres.jobs.tidy import BeginPostgresTidyTx
from adapters.postgres.limits import LOCK_OF_A_REQUEST
from adapters.postgres.shares import Shares
from adapters.system.chance import SystemChance
from adapters.system.clock import SystemClock
from adapters.system.ids import Uuid7Ids
from adapters.wakeups.brokers import ListenAddress, TableBroker, redis_broker
from adapters.wakeups.ring import AllWakeups, LocalWakeups, TaskiqWakeups
from application.connections.rhythm import Rhythm
from application.identity.passkeys.ports import RelyingParty
from application.jobs.schedule import BeginScheduleTx, EnqueueDueChores
from application.jobs.tidy import BeginTidyTx, Tidy
from application.jobs.work import WorkOptions
from application.shared.chance import Chance, NewIds
from application.shared.cipher import Cipher
from application.shared.clock import Clock
from application.shared.health import HealthChecks
from application.shared.jobs import JobBoard, Wakeups
from application.shared.limits import RateLimiter
from domain.shared.secret import Secret
from entrypoints.composition.identity import IdentitySettings
from entrypoints.composition.live_keys import LiveKeys
from entrypoints.composition.providers import BankSettings
from entrypoints.composition.schedules import SCHEDULES
from entrypoints.composition.settings import Settings
from entrypoints.composition.settings_bankid import BankIdSetup
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from entrypoints.http.pages import Cursors


@dataclass(frozen=True, slots=True)
class Pools:
    """Both pools of one process."""

    database: Database
    reads: asyncpg.Pool


class CoreProvider(Provider):
    """Needs Settings, with the address of the database filled in."""

    scope = Scope.APP

    settings = from_context(Settings, scope=Scope.APP)
    clock = provide(SystemClock, provides=Clock)
    chance = provide(SystemChance, provides=Chance)

    @provide
    def ids(self) -> NewIds:
        return Uuid7Ids()

    @provide
    def keys(self, settings: Settings) -> LiveKeys:
        return LiveKeys.of(settings)

    @provide
    def cipher(self, settings: Settings, keys: LiveKeys) -> Cipher:
        return aes_gcm_cipher(keys.encryption, settings.lookup_key.secret)

    @provide
    def identity(self, keys: LiveKeys, settings: Settings) -> IdentitySettings:
        return IdentitySettings(
            access_keys=keys.jwt,
            refresh_keys=keys.refresh,
            public_url=settings.public_url,
            password_cost=settings.guard.password_cost,
            lockout=settings.guard.lockout,
            breached_passwords=settings.guard.breached_passwords,
        )

    @provide
    async def limiter(
        self, settings: Settings, clock: Clock, cipher: Cipher
    ) -> AsyncIterator[RateLimiter]:
        alone = InProcessLimiter(clock)
        if settings.redis_url is None:
            yield alone
            return
        async with redis_limiter(settings.redis_url.reveal(), cipher, alone) as limiter:
            yield limiter

    @provide
    def mails(self, settings: Settings) -> MailSettings:
        return settings.mail

    @provide
    def passkeys(self, settings: Settings) -> RelyingParty:
        return settings.passkeys

    @provide
    def cursors(self, settings: Settings) -> Cursors:
        return Cursors(Secret(settings.cursor_key.secret.hex()))

    @provide
    def rhythm(self, settings: Settings) -> Rhythm:
        return Rhythm(timedelta(seconds=settings.sync_interval_s))

    @provide
    def banks(self, settings: Settings) -> BankSettings:
        return BankSettings(tink=settings.tink, plaid=settings.plaid)

    @provide
    def rates(self, settings: Settings) -> NorgesBankSettings:
        return settings.rates

    @provide
    def bankid(self, settings: Settings) -> BankIdSetup:
        return settings.bankid


class PostgresProvider(Provider):
    """The database, its jobs, and how workers are woken."""

    scope = Scope.APP

    begin_schedule = provide(BeginPostgresScheduleTx, provides=BeginScheduleTx)
    begin_tidy = provide(BeginPostgresTidyTx, provides=BeginTidyTx)
    tidy = provide(Tidy)

    @provide
    def local(self) -> LocalWakeups:
        return LocalWakeups()

    @provide
    async def pools(
        self, settings: Settings, clock: Clock, ids: NewIds, local: LocalWakeups
    ) -> AsyncIterator[Pools]:
        url = database_url(settings)
        sizes = PoolSizes(transactions=max(10, settings.job_concurrency + 6))
        async with open_pools(url, sizes) as (engine, reads):
            broker = broker_for(settings, reads)
            remote = TaskiqWakeups(broker)
            database = Database(
                engine,
                reads,
                clock,
                ids,
                SUBSCRIPTIONS,
                AllWakeups((local, remote)),
                Shares(sizes.transactions // 2, sizes.wait_s),
                LOCK_OF_A_REQUEST,
            )
            try:
                yield Pools(database, reads)
            finally:
                await remote.close()
                await broker.shutdown()

    @provide
    def database(self, pools: Pools) -> Database:
        return pools.database

    @provide
    def wakeups(self, database: Database) -> Wakeups:
        return database.wakeups

    @provide
    def board(self, settings: Settings, pools: Pools) -> JobBoard:
        return PostgresJobBoard(pools.reads, timedelta(seconds=settings.job_lease_s))

    @provide
    def work(self, settings: Settings) -> WorkOptions:
        return work_options(settings)

    @provide
    def chores(self, begin: BeginScheduleTx, clock: Clock) -> EnqueueDueChores:
        return EnqueueDueChores(begin, clock, SCHEDULES)

    @provide
    def health(self, pools: Pools, board: JobBoard) -> HealthChecks:
        return HealthChecks((DatabaseHealth(pools.reads), QueueHealth(board)))


def work_options(settings: Settings) -> WorkOptions:
    """What a death leaves behind goes on after a lease and a look, whoever was told of what."""
    return WorkOptions(
        concurrency=settings.job_concurrency,
        beat=timedelta(seconds=settings.job_beat_s),
        look=timedelta(seconds=min(2.0, settings.job_lease_s / 2)),
    )


def database_url(settings: Settings) -> str:
    if settings.database_url is None:
        raise ValueError("the embedded database must be started before anything is composed")
    return settings.database_url.reveal()


def broker_for(settings: Settings, pool: asyncpg.Pool) -> AsyncBroker:
    """Redis streams when there is a Redis, PostgreSQL's NOTIFY when not."""
    if settings.redis_url is not None:
        return redis_broker(settings.redis_url.reveal())
    at = Address.of(database_url(settings))
    address = ListenAddress(at.user, at.password, at.database, at.host, at.port, at.ssl)
    return TableBroker(pool, address)
