"""Ports that are broken in one way each, as code once was or could be: runs must not pass."""

from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.memory.connections.rows import CONNECTIONS
from adapters.memory.connections.webhooks import DELIVERIES
from adapters.memory.jobs.rows import JOBS, JobRow
from application.connections.ports import BeginConnectionsTx, BeginHouseTx
from application.ledger.ports import BeginLedgerTx
from application.shared.jobs import JobState, Lease
from domain.connections.connection import Connection
from domain.ledger.entry import Entry, Removed
from domain.ledger.matching.plan import Plan
from domain.shared.ids import ExternalId, FeedId
from tests.faults.simulation.house import Spoilt
from tests.faults.simulation.stage import Begin


@dataclass(slots=True)
class Port:
    """As the one beneath, but for what a subclass says otherwise."""

    beneath: Any

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any port
        return getattr(self.beneath, name)


def with_ports(begin: Begin, **spoil: Callable[[Any], Port]) -> Begin:
    @asynccontextmanager
    async def beginning(*args: object) -> AsyncIterator[Any]:
        async with begin(*args) as tx:
            yield replace(tx, **{name: make(getattr(tx, name)) for name, make in spoil.items()})

    return beginning


class Forgetful(Port):
    """Does not know the names again that a feed used before."""

    async def sources(self, feed: FeedId, names: Collection[ExternalId]) -> Mapping[Any, Any]:
        del feed, names
        return {}


class Overbearing(Port):
    """What the bank says replaces what the person said."""

    async def write(self, plan: Plan, revision: int) -> None:
        plan.changed = {key: replace(one, note=None) for key, one in plan.changed.items()}
        await self.beneath.write(plan, revision)


class Undead(Port):
    """What a person deleted is not known again when its account gets other names."""

    async def nameless(self, *where: Any) -> Sequence[Entry]:  # noqa: ANN401 - as the port has it
        found = await self.beneath.nameless(*where)
        return [one for one in found if one.removed is not Removed.BY_PERSON]


class Careless(Port):
    """Every now and then a sum is forgotten: that of an amount that ends on a one."""

    async def apply(self, changes: Any) -> None:  # noqa: ANN401 - of sums
        changes.days = {key: net for key, net in changes.days.items() if net % 10 != 1}
        await self.beneath.apply(changes)


class TooEarly(Port):
    """The cursor is kept before the pages that it stands behind."""

    async def save(self, connection: Connection) -> None:
        await self.beneath.save(connection)
        rows = self.beneath.tables.beneath.of(CONNECTIONS)
        rows[connection.id] = replace(rows[connection.id], cursor=connection.cursor)


class DoneBefore(Port):
    """A job is done before its effect is there."""

    async def finish(self, lease: Lease) -> None:
        await self.beneath.finish(lease)
        rows: dict[Any, JobRow] = self.beneath.tables.beneath.of(JOBS)
        rows[lease.job_id] = replace(
            rows[lease.job_id], state=JobState.DONE, lease_until=None, finished_at=None
        )


class LooksAlike(Port):
    """Two webhooks of the same body are taken for one."""

    async def add(self, delivery: Any) -> None:  # noqa: ANN401 - a delivery
        rows = self.beneath.tables.of(DELIVERIES)
        if all(row.delivery.body != delivery.body for row in rows.values()):
            await self.beneath.add(delivery)


class Unlocked(Port):
    """Anybody's connection, for whoever knows its id."""

    async def get(self, connection_id: Any) -> Connection:  # noqa: ANN401 - an id
        found: Connection | None = self.beneath.tables.of(CONNECTIONS).get(connection_id)
        asked: Connection = found or await self.beneath.get(connection_id)
        return asked


class Lumped(Port):
    """Of what a feed and others tell, one entry is overlooked when the feed is separated."""

    async def entries_of(self, account_id: Any, feed_id: Any) -> Sequence[Any]:  # noqa: ANN401 - ids
        found: Sequence[Any] = await self.beneath.entries_of(account_id, feed_id)
        told = await self.beneath.told(found)
        shared = {one.entry_id for one in told if one.feed_id != feed_id}
        return [one for one in found if one not in shared]


class Blind(Port):
    """What two feeds tell of one account is never looked at together."""

    async def told_between(self, *where: Any) -> Sequence[Any]:  # noqa: ANN401 - as the port has it
        del where
        return []


class Dropped(Port):
    """What is told of a closed month is neither followed nor kept."""

    async def set_aside(self, changes: Sequence[Any]) -> None:
        del changes


def of_ledger(**spoil: Callable[[Any], Port]) -> Spoilt:
    return {BeginLedgerTx: lambda begin: with_ports(begin, **spoil)}


def of_connections(**spoil: Callable[[Any], Port]) -> Spoilt:
    return {BeginConnectionsTx: lambda begin: with_ports(begin, **spoil)}


SPOILT: Final[Mapping[str, Spoilt]] = {
    "names are forgotten": of_ledger(entries=Forgetful),
    "the bank overrules the person": of_ledger(entries=Overbearing),
    "what was deleted comes back": of_ledger(entries=Undead),
    "a job is done before its effect": {
        **of_ledger(jobs=DoneBefore),
        **of_connections(jobs=DoneBefore),
    },
    "a sum is forgotten": of_ledger(sums=Careless),
    "a telling is forgotten on separating": of_ledger(tellings=Lumped),
    "no feed's word meets another's": of_ledger(tellings=Blind),
    "a late change is dropped": of_ledger(proofs=Dropped),
    "the cursor goes ahead of its pages": of_connections(connections=TooEarly),
    "webhooks are told apart by their bodies": {
        BeginHouseTx: lambda begin: with_ports(begin, deliveries=LooksAlike)
    },
    "a connection is anybody's": of_connections(connections=Unlocked),
}
