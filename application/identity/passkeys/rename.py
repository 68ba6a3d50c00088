from dataclasses import dataclass, field

from application.identity.passkeys.view import PasskeyView
from application.identity.ports import BeginIdentityTx
from application.shared.caller import Caller
from domain.identity.passkey import PasskeyId, PasskeyName


@dataclass(frozen=True, slots=True)
class RenamePasskeyCommand:
    caller: Caller
    passkey_id: PasskeyId
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RenamePasskey:
    """A person calls one of their passkeys something else. It opens what it opened before."""

    begin: BeginIdentityTx

    async def __call__(self, command: RenamePasskeyCommand) -> PasskeyView:
        """Raises InvalidFieldsError, PasskeyNotFoundError."""
        name = PasskeyName.parse(command.name)
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            renamed = (await tx.passkeys.get(command.passkey_id)).renamed(name)
            await tx.passkeys.save(renamed)
            await tx.audit.record(
                caller.user_id, "identity.passkey_renamed", {"passkey": str(renamed.id)}
            )
            await tx.commit()
        return PasskeyView.of(renamed)
