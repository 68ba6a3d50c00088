"""Whether a ledger is what the bank says: every transaction once, and every figure right."""

from collections import Counter
from typing import Any, Final
from uuid import UUID

import asyncpg

from tests.faults.moments import is_idle, seen
from tests.faults.street import Installation, Person, Street

_ENTRIES: Final = """
    select s.external_id, o.external_id as account, e.status, e.booked_on::text as day,
        e.amount_minor, e.currency
    from entries e
    join connections c on c.user_id = e.user_id and c.id = $1
    join account_sources o
        on o.user_id = e.user_id and o.account_id = e.account_id and o.feed_id = c.feed_id
    left join entry_sources s
        on s.user_id = e.user_id and s.entry_id = e.id and s.feed_id = c.feed_id
        and s.state = 'live'
    where e.removed is null
"""
_LINK: Final = "select external_id from connections where id = $1"
_BOOKED: Final = """
    select account, sum(amount_minor)::bigint from ({entries}) as e
    where status = 'booked' group by 1
"""
_BALANCES: Final = """
    select o.external_id, a.balance_minor from accounts a
    join connections c on c.user_id = a.user_id and c.id = $1
    join account_sources o
        on o.user_id = a.user_id and o.account_id = a.id and o.feed_id = c.feed_id
"""
_MONTHS_OFF: Final = """
    with afresh as (
        select user_id, account_id, date_trunc('month', booked_on)::date as month, currency,
            sum(amount_minor) as net, count(*) as parts
        from entries where removed is null and status = 'booked' group by 1, 2, 3, 4
    ), kept as (
        select user_id, account_id, month, currency,
            sum(in_minor + out_minor) as net, sum(parts) as parts
        from month_sums where parts > 0 group by 1, 2, 3, 4
    )
    select count(*) from afresh full join kept using (user_id, account_id, month, currency)
    where afresh.net is distinct from kept.net or afresh.parts is distinct from kept.parts
"""
_DAYS_OFF: Final = """
    with afresh as (
        select user_id, account_id, booked_on as day, currency, sum(amount_minor) as net
        from entries where removed is null and status = 'booked' group by 1, 2, 3, 4
    )
    select count(*) from afresh full join day_sums kept using (user_id, account_id, day, currency)
    where coalesce(afresh.net, 0) <> coalesce(kept.net_minor, 0)
"""
_TRANSFERS: Final = """
    select a.name, o.booked_on::text as day, o.amount_minor, o.currency,
        b.name, i.booked_on::text, i.amount_minor, i.currency
    from transfers t
    join entries o on o.user_id = t.user_id and o.id = t.out_entry
    join accounts a on a.user_id = o.user_id and a.id = o.account_id
    join entries i on i.user_id = t.user_id and i.id = t.in_entry
    join accounts b on b.user_id = i.user_id and b.id = i.account_id
    where t.state = 'paired' and t.user_id = (select user_id from connections where id = $1)
"""
_PAIRING: Final = """
    select count(*) from jobs where state in ('ready', 'leased') and name = 'ledger.pair_transfers'
"""
_RATES_ARE_THERE: Final = """
    update jobs set run_at = clock_timestamp()
    where state = 'ready' and name = 'ledger.pair_transfers' and not exists (
        select from jobs where state in ('ready', 'leased') and name = 'ledger.keep_rates'
    )
"""
"""Pairing waits half a minute for them, and then looks again: let that time come."""
_HOUSE: Final = """
    select
        (select count(*) from jobs where state = 'dead') as dead,
        (select count(*) from feed_updates where state = 'collecting') as collecting,
        (select count(*) from feeds f
            join ledger_feeds l on l.user_id = f.user_id and l.feed_id = f.id
            where l.applied = f.numbers) as applied,
        (select count(*) from feeds) as feeds,
        (select count(*) from feed_updates) as updates,
        (select sum(numbers) from feeds) as numbers,
        (select count(*) from outbox where name = 'connections.feed_received') as announced
"""


async def until_idle(daler: Installation) -> None:
    """Until no sync runs or waits, and everything received is understood."""
    await seen(daler, is_idle)


