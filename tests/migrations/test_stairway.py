"""Every revision goes up, comes down, and goes up again, and leaves the same database behind."""

from pathlib import Path
from typing import Final

import asyncpg
import pytest

from adapters.postgres.migrate import migrate
from adapters.postgres.revision import is_newest, newest_revision
from tests.migrations.shape import shape_of
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

VERSIONS: Final = Path(__file__).parents[2] / "adapters" / "postgres" / "migrations" / "versions"
REVISIONS: Final = sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*.py"))


async def revision(url: str) -> str | None:
    db: asyncpg.Connection = await connect(url)
    try:
        found: str | None = await db.fetchval("select version_num from alembic_version")
    finally:
        await db.close()
    return found


async def test_every_step_can_be_taken_back_and_taken_again(empty: CleanDatabase) -> None:
    before, below = await shape_of(empty.admin_url), "base"
    for step in REVISIONS:
        await migrate(empty.owner_url, step)
        after = await shape_of(empty.admin_url)
        assert after != before, step
        await migrate(empty.owner_url, below)
        assert await shape_of(empty.admin_url) == before, f"{step} leaves something behind"
        await migrate(empty.owner_url, step)
        assert await shape_of(empty.admin_url) == after, f"{step} is not the same the second time"
        before, below = after, step


async def test_all_the_way_down_leaves_nothing_and_up_again_is_the_same(
    empty: CleanDatabase,
) -> None:
    await migrate(empty.owner_url)
    whole = await shape_of(empty.admin_url)
    await migrate(empty.owner_url, "base")
    assert await shape_of(empty.admin_url) == set()
    assert await revision(empty.admin_url) is None
    await migrate(empty.owner_url)
    assert await shape_of(empty.admin_url) == whole


async def test_migrating_what_is_newest_changes_nothing(empty: CleanDatabase) -> None:
    await migrate(empty.owner_url)
    before = await shape_of(empty.admin_url)
    await migrate(empty.owner_url)
    assert await shape_of(empty.admin_url) == before
    assert await is_newest(empty.app_url)
    assert await revision(empty.admin_url) == newest_revision() == REVISIONS[-1]
