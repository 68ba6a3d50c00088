"""CBOR (RFC 8949) as authenticators are allowed to write it, looked over before it is decoded.

CTAP2's canonical form (FIDO CTAP 2.1, section 8) knows no tags, no indefinite lengths and four
levels at most. A decoder that takes everything can be made to build dates, fractions and circles,
or to reserve room for lengths that were never sent; what is let through here is only as large as
it is long.
"""

from typing import Final

DEPTH_MAX: Final = 4
_BYTES, _TEXT, _ARRAY, _MAP, _TAG = 2, 3, 4, 5, 6
_SIMPLE: Final = 7
_CONSTANTS: Final = (20, 21, 22)
"""False, true and null."""
_INLINE: Final = 24
_WIDE: Final = {24: 1, 25: 2, 26: 4, 27: 8}
"""How many bytes hold the number that follows."""


class BadCborError(ValueError):
    pass


def end_of_item(data: bytes, at: int = 0, levels: int = DEPTH_MAX) -> int:
    """Where the item that begins at `at` ends. Raises BadCborError."""
    if at >= len(data):
        raise BadCborError("it ends too early")
    kind, low = data[at] >> 5, data[at] & 0x1F
    number, at = _number(data, at, low)
    if kind in (_BYTES, _TEXT):
        if number > len(data) - at:
            raise BadCborError("a string is longer than what was sent")
        return at + number
    if kind in (_ARRAY, _MAP):
        if levels == 0:
            raise BadCborError("it nests too deep")
        # Each needs a byte at least, so a count that was never meant ends with the data.
        for _ in range(number if kind == _ARRAY else 2 * number):
            at = end_of_item(data, at, levels - 1)
        return at
    if kind == _TAG or (kind == _SIMPLE and low not in _CONSTANTS):
        raise BadCborError("no authenticator writes this")
    return at


def _number(data: bytes, at: int, low: int) -> tuple[int, int]:
    if low < _INLINE:
        return low, at + 1
    wide = _WIDE.get(low)
    if wide is None or at + 1 + wide > len(data):
        raise BadCborError("a length cannot be read")
    return int.from_bytes(data[at + 1 : at + 1 + wide], "big"), at + 1 + wide
