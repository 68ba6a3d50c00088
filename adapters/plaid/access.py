"""How a Plaid Item is remembered, and how a person is called there."""

import hashlib

import msgspec

from adapters.plaid.problems import PLAID
from application.connections.gateway import AccessUnreadableError
from domain.shared.ids import UserId
from domain.shared.secret import Secret


class Access(msgspec.Struct, frozen=True):
    token: str
    institution: str | None = None

    def sealed(self) -> Secret:
        return Secret(msgspec.json.encode(self).decode())


def opened(access: Secret) -> Access:
    """Raises AccessUnreadableError: it was not written here, so nothing can be done with it."""
    try:
        return msgspec.json.decode(access.reveal(), type=Access)
    except msgspec.DecodeError as error:
        raise AccessUnreadableError(PLAID) from error


def plaid_name_of(owner: UserId) -> str:
    """Always the same for one person, and tells nobody who it is, nor our own id."""
    return "d-" + hashlib.sha256(b"daler.plaid.user:" + owner.bytes).hexdigest()[:40]
