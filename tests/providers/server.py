"""A small server on 127.0.0.1 that answers as it is told, badly if need be."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import msgspec

REASONS = {200: "OK", 302: "Found"}


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode()))

    @property
    def json(self) -> dict[str, object]:
        return msgspec.json.decode(self.body, type=dict[str, object])


@dataclass(frozen=True, slots=True)
class Answer:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    drip_s: float = 0.0
    """Wait this long after each byte."""
    cut_at: int | None = None
    """Close the connection after so many bytes of the body that was promised."""

    def head(self) -> bytes:
        headers = {
            "content-type": "application/json",
            "content-length": str(len(self.body)),
            "connection": "close",
            **self.headers,
        }
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()


def told(content: object, status: int = 200, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, msgspec.json.encode(content), named)


Respond = Callable[[Asked], Answer]


@dataclass(slots=True)
class Server:
    url: str
    respond: Respond
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await _read(reader)
            self.asked.append(asked)
            answer = self.respond(asked)
            writer.write(answer.head())
            body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
            for piece in _pieces(body, answer.drip_s):
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(answer.drip_s)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the caller has hung up, which some tests are about
        finally:
            writer.close()


async def _read(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    lines = [line.partition(":") for line in head[1:] if line]
    headers = {name.lower(): value.strip() for name, _, value in lines}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, target, headers, body)


def _pieces(body: bytes, drip_s: float) -> Iterable[bytes]:
    return [body[i : i + 1] for i in range(len(body))] if drip_s else [body]


@asynccontextmanager
async def a_server(respond: Respond) -> AsyncIterator[Server]:
    server = Server("", respond)
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server


def in_turn(*answers: Answer) -> Respond:
    """The answers one after another; the last one for ever."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def by_path(**answers: Sequence[Answer] | Answer) -> Respond:
    """By the last word of the path; a list is told one after another."""
    tellers = {
        name: in_turn(*(a if isinstance(a, Sequence) else [a])) for name, a in answers.items()
    }

    def respond(asked: Asked) -> Answer:
        last = asked.path.rstrip("/").rpartition("/")[2].replace("-", "_")
        return tellers[last](asked) if last in tellers else told({}, 404)

    return respond
