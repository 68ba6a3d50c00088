"""A database role that row level security does not hold for is refused before anything starts."""

import asyncio

import msgspec
import pytest

from adapters.postgres.role import is_bound_by_policies
from domain.shared.secret import Secret
from entrypoints.composition.house import UnboundRoleError, ensure_migrated
from tests.security.town import Days, settings_for
from tests.support.postgres import CleanDatabase

pytestmark = pytest.mark.postgres


def told(_: str) -> None:
    """Nobody waits for progress here."""


async def test_policies_hold_for_the_application_and_for_the_owner(
    clean_database: CleanDatabase,
) -> None:
    assert await is_bound_by_policies(clean_database.app_url)
    assert await is_bound_by_policies(clean_database.owner_url)
    assert not await is_bound_by_policies(clean_database.admin_url)


def test_a_superuser_is_not_served(days: Days) -> None:
    settings = settings_for(days.town.database, days.town.bank)
    asyncio.run(ensure_migrated(settings, told, ours=False))

    powerful = msgspec.structs.replace(settings, database_url=Secret(days.town.database.admin_url))
    with pytest.raises(UnboundRoleError, match="connect as daler_app"):
        asyncio.run(ensure_migrated(powerful, told, ours=False))
