from collections.abc import Sequence
from dataclasses import dataclass

from typing_extensions import override

from application.identity.passwords.choosing import Weakness, WeakPasswords
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class AllLists(WeakPasswords):
    """The first list that knows a password says why it is weak."""

    lists: Sequence[WeakPasswords]

    @override
    async def weakness(self, password: Secret) -> Weakness | None:
        for one in self.lists:
            found = await one.weakness(password)
            if found is not None:
                return found
        return None
