"""Which schema a database has, found out without loading the machinery that changes it."""

from pathlib import Path
from typing import Final

import asyncpg

from adapters.postgres.address import Address

_VERSIONS: Final = Path(__file__).parent / "migrations" / "versions"


def newest_revision() -> str:
    """The newest there is; the files are named by their revision."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*.py"))


async def is_newest(url: str) -> bool:
    """Whether the database behind `url` has the newest schema. Raises what asyncpg raises."""
    db = await asyncpg.connect(**Address.of(url).keywords(), timeout=10)
    try:
        found = await db.fetchval("select version_num from alembic_version")
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await db.close()
    return bool(found == newest_revision())
