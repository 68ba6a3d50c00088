"""Without transfers a category that was theirs is the bank's again, in entries and in sums."""

from typing import Final

import asyncpg
import pytest

from adapters.postgres.migrate import migrate
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres

BEFORE: Final = "0012"
WITH: Final = "0013"
ACCOUNTS: Final = """
    insert into accounts
        (user_id, id, name, kind, currency, origin, balance_minor, created_at)
    select '0000000a-0000-0000-0000-000000000000', n::text::uuid, 'a', 'checking', 'NOK', 'manual',
        0, now()
    from unnest(array['00000000-0000-0000-0000-000000000001'::uuid,
        '00000000-0000-0000-0000-000000000002']) n
"""
# What left was said to be the children's by the person; what arrived is the transfer's.
ENTRIES: Final = """
    insert into entries (user_id, id, account_id, status, amount_minor, currency, booked_on, text,
        category, edited, revision, transfer_id, transfer_entry_id, transfer_account_id,
        transfer_beneath)
    select '0000000a-0000-0000-0000-000000000000', id::uuid, account::uuid, 'booked', minor, 'NOK',
        '2026-03-02', 't', category, edited, 1, '00000000-0000-0000-0000-0000000000ff',
        other::uuid, '00000000-0000-0000-0000-000000000001', beneath
    from (values
        ('00000000-0000-0000-0000-000000000011', '00000000-0000-0000-0000-000000000001', -500,
            'family.children', array['category'], '00000000-0000-0000-0000-000000000012',
            'other.uncategorised'),
        ('00000000-0000-0000-0000-000000000012', '00000000-0000-0000-0000-000000000002', 500,
            'transfer.own', '{}'::text[], '00000000-0000-0000-0000-000000000011', 'income.other')
    ) as row (id, account, minor, category, edited, other, beneath)
"""
SUMS: Final = """
    insert into month_sums
        (user_id, account_id, month, currency, category, in_minor, out_minor, parts)
    select user_id, account_id, '2026-03-01', currency, category, greatest(amount_minor, 0),
        least(amount_minor, 0), 1
    from entries
"""


async def test_going_back_gives_every_entry_its_own_category(empty: CleanDatabase) -> None:
    await migrate(empty.owner_url, WITH)
    db: asyncpg.Connection = await connect(empty.admin_url)
    try:
        for statement in (ACCOUNTS, ENTRIES, SUMS):
            await db.execute(statement)
        await migrate(empty.owner_url, BEFORE)
        categories = await db.fetch("select category from entries order by id")
        sums = await db.fetch(
            "select category, in_minor, out_minor, parts from month_sums where parts > 0 order by 1"
        )
        forced = await db.fetch(
            "select relforcerowsecurity from pg_class where relname in ('entries', 'month_sums')"
        )
    finally:
        await db.close()

    assert [row[0] for row in categories] == ["family.children", "income.other"]
    assert [tuple(row) for row in sums] == [
        ("family.children", 0, -500, 1),
        ("income.other", 500, 0, 1),
    ]
    assert [row[0] for row in forced] == [True, True]
