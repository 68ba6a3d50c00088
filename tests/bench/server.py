"""The PostgreSQL of a benchmark: embedded, and durable as in production."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from tests.support.postgres import CleanDatabase, Server, a_clone, migrated_template, server_at
from tests.support.postgres_server import a_server


@dataclass(frozen=True, slots=True)
class BenchServer:
    server: Server
    template: str

    @asynccontextmanager
    async def database(self) -> AsyncIterator[CleanDatabase]:
        """A migrated, empty database."""
        async with a_clone(self.server, self.template) as database:
            yield database


@contextmanager
def bench_server() -> Iterator[BenchServer]:
    with (
        a_server(durable=True) as address,
        server_at(address.admin_url) as server,
        migrated_template(server) as template,
    ):
        asyncio.run(server.run("checkpoint"))
        yield BenchServer(server, template)
