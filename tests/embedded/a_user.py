"""A process that uses the embedded server: says where it is, then serves one order per line."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg

from adapters.embedded.layout import EmbeddedError
from adapters.embedded.server import Address, EmbeddedPostgres


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


async def obey(address: Address, order: str) -> str:
    connection = await asyncpg.connect(plain(address.owner_url))
    try:
        if order.startswith(("select", "show")):
            return str(await connection.fetchval(order))
        return str(await connection.execute(order))
    finally:
        await connection.close()


def main() -> None:
    server = EmbeddedPostgres.join(Path(sys.argv[1]), durable="forgetful" not in sys.argv)
    try:
        address = server.ready()
    except EmbeddedError as error:
        sys.exit(str(error))
    sys.stdout.write(f"{os.getpid()} {address.folder}\n")
    sys.stdout.flush()
    for order in sys.stdin:
        sys.stdout.write(asyncio.run(obey(address, order)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
