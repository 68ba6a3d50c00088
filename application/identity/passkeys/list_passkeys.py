from collections.abc import Sequence
from dataclasses import dataclass

from application.identity.passkeys.view import PasskeyView
from application.identity.ports import BeginIdentityTx
from application.shared.caller import Caller


@dataclass(frozen=True, slots=True)
class ListPasskeysQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class ListPasskeys:
    """A person's passkeys, the oldest first."""

    begin: BeginIdentityTx

    async def __call__(self, query: ListPasskeysQuery) -> Sequence[PasskeyView]:
        async with self.begin(query.caller.user_id) as tx:
            found = await tx.passkeys.all()
        return [PasskeyView.of(passkey) for passkey in found]
