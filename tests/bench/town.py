"""A database with a thousand people and a million transactions, and some who can sign in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import httpx

from domain.shared.secret import Secret
from entrypoints.composition.settings import load_settings
from entrypoints.composition.world import production_world
from tests.support.joining import Joining, joining
from tests.support.postgres import CleanDatabase, connect

PEOPLE: Final = 1_000
EACH: Final = 1_000
ACTIVE: Final = 16
"""People whose pages are asked for, in turn."""
PASSWORD: Final = "four quiet words here"  # noqa: S105 - of nobody

_ACCOUNTS: Final = """
    insert into accounts (user_id, id, name, kind, currency, origin, balance_minor, created_at,
        anchor_minor, anchor_at)
    select person, uuidv7(), 'Konto ' || nth, 'checking', 'NOK', 'connection', 100000, now(),
        100000, now()
    from unnest($1::uuid[]) person, generate_series(1, 3) nth
"""
# Ten years up to today, in random order: no index gets a gift.
_ENTRIES: Final = """
    insert into entries (user_id, id, account_id, status, amount_minor, currency, booked_on,
        value_on, text, counterparty, category, revision)
    select owner.user_id, uuidv7(), owner.ids[1 + nth % 3], 'booked',
        -(random() * 100000)::bigint, 'NOK', current_date - (random() * 3650)::int, null,
        'VAREKJØP ' || (array['REMA 1000', 'KIWI', 'RUTER', 'CIRCLE K'])[1 + nth % 4] || ' ' || nth,
        (array['Rema 1000', 'Kiwi', 'Ruter', 'Circle K'])[1 + nth % 4],
        (array['food.groceries', 'transport.public', 'transport.car'])[1 + nth % 3], 1
    from (
        select user_id, array_agg(id) as ids from accounts
        where user_id = any($1::uuid[]) group by user_id) owner,
        lateral generate_series(1, $2) nth
"""
_SUMS: Final = (
    """
    insert into month_sums (user_id, month, account_id, category, currency, in_minor, out_minor,
        parts)
    select user_id, date_trunc('month', booked_on)::date, account_id, category, currency,
        coalesce(sum(amount_minor) filter (where amount_minor > 0), 0),
        coalesce(sum(amount_minor) filter (where amount_minor < 0), 0), count(*)
    from entries where user_id = any($1::uuid[]) group by 1, 2, 3, 4, 5
    """,
    """
    insert into day_sums (user_id, account_id, day, currency, net_minor)
    select user_id, account_id, booked_on, currency, sum(amount_minor)
    from entries where user_id = any($1::uuid[]) group by 1, 2, 3, 4
    """,
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    user_id: UUID
    token: str


async def sign_up(settings: Mapping[str, str], port: int, count: int) -> list[SignedIn]:
    """People who read their mail, and came in by the front door."""
    container = production_world(load_settings(settings))
    try:
        join = await joining(container)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/api/v1", timeout=30
        ) as http:
            return [await _sign_up(join, http, nth) for nth in range(count)]
    finally:
        await container.close()


def email_of(nth: int) -> str:
    """The address of the nth who signed up."""
    return f"bench-{nth}@example.org"


async def _sign_up(join: Joining, http: httpx.AsyncClient, nth: int) -> SignedIn:
    them = {"email": email_of(nth), "password": PASSWORD}
    person = await join(f"Bench {nth}", them["email"], Secret(PASSWORD))
    tokens = _data(await http.post("/auth/login", json=them))
    return SignedIn(person.id, tokens["access_token"])


def _data(answer: httpx.Response) -> dict[str, Any]:
    assert answer.is_success, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def fill(
    database: CleanDatabase, people: Sequence[UUID], each: int, *, sums: bool = False
) -> None:
    """Give each of them that many transactions, and the sums that go with them if wanted."""
    db = await connect(database.admin_url)
    try:
        # Foreign keys hold by construction.
        await db.execute("set session_replication_role = replica")
        await db.execute("set synchronous_commit = off")
        await db.execute(_ACCOUNTS, people)
        await db.execute(_ENTRIES, people, each)
        for statement in _SUMS if sums else ():
            await db.execute(statement, people)
    finally:
        await db.close()


async def settle(database: CleanDatabase) -> None:
    """What autovacuum would do in time."""
    db = await connect(database.admin_url)
    try:
        await db.execute("vacuum analyze")
        await db.execute("checkpoint")
    finally:
        await db.close()
