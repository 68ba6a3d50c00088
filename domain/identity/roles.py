"""Who may do what for others: the one table of permissions."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What a person is to Daler: nearly everybody is a user."""

    USER = "user"
    SUPPORT = "support"
    COMPLIANCE = "compliance"
    ADMIN = "admin"


class Permission(StrEnum):
    """One thing that staff may do to people who are not themselves."""

    LIST_PEOPLE = "people:list"
    """Ids, status and role: nothing personal."""
    FIND_PEOPLE = "people:find"
    """By an e-mail address that is known already."""
    SEE_PEOPLE = "people:see"
    """One person, with address and device data masked."""
    SEE_IN_FULL = "people:see_in_full"
    """The same, unmasked."""
    SEE_SESSIONS = "sessions:see"
    END_SESSIONS = "sessions:end"
    LOCK_PEOPLE = "people:lock"
    """And unlock, and forgive failed sign-ins."""
    BAN_PEOPLE = "people:ban"
    """And unban."""
    ACT_ON_STAFF = "staff:act"
    """Ending, locking and banning may be done to staff, too."""
    SEE_ACTIONS = "staff:see_actions"
    """What somebody of the staff did to others."""
    GRANT_ROLES = "roles:grant"
    SEE_PROVIDERS = "providers:see"
    """How the providers of bank data are doing, and what they told; nothing of anybody."""


_SUPPORT: Final = frozenset(
    {
        Permission.LIST_PEOPLE,
        Permission.FIND_PEOPLE,
        Permission.SEE_PEOPLE,
        Permission.SEE_SESSIONS,
        Permission.END_SESSIONS,
        Permission.LOCK_PEOPLE,
    }
)

PERMISSIONS: Final[Mapping[Role, frozenset[Permission]]] = MappingProxyType(
    {
        Role.USER: frozenset(),
        Role.SUPPORT: _SUPPORT,
        Role.COMPLIANCE: _SUPPORT
        | {Permission.SEE_IN_FULL, Permission.BAN_PEOPLE, Permission.SEE_ACTIONS},
        Role.ADMIN: frozenset(Permission),
    }
)
"""An administrator may do everything of staff; no role may read anybody's ledger."""
