"""Where webhooks arrive: a plain server on loopback that keeps what it is sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Mailbox:
    url: str = ""
    letters: list[Received] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def keep(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
        headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.letters.append(Received(headers, body))
        self._arrived.set()
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    async def wait_for(self, count: int) -> list[Received]:
        async with asyncio.timeout(5):
            while len(self.letters) < count:
                self._arrived.clear()
                await self._arrived.wait()
        return self.letters


@asynccontextmanager
async def a_mailbox() -> AsyncIterator[Mailbox]:
    mailbox = Mailbox()
    server = await asyncio.start_server(mailbox.keep, "127.0.0.1", 0)
    async with server:
        mailbox.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/hooks"
        yield mailbox
