"""Results as JSON, in one pass, with money in major units."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from domain.shared.money import MINOR_DIGITS

_MONEY: Final = b'{"minor":'
_CURRENCY: Final = b',"currency":"'
_DIGITS: Final[Mapping[bytes, int]] = {c.encode(): d for c, d in MINOR_DIGITS.items()}

_encoder: Final = msgspec.json.Encoder()


def to_json(result: Any) -> bytes:  # noqa: ANN401 - whatever a route returns
    """Encode; every `Money` inside becomes `{"amount": "-129.90", "currency": "NOK"}`.

    msgspec writes a dataclass by its fields and cannot be told otherwise, so amounts are put into
    major units afterwards, on the bytes. That is exact: quotes inside strings are escaped, so
    `{"minor":` can only be the start of an object, and one that goes on like Money is Money.
    """
    head, *amounts = _encoder.encode(result).split(_MONEY)
    if not amounts:
        return head
    pieces = [head]
    for piece in amounts:
        minor, _, rest = piece.partition(_CURRENCY)
        digits = _DIGITS.get(rest[:3])
        if digits is None or not minor.lstrip(b"-").isdigit():
            pieces += _MONEY, piece
        else:
            pieces += b'{"amount":"', _major(minor, digits), b'","currency":"', rest
    return b"".join(pieces)


def _major(minor: bytes, digits: int) -> bytes:
    if not digits:
        return minor
    if len(minor) > digits + 1:
        return minor[:-digits] + b"." + minor[-digits:]
    sign, figures = (b"-", minor[1:]) if minor[:1] == b"-" else (b"", minor)
    figures = figures.rjust(digits + 1, b"0")
    return sign + figures[:-digits] + b"." + figures[-digits:]
