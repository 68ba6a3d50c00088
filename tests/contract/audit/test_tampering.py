"""Whatever somebody with the superuser's password does to the trail, the verifier names it."""

import asyncio
from hashlib import sha256
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import insert

from adapters.postgres.audit.chains import PostgresAuditChains
from adapters.postgres.database import Database
from adapters.postgres.identity.tables import login_directory
from application.audit.verify_trail import VerifyTrail
from domain.audit.chain import Damage
from domain.shared.ids import UserId
from tests.support.postgres import CleanDatabase, connect

pytestmark = pytest.mark.postgres
ANNA, BO = UserId(UUID(int=1)), UserId(UUID(int=2))


@pytest.fixture(autouse=True)
async def trails(database: Database) -> None:
    for person in (ANNA, BO):
        async with database.begin(person) as tx:
            for number in range(5):
                await tx.audit.record(person, "tested", {"number": number})
            # Both can sign in: who has an entry here must have a trail.
            await tx.db.execute(
                insert(login_directory).values(
                    email_hmac=sha256(person.bytes).digest(), user_id=person
                )
            )
            await tx.commit()


async def as_superuser(database: CleanDatabase, *statements: str) -> None:
    db = await connect(database.admin_url)
    for statement in statements:
        await db.execute(statement.replace("MINE", f"user_id = '{ANNA}'"))
    await db.close()


async def breaks(database: Database) -> list[tuple[UserId, int, Damage]]:
    report = await VerifyTrail(PostgresAuditChains(database), page_size=2)()
    return [(b.user_id, b.seq, b.what) for b in report.breaks]


@pytest.mark.parametrize(
    ("statements", "seq", "what"),
    [
        (["update audit_log set payload = '{}' where MINE and seq = 3"], 3, Damage.EDITED),
        (["update audit_log set action = 'other' where MINE and seq = 1"], 1, Damage.EDITED),
        (
            ["update audit_log set at = at + interval '1 us' where MINE and seq = 5"],
            5,
            Damage.EDITED,
        ),
        (
            ["update audit_log set actor_id = gen_random_uuid() where MINE and seq = 2"],
            2,
            Damage.EDITED,
        ),
        (["delete from audit_log where MINE and seq = 2"], 2, Damage.MISSING),
        (["delete from audit_log where MINE and seq = 1"], 1, Damage.MISSING),
        (["delete from audit_log where MINE and seq >= 4"], 4, Damage.MISSING),
        (["delete from audit_log where MINE"], 1, Damage.MISSING),
        (
            [
                "update audit_log set seq = 99 where MINE and seq = 2",
                "update audit_log set seq = 2 where MINE and seq = 4",
                "update audit_log set seq = 4 where MINE and seq = 99",
            ],
            2,
            Damage.EDITED,
        ),
        (
            [
                "delete from audit_log where MINE and seq = 2",
                "update audit_log set seq = seq - 1 where MINE and seq > 2",
            ],
            2,
            Damage.EDITED,
        ),
        (["delete from audit_heads where MINE"], 1, Damage.BEYOND_HEAD),
        (["update audit_heads set seq = 3 where MINE"], 4, Damage.BEYOND_HEAD),
        (["update audit_heads set hash = sha256('x') where MINE"], 5, Damage.REWRITTEN),
    ],
    ids=lambda value: str(value[0])[:40] if isinstance(value, list) else "",
)
async def test_every_tampering_is_named(
    database: Database,
    clean_database: CleanDatabase,
    statements: list[str],
    seq: int,
    what: Damage,
) -> None:
    await as_superuser(clean_database, *statements)

    assert await breaks(database) == [(ANNA, seq, what)]


async def test_a_trail_removed_with_its_head_is_missed(
    database: Database, clean_database: CleanDatabase
) -> None:
    await as_superuser(
        clean_database,
        "delete from audit_log where MINE",
        "delete from audit_heads where MINE",
    )

    assert await breaks(database) == [(ANNA, 1, Damage.MISSING)]


async def test_the_application_can_only_add(clean_database: CleanDatabase) -> None:
    db = await connect(clean_database.app_url)
    await db.execute(f"set app.user_id = '{ANNA}'")
    assert await db.fetchval("select count(*) from audit_log") == 5
    for statement in ("update audit_log set action = 'x'", "delete from audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await db.execute("delete from audit_heads")
    await db.close()


async def test_many_writers_of_one_trail_form_one_chain(database: Database) -> None:
    async def record(number: int) -> None:
        async with database.begin(ANNA) as tx:
            await tx.audit.record(ANNA, "raced", {"number": number})
            await tx.commit()

    await asyncio.gather(*(record(number) for number in range(30)))

    report = await VerifyTrail(PostgresAuditChains(database))()
    assert report.whole
    assert report.rows == 40
