"""Everything sealed goes over to a new key: all of it, whoever dies or writes meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from typing_extensions import override

from adapters.crypto.aes_gcm import key_id_of
from adapters.crypto.keys import KeyRing
from adapters.postgres.secrets.begin import PostgresOwners
from adapters.postgres.secrets.sealed_columns import SEALED
from application.secrets.count_uses import CountUses
from application.secrets.jobs import ResealJob
from application.secrets.ports import BeginSecretsTx, SecretsTx
from application.shared.cipher import SealContext
from application.shared.jobs import LeasedJob, LeaseLostError
from domain.shared.ids import HOUSE, UserId
from entrypoints.worker.handlers import handler_of
from tests.contract.secrets.world import ANNA, BJORN, EACH, EVERYBODY, NEW, OLD, Vault

pytestmark = pytest.mark.postgres

BOTH = KeyRing([NEW, OLD])
NAMED = SealContext("identity.name", ANNA, ANNA)


class KilledError(Exception):
    """Here the process would have ended."""


@dataclass(slots=True)
class BeginMortal(BeginSecretsTx):
    """Dies at the n-th commit, before it or just after it."""

    begin: BeginSecretsTx
    commits_left: int
    after: bool

    @override
    @asynccontextmanager
    async def __call__(self, acting_for: UserId) -> AsyncIterator[SecretsTx]:
        async with self.begin(acting_for) as tx:

            async def commit() -> None:
                self.commits_left -= 1
                if self.commits_left >= 0:
                    await tx.commit()
                    return
                if self.after:
                    await tx.commit()
                raise KilledError

            yield replace(tx, commit=commit)


async def enqueue(vault: Vault) -> None:
    async with vault.begin(HOUSE) as tx:
        await tx.jobs.enqueue(ResealJob(), unique="reseal")
        await tx.commit()


async def run_all(vault: Vault, begin: BeginSecretsTx | None = None) -> int:
    """Until nothing is due; returns how many jobs that took."""
    ran = 0
    while claimed := await vault.board.claim(1):
        await run(vault, claimed[0], begin)
        ran += 1
    return ran


async def run(vault: Vault, job: LeasedJob, begin: BeginSecretsTx | None = None) -> None:
    await handler_of(ResealJob, vault.reseal(begin))(job.payload, job.lease)


async def under(vault: Vault) -> dict[str | None, int]:
    counted: dict[str | None, int] = {}
    for use in await CountUses(vault.begin, PostgresOwners(vault.database))():
        counted[use.key] = counted.get(use.key, 0) + use.values
    return counted


async def audited(vault: Vault) -> list[str]:
    rows = await vault.admin.fetch(
        "select convert_from(payload, 'UTF8') as told from audit_log where user_id = $1"
        " and action = 'secrets.resealed'",
        HOUSE,
    )
    return [row["told"] for row in rows]


async def test_every_value_of_every_column_goes_over_and_nothing_else_changes(
    vault: Vault,
) -> None:
    before = await vault.rows()
    assert {key for key, _ in vault.plain} == {one.name for one in SEALED}
    vault.keys.held = BOTH
    await enqueue(vault)

    # Two persons to a job: two jobs, each the successor of the one before.
    assert await run_all(vault) == 2

    assert await under(vault) == {"2": len(vault.plain)}
    vault.keys.held = KeyRing([NEW])
    assert await vault.opened() == vault.plain
    sealed = {(one.table, one.column) for one in SEALED}
    for table, rows in (await vault.rows()).items():
        for old, new in zip(before[table], rows, strict=True):
            changed = {name for name in dict(old) if old[name] != new[name]}
            assert {(table, name) for name in changed} == {one for one in sealed if one[0] == table}
    assert await audited(vault) == [f'{{"left":0,"newest":"2","resealed":{len(vault.plain)}}}']


async def test_done_twice_it_is_done_once(vault: Vault) -> None:
    vault.keys.held = BOTH
    await enqueue(vault)
    await run_all(vault)
    once = await vault.rows()
    await enqueue(vault)

    await run_all(vault)

    assert await vault.rows() == once


@pytest.mark.parametrize("after", [False, True], ids=["before a commit", "after a commit"])
async def test_killed_at_any_commit_it_goes_on_where_it_was(
    vault: Vault,
    after: bool,  # noqa: FBT001 - what pytest passes
) -> None:
    vault.keys.held = BOTH
    await enqueue(vault)
    deaths, seen = 0, 0
    while claimed := await vault.board.claim(1):
        mortal = BeginMortal(vault.begin, commits_left=2, after=after)
        try:
            await run(vault, claimed[0], mortal)
        except KilledError:
            deaths += 1
            done = (await under(vault)).get("2", 0)
            assert done > seen or after, "every life brings it further"
            seen = done
            await vault.board.retry(claimed[0].lease, vault.clock.now(), "Killed")

    assert deaths > 10
    assert await vault.opened() == vault.plain
    assert await under(vault) == {"2": len(vault.plain)}
    assert len(await audited(vault)) == 1


async def test_who_lost_the_job_writes_nothing_more(vault: Vault) -> None:
    vault.keys.held = BOTH
    await enqueue(vault)
    (slow,) = await vault.board.claim(1)
    await vault.board.retry(slow.lease, vault.clock.now(), "thought dead")
    (quick,) = await vault.board.claim(1)
    before = await vault.rows()

    with pytest.raises(LeaseLostError):
        await run(vault, slow)

    assert await vault.rows() == before
    await run(vault, quick)


async def test_what_somebody_is_changing_is_left_to_them(vault: Vault) -> None:
    vault.keys.held = BOTH
    await enqueue(vault)
    (mine,) = [row for row in (await vault.rows())["people"] if row["user_id"] == ANNA]
    # Somebody who sealed with the old key a moment ago, and has not committed yet.
    vault.keys.held = KeyRing([OLD])
    newer = vault.cipher.seal(b"Anna Newly-Named", NAMED)
    vault.keys.held = BOTH
    writing = vault.admin.transaction()
    await writing.start()
    await vault.admin.execute("update people set name = $1 where user_id = $2", newer, ANNA)
    for _ in range(2):  # everybody once
        (claimed,) = await vault.board.claim(1)
        await run(vault, claimed)
    await writing.commit()

    # Neither overwritten nor forgotten: another round is due a minute later.
    assert (await under(vault))["1"] == 2
    again = await vault.admin.fetchrow("select * from jobs where state = 'ready'")
    assert again["run_at"] == vault.clock.now() + timedelta(minutes=1)
    await run_all(vault)

    assert await under(vault) == {"2": len(vault.plain)}
    (row,) = [row for row in (await vault.rows())["people"] if row["user_id"] == ANNA]
    assert row["name"] != mine["name"]
    opened = vault.cipher.open(row["name"], NAMED)
    assert opened == b"Anna Newly-Named"


async def test_a_value_that_does_not_open_stops_nobody_and_is_told_of(vault: Vault) -> None:
    broken = bytes(40)
    await vault.admin.execute("update people set email = $1 where user_id = $2", broken, BJORN)
    vault.keys.held = BOTH
    await enqueue(vault)

    while await run_all(vault):
        await vault.admin.execute("update jobs set run_at = now() where state = 'ready'")

    assert await under(vault) == {"2": len(vault.plain) - 1, None: 1}
    assert [told for told in await audited(vault) if '"left":1' in told]
    left = await vault.admin.fetchval("select email from people where user_id = $1", BJORN)
    assert left == broken


async def test_a_transaction_sees_what_is_its_persons_and_no_more(vault: Vault) -> None:
    walled = [one for one in SEALED if one.walled]
    async with vault.begin(ANNA) as tx:
        uses = await tx.sealed.uses()
    assert {use.column for use in uses} == {one.name for one in walled}
    assert all(use.values == (1 if use.column.startswith("people") else EACH) for use in uses)

    async with vault.begin(HOUSE) as tx:
        uses = await tx.sealed.uses()
    assert {use.column for use in uses} == {one.name for one in SEALED if not one.walled}
    assert all(use.values == EACH * len(EVERYBODY) for use in uses)


async def test_a_value_names_the_key_that_the_database_counts(vault: Vault) -> None:
    named = {
        key_id_of(row[one.column]) for one in SEALED for row in (await vault.rows())[one.table]
    }
    assert set(await under(vault)) == named == {"1"}
