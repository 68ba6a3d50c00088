"""Who we are to the database: row level security is silent about roles that it does not hold."""

import asyncpg

from adapters.postgres.address import Address


async def is_bound_by_policies(url: str) -> bool:
    """Whether policies hold for the role that `url` connects as. Raises what asyncpg raises."""
    db = await asyncpg.connect(**Address.of(url).keywords(), timeout=10)
    try:
        above = await db.fetchval(
            "select rolsuper or rolbypassrls from pg_roles where rolname = current_user"
        )
    finally:
        await db.close()
    return not above
