"""Everything that a migration can leave behind in a database, as PostgreSQL words it."""

from typing import Final

import asyncpg

from tests.support.postgres import connect

Shape = set[tuple[str, str, str]]
"""Kind, name, definition."""

_SHAPE: Final = """
    select 'column' as kind, c.relname || '.' || a.attname as what,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), pg_get_expr(d.adbin, d.adrelid),
                     a.attnotnull) as how
      from pg_attribute a
      join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
    union all
    select 'storage', c.relname || '.' || a.attname, a.attstorage::text
      from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p')
     where c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
    union all
    select 'constraint', c.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
      from pg_constraint k join pg_class c on c.oid = k.conrelid
     where c.relnamespace = 'public'::regnamespace
    union all
    select 'index', indexname, indexdef from pg_indexes where schemaname = 'public'
    union all
    select 'policy', tablename || '.' || policyname,
           concat_ws(' ', permissive, roles, cmd, qual, with_check)
      from pg_policies where schemaname = 'public'
    union all
    select 'table', relname, concat_ws(' ', relrowsecurity, relforcerowsecurity, reloptions,
           (select string_agg(one::text, ' ' order by one::text) from unnest(relacl) one))
      from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
    union all
    select 'other relation', relname, relkind::text from pg_class
     where relnamespace = 'public'::regnamespace and relkind not in ('r', 'p', 'i', 'I', 't')
    union all
    select 'type', typname, typtype::text from pg_type
     where typnamespace = 'public'::regnamespace and typtype in ('e', 'd')
    union all
    select 'function', proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid)
      from pg_trigger where not tgisinternal
"""


async def shape_of(url: str) -> Shape:
    """Of the whole database, Alembic's own table aside."""
    db: asyncpg.Connection = await connect(url)
    try:
        rows = await db.fetch(_SHAPE)
    finally:
        await db.close()
    return {
        (row["kind"], row["what"], row["how"])
        for row in rows
        if not row["what"].startswith("alembic_version")
    }
