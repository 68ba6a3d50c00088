"""How a Tink link is remembered, and how a person is called there."""

import hashlib

import msgspec

from application.connections.gateway import AccessUnreadableError
from domain.shared.ids import UserId
from domain.shared.secret import Secret


class Access(msgspec.Struct, frozen=True):
    user: str
    """Our own name for the person at Tink (external_user_id)."""
    credentials: str
    institution: str | None = None
    """By Tink's own name for it."""
    bank: str | None = None
    """As people call it; None in what was kept before that was asked for."""

    @property
    def label(self) -> str | None:
        return self.bank or self.institution

    def sealed(self) -> Secret:
        return Secret(msgspec.json.encode(self).decode())


def opened(access: Secret) -> Access:
    """Raises AccessUnreadableError: it was not written here, so nothing can be done with it."""
    try:
        return msgspec.json.decode(access.reveal(), type=Access)
    except msgspec.DecodeError as error:
        raise AccessUnreadableError("tink") from error


def tink_name_of(owner: UserId) -> str:
    """Always the same for one person, and tells nobody who it is, nor our own id."""
    return "d-" + hashlib.sha256(b"daler.tink.user:" + owner.bytes).hexdigest()[:40]
