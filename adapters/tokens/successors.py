import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from typing_extensions import override

from adapters.crypto.keys import KeyRing, RingNow
from application.identity.ports import Successors
from domain.shared.secret import Secret

# The ring may sign other things, too; none of them can be mistaken for a refresh token.
_PURPOSE: Final = b"daler.refresh-successor.1\0"


@dataclass(frozen=True, slots=True)
class HmacSuccessors(Successors):
    """HMAC-SHA256 of the presented token: 256 bits that only the server can work out.

    The newest key derives the next successor. The others are asked only for a reply that was lost
    on its way while the keys were turned: the successor is known by its hash, so an old key can
    repeat what it has given and nothing else. It stays for that as long as it is in the ring.
    """

    ring: KeyRing | RingNow = field(repr=False)

    @override
    def of(self, token: Secret) -> Sequence[Secret]:
        message = _PURPOSE + token.reveal().encode()
        ring = self.ring if isinstance(self.ring, KeyRing) else self.ring()
        digests = (hmac.digest(key.secret, message, "sha256") for key in ring)
        return [Secret(urlsafe_b64encode(d).rstrip(b"=").decode()) for d in digests]
