"""From settings to a house with the lights on: database, schema, sandbox bank, composition."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import asyncpg
import msgspec
from dishka import AsyncContainer

from adapters.embedded.server import EmbeddedPostgres
from adapters.postgres.revision import is_newest
from adapters.postgres.role import is_bound_by_policies
from domain.shared.secret import Secret
from entrypoints.composition.sandbox import with_sandbox
from entrypoints.composition.settings import Settings
from entrypoints.composition.world import production_world

Progress = Callable[[str], None]

_MIGRATION: Final = "bringing the database's schema up to date"


class UnfitDatabaseError(Exception):
    """A database that cannot be used as it is; the message says what to do."""


class NotMigratedError(UnfitDatabaseError):
    """The database is older than this program, or does not answer."""


class UnboundRoleError(UnfitDatabaseError):
    """Row level security would be ignored without a word, and nobody would notice."""

    def __init__(self) -> None:
        super().__init__(
            "the role of DALER_DATABASE_URL may look past row level security (it is a superuser or"
            " has bypassrls), so the wall between persons would not stand: connect as daler_app"
        )


@dataclass(frozen=True, slots=True)
class House:
    settings: Settings
    """As they turned out: with the addresses of what was started."""
    container: AsyncContainer


@asynccontextmanager
async def open_house(
    settings: Settings,
    database: EmbeddedPostgres | None,
    progress: Progress,
    *,
    banks: bool = True,
) -> AsyncIterator[House]:
    """Everything a process needs; closed at the end, in the opposite order.

    `database` is the embedded server that was asked to start, None with one of your own. With
    `banks`, the sandbox bank plays Tink and Plaid where the settings say so.

    Raises:
        EmbeddedError, UnfitDatabaseError: the message says what to do.
    """
    settings = await _with_database(settings, database, progress)
    await ensure_migrated(settings, progress, ours=database is not None)
    if not banks:
        async with _composed(settings) as house:
            yield house
        return
    async with with_sandbox(settings) as pointed, _composed(pointed) as house:
        yield house


async def migrate_house(
    settings: Settings, database: EmbeddedPostgres | None, progress: Progress
) -> None:
    """Bring the schema up to date, and nothing else. Raises EmbeddedError."""
    await migrate_database(await _with_database(settings, database, progress))


async def _with_database(
    settings: Settings, database: EmbeddedPostgres | None, progress: Progress
) -> Settings:
    if database is None:
        return settings
    address = await asyncio.to_thread(database.ready, progress)
    return msgspec.structs.replace(
        settings,
        database_url=Secret(address.app_url),
        database_owner_url=Secret(address.owner_url),
    )


@asynccontextmanager
async def _composed(settings: Settings) -> AsyncIterator[House]:
    container = production_world(settings)
    try:
        yield House(settings, container)
    finally:
        await container.close()


async def ensure_migrated(settings: Settings, progress: Progress, *, ours: bool) -> None:
    """An embedded database is migrated at the start; one of your own by `daler migrate` only."""
    if settings.database_url is None or settings.database_owner_url is None:
        raise ValueError("there is no database yet")
    try:
        newest = await is_newest(settings.database_url.reveal())
        if not ours and not await is_bound_by_policies(settings.database_url.reveal()):
            raise UnboundRoleError
    except (OSError, asyncpg.PostgresError) as error:
        raise NotMigratedError(
            f"the database of DALER_DATABASE_URL does not answer ({type(error).__name__}):"
            " see that it runs, and that role and password are right"
        ) from error
    if newest:
        return
    if not ours:
        raise NotMigratedError(
            "the database's schema is not the one this version needs: run 'daler migrate' first"
        )
    progress(_MIGRATION)
    await migrate_database(settings)


async def migrate_database(settings: Settings) -> None:
    # Alembic takes long to import, and mostly there is nothing to migrate.
    from adapters.postgres.migrate import migrate  # noqa: PLC0415

    if settings.database_owner_url is None:
        raise ValueError("there is no database yet")
    await migrate(settings.database_owner_url.reveal())
