"""What answers look like: `Data` around one result, `Listing` around a page of them."""

from collections.abc import Sequence
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Data(msgspec.Struct, Generic[T], frozen=True):
    """`{"data": ...}`: the result inside, a frozen dataclass or Struct, is written as it is."""

    data: T


class Replay(Data[T], Generic[T], frozen=True):
    """The answer to a repeated Idempotency-Key: the same body, and a header that says so."""


class Pagination(msgspec.Struct, frozen=True):
    next_cursor: str | None
    has_more: bool
    limit: int


class Listing(msgspec.Struct, Generic[T], frozen=True):
    """`{"data": [...], "pagination": {...}}`; `pages.py` makes them."""

    data: Sequence[T]
    pagination: Pagination
