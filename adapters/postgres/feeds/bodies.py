"""How a page is packed: what it says readable and small, how it came sealed."""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
import zstandard

from application.shared.cipher import Cipher, SealContext
from application.shared.feeds import FeedPage
from domain.shared.ids import UserId
from domain.shared.observations import Observations

_LEVEL: Final = 1
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Observations)


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page that is known by its digest, before anything costly is done with it."""

    page: FeedPage
    said: bytes
    sha256: bytes

    def packed(self, cipher: Cipher, owner: UserId) -> tuple[bytes, bytes | None]:
        """What it says, and how it came, as they are stored."""
        squeeze = zstandard.ZstdCompressor(level=_LEVEL).compress
        raw = self.page.raw
        return (
            squeeze(self.said),
            cipher.seal(squeeze(raw), raw_context(owner, self.sha256)) if raw else None,
        )


def read(page: FeedPage) -> ReadPage:
    said = _encoder.encode(page.observations)
    # Both count: the same bytes may be understood better tomorrow, and then they say more.
    digest = hashlib.sha256(len(said).to_bytes(8, "big") + said)
    digest.update(page.raw)
    return ReadPage(page, said, digest.digest())


def unpacked(observations: bytes) -> Observations:
    return _decoder.decode(zstandard.ZstdDecompressor().decompress(observations))


def raw_context(owner: UserId, sha256: bytes) -> SealContext:
    return SealContext("feeds.raw_page", owner, UUID(bytes=sha256[:16]))


def raw_unpacked(sealed: bytes, cipher: Cipher, owner: UserId, sha256: bytes) -> bytes:
    opened = cipher.open(sealed, raw_context(owner, sha256))
    return zstandard.ZstdDecompressor().decompress(opened)
