"""Pages of a list: keyset cursors that only we can make, good for one list and its filters."""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final, TypeVar

import msgspec
from litestar.params import QueryParameter
from typing_extensions import override

from domain.shared.errors import FieldProblem, MalformedError
from domain.shared.secret import Secret
from entrypoints.http.envelope import Listing, Pagination

T = TypeVar("T")
P = TypeVar("P")

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
_MAC_BYTES: Final = 16

Limit = Annotated[
    int, QueryParameter(ge=1, le=LIMIT_MAX, description="How many items one page holds at most.")
]
Cursor = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=1_000,
        description="`pagination.next_cursor` of the page before, with the same filters.",
    ),
]


class BadCursorError(MalformedError):
    code = "bad_cursor"

    def __init__(self) -> None:
        super().__init__("this cursor belongs to another list or was altered; start without one")

    @property
    @override
    def details(self) -> Sequence[FieldProblem]:
        return (FieldProblem("cursor", self.code, str(self)),)


@dataclass(frozen=True, slots=True)
class Cursors:
    """`filters` is whatever makes two lists different: their name, the person, the parameters."""

    key: Secret

    def page(
        self,
        rows: Sequence[T],
        limit: int,
        position: Callable[[T], Any],
        filters: object,
    ) -> Listing[T]:
        """The page, from up to `limit` + 1 rows: the extra one only proves that there are more."""
        more = len(rows) > limit
        shown = rows[:limit]
        cursor = self.write(position(shown[-1]), filters) if more else None
        return Listing(shown, Pagination(cursor, more, limit))

    def write(self, position: object, filters: object) -> str:
        """Where a page ended: the key values of its last row, as a tuple."""
        payload = msgspec.msgpack.encode(position)
        return urlsafe_b64encode(self._mac(payload, filters) + payload).rstrip(b"=").decode()

    def read(self, cursor: str | None, filters: object, shape: type[P]) -> P | None:
        """The position again, of type `shape`; None for the first page. Raises BadCursorError."""
        if cursor is None:
            return None
        try:
            raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (Base64Error, ValueError) as error:
            raise BadCursorError from error
        mac, payload = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(payload, filters)):
            raise BadCursorError
        try:
            return msgspec.msgpack.decode(payload, type=shape)
        except msgspec.DecodeError as error:
            raise BadCursorError from error

    def _mac(self, payload: bytes, filters: object) -> bytes:
        bound = sha256(msgspec.msgpack.encode(filters)).digest()
        key = self.key.reveal().encode()
        return hmac.digest(key, b"daler.cursor.1" + bound + payload, "sha256")[:_MAC_BYTES]
