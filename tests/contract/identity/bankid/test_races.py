"""What only a database can referee."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.memory.bankid import MemoryBankId
from application.identity.bankid.come_back import (
    BankIdSignedIn,
)
from application.identity.bankid.ports import (
    Leaving,
)
from application.identity.bankid.set_out import (
    SentToBankId,
)
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors_bankid import (
    BankIdStateUsedError,
)
from tests.support.bankid_town import ANNA, Town, fresh
from tests.support.postgres import CleanDatabase, connect


async def together(*calls: object) -> Sequence[object]:
    return await asyncio.gather(*calls, return_exceptions=True)  # type: ignore[call-overload, no-any-return] # what each does differs


async def rows(database: CleanDatabase, statement: str) -> list[str]:
    """As the superuser, who walks past every policy."""
    db = await connect(database.admin_url)
    try:
        return [str(row[0]) for row in await db.fetch(statement)]
    finally:
        await db.close()


@pytest.mark.postgres
async def test_of_two_first_sign_ins_at_once_one_makes_the_person(
    postgres_town: Town, clean_database: CleanDatabase
) -> None:
    town = postgres_town
    left = [(await town.leaves(), town.bankid.left[-1]) for _ in range(6)]

    async def comes(sent: SentToBankId, leaving: Leaving) -> SignedIn:
        bankid = MemoryBankId(ANNA, [leaving])
        done = await replace(town, bankid=bankid).comes_back(sent, leaving.state)
        assert isinstance(done, BankIdSignedIn)
        return done.signed_in

    came = await together(*(comes(*one) for one in left))

    assert {type(one) for one in came} == {SignedIn}
    assert len({one.user_id for one in came if isinstance(one, SignedIn)}) == 1
    for table in ("people", "bankid_links"):
        assert await rows(clean_database, f"select count(*) from {table}") == ["1"]  # noqa: S608 - names above
    assert await rows(clean_database, "select count(*) from bankid_directory") == ["3"]


@pytest.mark.postgres
async def test_of_many_who_bring_one_state_one_gets_in(postgres_town: Town) -> None:
    sent = await postgres_town.leaves()

    came = await together(*(postgres_town.comes_back(sent) for _ in range(8)))

    kinds = [type(one) for one in came]
    assert kinds.count(BankIdSignedIn) == 1
    assert kinds.count(BankIdStateUsedError) == 7


@pytest.mark.postgres
async def test_of_two_who_link_one_bankid_one_gets_it(
    postgres_town: Town, clean_database: CleanDatabase
) -> None:
    town = postgres_town
    callers = []
    for name in ("bo", "cecilie"):
        await town.world.registers(f"{name}@example.no", name=name)
        callers.append(fresh(await town.world.logs_in(f"{name}@example.no")))

    came = await together(
        *(replace(town, bankid=MemoryBankId(ANNA)).links(caller) for caller in callers)
    )

    assert sorted(type(one).__name__ for one in came) == ["BankIdStatus", "BankIdTakenError"]
    assert len(await rows(clean_database, "select 1 from bankid_links")) == 1


@pytest.mark.postgres
async def test_what_is_kept_gives_nothing_away(
    postgres_town: Town, clean_database: CleanDatabase
) -> None:
    sent = await postgres_town.leaves()
    await postgres_town.comes_back(sent)
    tables = await rows(
        clean_database, "select tablename from pg_tables where schemaname = 'public'"
    )
    dump = "".join(
        [
            text
            for table in tables
            for text in await rows(clean_database, f'select t::text from "{table}" t')  # noqa: S608 - names from the catalogue
        ]
    )

    leaving = postgres_town.bankid.left[-1]
    brought = [one.reveal() for one in (leaving.state, leaving.nonce, sent.browser)]
    for secret in ("01010150740", "Anna Verified", "2001-01-01", "9578", "subject-of", *brought):
        assert secret not in dump
        assert secret.encode().hex() not in dump
