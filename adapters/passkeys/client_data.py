"""What the browser adds to what is signed: for what, for which challenge, on which page."""

import binascii
from base64 import urlsafe_b64decode
from typing import Final

import msgspec

CREATE: Final = "webauthn.create"
GET: Final = "webauthn.get"


class _ClientData(msgspec.Struct, frozen=True, rename="camel"):
    type: str
    challenge: str
    origin: str
    cross_origin: bool | None = None
    top_origin: str | None = None


class ClientDataError(Exception):
    """`why` in one word."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def challenge_in(client_data: bytes) -> bytes | None:
    """The challenge in it; None when it cannot be read."""
    try:
        text = _read(client_data).challenge
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ClientDataError, binascii.Error, ValueError):
        return None


def answers(client_data: bytes, kind: str, challenge: bytes, origins: tuple[str, ...]) -> None:
    """Raises ClientDataError: it was made for another thing, another challenge or elsewhere."""
    said = _read(client_data)
    if said.type != kind:
        raise ClientDataError("type")
    if challenge_in(client_data) != challenge:
        raise ClientDataError("challenge")
    if said.origin not in origins:
        raise ClientDataError("origin")
    # None of our pages is meant to stand inside somebody else's.
    if said.cross_origin or said.top_origin is not None:
        raise ClientDataError("cross_origin")


def _read(client_data: bytes) -> _ClientData:
    try:
        return msgspec.json.decode(client_data, type=_ClientData)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ClientDataError("malformed") from error
