"""What must survive a restart, in one file."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec


class TinkUser(msgspec.Struct, kw_only=True):
    external_user_id: str
    market: str
    locale: str
    retention_class: str
    revoked_ms: int = 0
    """Tokens and codes issued before this instant (real clock) are dead."""


class Credentials(msgspec.Struct, kw_only=True):
    """A Tink consent: one user's login at one bank."""

    user_id: str
    person: str
    provider: str
    status: str
    changed_ms: int
    session_expiry_ms: int
    reason: str = ""
    renamed: int = 0
    """How often a renewal has given everything new ids."""

    @property
    def holder(self) -> str:
        """By whose names its accounts and rows go."""
        return f"{self.user_id}/{self.renamed}" if self.renamed else self.user_id


class TinkEndpoint(msgspec.Struct, kw_only=True):
    url: str
    secret: str
    events: list[str]
    description: str = ""
    disabled: bool = False


class LinkToken(msgspec.Struct, kw_only=True):
    expires_ms: int
    client_user_id: str
    webhook: str
    redirect_uri: str
    days_requested: int
    item_id: str = ""
    """Set in update mode: the Item whose login this repairs."""
    public_token: str = ""


class Item(msgspec.Struct, kw_only=True):
    """A Plaid Item: one login at one bank."""

    person: str
    token_hash: str
    webhook: str
    days_requested: int
    created_ms: int
    consent_expiry_ms: int
    institution: str
    client_user_id: str = ""
    needs_login: bool = False
    removed: bool = False
    renamed: int = 0
    """How often a renewal has given everything new ids."""

    def holder(self, item_id: str) -> str:
        """By whose names its accounts and rows go."""
        return f"{item_id}/{self.renamed}" if self.renamed else item_id


class OwnEntry(msgspec.Struct, kw_only=True):
    """An entry that somebody ordered by hand, not the dice."""

    at_ms: int
    number: int
    account: int
    minor: int
    text: str
    booked_on: str
    happened_on: str
    books_ms: int | None = None
    """None: booked at once. Otherwise pending until then."""
    books_minor: int | None = None


class State(msgspec.Struct, kw_only=True):
    origin: str
    offset_ms: int = 0
    spent: dict[str, int] = {}
    users: dict[str, TinkUser] = {}
    credentials: dict[str, Credentials] = {}
    endpoints: dict[str, TinkEndpoint] = {}
    link_tokens: dict[str, LinkToken] = {}
    items: dict[str, Item] = {}
    own: dict[str, list[OwnEntry]] = {}
    renewals: dict[str, str] = {}
    """By person: what their next renewal changes besides the consent (see orders.py)."""


@dataclass(slots=True)
class Store:
    """The state and its file. `save` returns once a kill -9 can no longer undo it."""

    state: State
    path: Path | None = None

    @classmethod
    def open(cls, path: Path | None, new: Callable[[], State]) -> "Store":
        if path is not None and path.exists():
            try:
                return cls(msgspec.json.decode(path.read_bytes(), type=State), path)
            except msgspec.DecodeError as error:
                raise ValueError(f"{path} is no state of a sandbox bank: {error}") from error
        store = cls(new(), path)
        store.save()
        return store

    def save(self) -> None:
        if self.path is None:
            return
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.draft")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(msgspec.json.encode(self.state))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