async def ensure_exact(
    street: Street, anna: Person, connection: UUID, provider: str, login: str
) -> None:
    """Synced once more, the ledger is the bank's truth to the last transaction.

    The bank lives on while we look: what it says before and after must be the same.
    """
    async with street.daler.database() as db:
        link: str = await db.fetchval(_LINK, connection)
    truth: dict[str, Any] = {}
    for _ in range(3):
        before = await street.bank.truth(provider, login, link)
        await anna.sync(connection)
        await until_idle(street.daler)
        truth = await street.bank.truth(provider, login, link)
        if (
            truth["transactions"] == before["transactions"]
            and truth["pending"] == before["pending"]
        ):
            break
    async with street.daler.database() as db:
        await _ensure_entries(db, connection, truth)
        await _ensure_balances(db, connection, truth)
        assert await db.fetchval(_MONTHS_OFF) == 0, "kept month sums are off"
        assert await db.fetchval(_DAYS_OFF) == 0, "kept day sums are off"
        house = dict(await db.fetchrow(_HOUSE))
    assert house["dead"] == 0
    assert house["collecting"] == 0
    assert house["applied"] == house["feeds"]
    assert house["updates"] == house["numbers"] == house["announced"]


async def _ensure_entries(db: asyncpg.Connection, connection: UUID, truth: dict[str, Any]) -> None:
    found = [tuple(row) for row in await db.fetch(_ENTRIES, connection)]
    wanted = [
        (one["id"], one["account_id"], status, one["date"], one["amount_minor"], one["currency"])
        for status, rows in (("booked", truth["transactions"]), ("pending", truth["pending"]))
        for one in rows
    ]
    lost, doubled = Counter(wanted) - Counter(found), Counter(found) - Counter(wanted)
    assert not lost, f"lost {lost.total()}: {list(lost)[:3]}, instead {list(doubled)[:3]}"
    assert not doubled, f"doubled or made up {doubled.total()}: {list(doubled)[:3]}"


async def _ensure_balances(db: asyncpg.Connection, connection: UUID, truth: dict[str, Any]) -> None:
    found = {
        row["external_id"]: row["balance_minor"] for row in await db.fetch(_BALANCES, connection)
    }
    assert found == {one["id"]: one["booked_minor"] for one in truth["accounts"]}
    sums = Counter({one["id"]: one["opening_minor"] for one in truth["accounts"]})
    for account, booked in await db.fetch(_BOOKED.format(entries=_ENTRIES), connection):
        sums[account] += booked
    assert dict(sums) == found, "entries do not add up to the balance"


async def ensure_transfers(street: Street, connection: UUID, *logins: str) -> None:
    """What moved between somebody's own accounts, by the bank's word, is what is paired here.

    Of the person whose connection it is, with all these logins. Pairing may still be under way,
    and wait for exchange rates: it is given its time, and then nothing of it is left to be done.
    """
    wanted = Counter[tuple[Any, ...]]()
    for login in logins:
        # A movement between two logins is told by both of them.
        wanted |= Counter(
            (*_side(one["sent"]), *_side(one["received"]))
            for one in await street.bank.transfers(login)
        )

    async def paired(db: asyncpg.Connection) -> bool:
        await db.execute(_RATES_ARE_THERE)
        found = Counter(tuple(row) for row in await db.fetch(_TRANSFERS, connection))
        return found == wanted and not await db.fetchval(_PAIRING)

    try:
        await seen(street.daler, paired)
    except AssertionError:
        async with street.daler.database() as db:
            found = Counter(tuple(row) for row in await db.fetch(_TRANSFERS, connection))
        missing, made_up = wanted - found, found - wanted
        raise AssertionError(
            f"not paired {missing.total()}: {list(missing)[:2]},"
            f" made up {made_up.total()}: {list(made_up)[:2]}"
        ) from None
    assert wanted, "a bank without transfers proves nothing"


def _side(told: dict[str, Any]) -> tuple[Any, ...]:
    return told["account"], told["date"], told["amount_minor"], told["currency"]
