"""Decoding answers: strict about their form, lenient about two things that texts may hold."""

import re
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import msgspec

from adapters.outbound.call import GarbledAnswerError

T = TypeVar("T")

_NUL = b"\\u0000"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|u....|.)", re.DOTALL)


def reading(decoder: "msgspec.json.Decoder[T]") -> Callable[[bytes], T]:
    """The decoder, failing in our words."""

    def read(body: bytes) -> T:
        try:
            # No database keeps a NUL, and no person misses it.
            return decoder.decode(mended(body) if _NUL in body else body)
        except msgspec.ValidationError as error:
            raise _garbled() from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            # Not kept as the cause: Python's own error carries the whole body.
            pass
        if _SURROGATE.search(body):
            # Half a letter: somebody cut a text in the middle of an emoji. That must not keep
            # a whole page of money away.
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                return decoder.decode(mended(body))
        raise _garbled()

    return read


def mended(body: bytes) -> bytes:
    """The JSON text without NULs, and with a replacement character for each half letter."""
    return _ESCAPE.sub(_escape, body)


def _escape(found: "re.Match[bytes]") -> bytes:
    escape = found[0]
    if escape == _NUL:
        return b""
    if len(escape) == len(_NUL) and _SURROGATE.match(escape):
        return b"\\ufffd"
    return escape


def _garbled() -> GarbledAnswerError:
    return GarbledAnswerError("an answer that cannot be read")


def plain_code(text: str | None) -> str:
    """A code fit to be logged and shown, whoever wrote it."""
    return "".join(c for c in (text or "")[:64] if c.isascii() and (c.isalnum() or c in "_.-"))
