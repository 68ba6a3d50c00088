"""The floor of the HTTP figures: the least that answers the same question.

A bare ASGI function with the same token check, one asyncpg statement and msgspec. No row level
security, no session check, no routing, no validation, no log, no error handling.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import asyncpg
import msgspec

from application.shared.caller import AccessTokens
from domain.shared.secret import Secret
from tests.bench.servers import ServerTask, admin_pool, run_server, the_tokens

_PAGE: Final = """
    select id, account_id, status, amount_minor, currency, booked_on, value_on, text,
        counterparty, category, note, is_split, version
    from entries where user_id = $1 and removed is null
    order by booked_on desc, id desc limit 51
"""


class Amount(msgspec.Struct):
    amount: str
    currency: str


class Transaction(msgspec.Struct):
    id: UUID
    account_id: UUID
    status: str
    amount: Amount
    booked_on: date
    value_on: date | None
    text: str
    counterparty: str | None
    category: str
    note: str | None
    is_split: bool
    version: int


class Pagination(msgspec.Struct):
    next_cursor: str | None
    has_more: bool
    limit: int


class Page(msgspec.Struct):
    data: list[Transaction]
    pagination: Pagination


Send = Callable[[dict[str, object]], Awaitable[None]]

_encode: Final = msgspec.json.Encoder().encode


class FloorApp:
    def __init__(self, pool: asyncpg.Pool, tokens: AccessTokens) -> None:
        self._pool, self._tokens = pool, tokens

    async def __call__(self, scope: Mapping[str, Any], _receive: object, send: Send) -> None:
        if scope["type"] != "http":
            return
        token = next(v for k, v in scope["headers"] if k == b"authorization")[7:].decode()
        claims = self._tokens.verify(Secret(token))
        rows = await self._pool.fetch(_PAGE, claims.user_id)
        body = _encode(_page(rows))
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _page(rows: Sequence[asyncpg.Record]) -> Page:
    more = len(rows) > 50
    data = [
        Transaction(row[0], row[1], row[2], Amount(_major(row[3]), row[4]), *row[5:])
        for row in map(tuple, rows[:50])
    ]
    cursor = f"{data[-1].booked_on}:{data[-1].id}" if more else None
    return Page(data, Pagination(cursor, more, 50))


def _major(minor: int) -> str:
    whole, fraction = divmod(abs(minor), 100)
    return f"{'-' if minor < 0 else ''}{whole}.{fraction:02d}"


async def floor(task: ServerTask) -> None:
    async with admin_pool(task.url) as pool:
        await run_server(FloorApp(pool, the_tokens()), task.port)


if __name__ == "__main__":
    import uvloop

    from tests.bench.children import told

    uvloop.run(floor(told(ServerTask)))
