from collections.abc import Callable
from typing import TypeVar

import msgspec

from adapters.outbound.call import GarbledAnswerError

T = TypeVar("T")


def reading(decoder: "msgspec.json.Decoder[T]") -> Callable[[bytes], T]:
    """The decoder, failing in our words."""

    def read(body: bytes) -> T:
        try:
            return decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            # msgspec's message names the place, never the content.
            raise GarbledAnswerError("an answer that cannot be read") from error

    return read


def plain_code(text: str | None) -> str:
    """A code fit to be logged and shown, whoever wrote it."""
    return "".join(c for c in (text or "")[:64] if c.isascii() and (c.isalnum() or c in "_.-"))
