"""Failed tries, counted under row locks in transactions of their own."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.identity.tables_limits import guarded_counts
from application.identity.signing_in.guard import AccountKey, Tallies
from domain.identity.lockout import Count, CountKey, Reserved, Tally, reserve

_TIDY: Final = text("""
    delete from guarded_counts where key in (
        select key from guarded_counts where expires_at <= :now
         order by expires_at limit 10 for update skip locked)
""")
"""Each try takes a few counts along that ran out, so that they never pile up."""


@dataclass(frozen=True, slots=True)
class PostgresTallies(Tallies):
    database: Database

    @override
    async def reserve(
        self, account: AccountKey, counts: tuple[Count, ...], now: datetime
    ) -> Reserved:
        # Rows are always made and locked in the order of their keys: nobody waits in a ring.
        ordered = sorted(counts, key=lambda count: count.key)
        async with self.database.begin(None) as tx:
            await tx.db.execute(_TIDY, {"now": now})
            tallies = await _made_and_held(tx.db, account, ordered, now)
            reserved = reserve(counts, tallies, now)
            for count in ordered:
                tally = reserved.tallies[count.key]
                await _keep(tx.db, count.key, tally, tally.tries[-1] + count.rule.memory)
            await tx.commit()
        return reserved

    @override
    async def give_back(self, keys: Collection[CountKey], at: datetime) -> None:
        async with self.database.begin(None) as tx:
            for key, tally in (await _held(tx.db, sorted(keys))).items():
                await _keep(tx.db, key, tally.without(at), None)
            await tx.commit()

    @override
    async def clear(self, keys: Collection[CountKey]) -> None:
        await self._delete(select(guarded_counts.c.key).where(guarded_counts.c.key.in_(keys)))

    @override
    async def forgive(self, accounts: Collection[AccountKey]) -> None:
        await self._delete(
            select(guarded_counts.c.key).where(guarded_counts.c.account.in_(accounts))
        )

    async def _delete(self, which: Select[tuple[bytes]]) -> None:
        # What somebody is counting right now is waited for, in the same order as they count.
        held = which.order_by(guarded_counts.c.key).with_for_update()
        async with self.database.begin(None) as tx:
            await tx.db.execute(delete(guarded_counts).where(guarded_counts.c.key.in_(held)))
            await tx.commit()


async def _made_and_held(
    db: AsyncConnection, account: AccountKey, counts: Sequence[Count], now: datetime
) -> dict[CountKey, Tally]:
    statement = upsert(guarded_counts).values(
        [{"key": c.key, "account": account, "tries": [], "expires_at": now} for c in counts]
    )
    found = await db.execute(
        # Not `do nothing`: a row that is there already has to be locked, or it may be cleared
        # before it is read, and the try would be counted nowhere.
        statement.on_conflict_do_update(
            index_elements=["key"], set_={"account": statement.excluded.account}
        ).returning(guarded_counts.c.key, guarded_counts.c.tries)
    )
    return {CountKey(row.key): Tally(tuple(row.tries)) for row in found}


async def _held(db: AsyncConnection, keys: Collection[CountKey]) -> dict[CountKey, Tally]:
    """What is counted under these keys; nobody else can count until the transaction ends."""
    found = await db.execute(
        select(guarded_counts.c.key, guarded_counts.c.tries)
        .where(guarded_counts.c.key.in_(keys))
        .order_by(guarded_counts.c.key)
        .with_for_update()
    )
    return {CountKey(row.key): Tally(tuple(row.tries)) for row in found}


async def _keep(
    db: AsyncConnection, key: CountKey, tally: Tally, expires_at: datetime | None
) -> None:
    values: dict[str, object] = {"tries": list(tally.tries)}
    if expires_at is not None:
        values["expires_at"] = expires_at
    await db.execute(update(guarded_counts).where(guarded_counts.c.key == key).values(values))
