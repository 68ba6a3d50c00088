"""What an API key must have been given to be let in by a route.

Every route that asks who calls says so: `scope=Scope.LEDGER_READ`, or `scope=NO_KEY` for what only
a person who signed in may do. People are not limited by scopes.
"""

from enum import Enum
from typing import Final

from application.shared.caller import Claims
from domain.shared.errors import ForbiddenError
from domain.shared.scopes import Scope


class NoKey(Enum):
    NO_KEY = "no_key"


NO_KEY: Final = NoKey.NO_KEY
"""Credentials, sessions, keys: a key that leaked must not be able to make itself at home."""

Scoped = Scope | NoKey


class ScopeMissingError(ForbiddenError):
    code = "scope_missing"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"this API key has no scope {scope}; make one that has it")
        self.scope = scope


class NotForApiKeysError(ForbiddenError):
    code = "not_for_api_keys"

    def __init__(self) -> None:
        super().__init__("no API key may do this; sign in and send an access token")


def ensure_in_scope(claims: Claims, wanted: Scoped | None) -> None:
    """Raises ScopeMissingError, NotForApiKeysError."""
    if claims.scopes is None:
        return
    if not isinstance(wanted, Scope):
        raise NotForApiKeysError
    if wanted not in claims.scopes:
        raise ScopeMissingError(wanted)
