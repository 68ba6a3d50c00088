"""Statement files: sent, read in the background, and looked after."""

from typing import Final
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, get, post
from litestar.params import FromPath, RawBody

from application.ledger.imports import ImportId, ImportsReader
from application.ledger.request_import import RequestImport, RequestImportCommand
from application.shared.caller import Caller
from application.shared.idempotency import IdempotencyKey
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data, Listing, Replay
from entrypoints.http.forms import MULTIPART, read_form
from entrypoints.http.import_forms import OPTIONS, ImportOut, OptionsIn, read_options
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.problem import BodyTooLargeError
from entrypoints.http.shell.exchange import Exchange

FILE: Final = "file"
FILE_BYTES_MAX: Final = 32 * 1024 * 1024
_AROUND_IT: Final = 64 * 1024
"""What options, boundaries and headers of the parts may take."""


class ImportAccepted(msgspec.Struct, frozen=True):
    import_id: UUID
    job_id: UUID


@post(
    "/imports",
    status_code=202,
    name="imports.request",
    refuses=(404, 410),
    scope=Scope.LEDGER_WRITE,
    accepts=(MULTIPART,),
    form={FILE: bytes, OPTIONS: OptionsIn},
    request_max_body_size=FILE_BYTES_MAX + _AROUND_IT,
)
async def request_import(
    body: RawBody,
    exchange: FromDishka[Exchange],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    ask: FromDishka[RequestImport],
) -> Data[ImportAccepted]:
    """Import a statement file: CAMT.053, MT940 or CSV, up to 32 MiB.

    Send a form with the part `file`, and if the file needs it the part `options` with JSON: which
    account it belongs to, its currency, for CSV which columns say what and how dates are written,
    and `dry_run`. The content decides what kind of file it is, never its name. The same file again
    changes nothing.
    """
    form = read_form(exchange.headers.get(b"content-type", b""), body, (FILE, OPTIONS))
    options, file = read_options(form.parts.get(OPTIONS)), form.part(FILE)
    if len(file) > FILE_BYTES_MAX:
        raise BodyTooLargeError(FILE_BYTES_MAX)
    ticket = await ask(RequestImportCommand(caller.user_id, file, options, form.key(key)))
    return (Replay if ticket.replayed else Data)(ImportAccepted(ticket.import_id, ticket.job_id))


@get("/imports", name="imports.list", scope=Scope.LEDGER_READ)
async def list_imports(
    *,
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    reader: FromDishka[ImportsReader],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[ImportOut]:
    """Your imports, newest first."""
    filters = ("imports", caller.user_id)
    position = cursors.read(cursor, filters, tuple[UUID])
    before = None if position is None else ImportId(position[0])
    found = await reader.newest(caller.user_id, limit + 1, before)
    rows = [ImportOut.of(one) for one in found]
    return cursors.page(rows, limit, lambda row: (row.id,), filters)


@get("/imports/{import_id:uuid}", name="imports.get", scope=Scope.LEDGER_READ)
async def view_import(
    import_id: FromPath[UUID], caller: FromDishka[Caller], reader: FromDishka[ImportsReader]
) -> Data[ImportOut]:
    """What has become of a file: what was in it and what was new, or why it was refused."""
    return Data(ImportOut.of(await reader.get(caller.user_id, ImportId(import_id))))


def imports_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[request_import, list_imports, view_import],
        tags=["imports"],
    )
