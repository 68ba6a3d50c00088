from dataclasses import dataclass

from application.identity.passkeys.options import CreationOptions, Described
from application.identity.passkeys.ports import RelyingParty
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.ports import BeginIdentityTx, IdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import FreshCaller
from application.shared.chance import Chance
from application.shared.clock import Clock
from domain.identity.errors_passkeys import TooManyPasskeysError
from domain.identity.passkey import PASSKEYS_MAX, UserHandle, new_user_handle
from domain.identity.passkey_challenge import Asked, Purpose


@dataclass(frozen=True, slots=True)
class StartPasskeyCommand:
    caller: FreshCaller


@dataclass(frozen=True, slots=True)
class StartPasskey:
    """What a person's browser needs to make a passkey; the answer comes back to AddPasskey."""

    begin: BeginIdentityTx
    questions: PasskeyQuestions
    party: RelyingParty
    chance: Chance
    clock: Clock

    async def __call__(self, command: StartPasskeyCommand) -> CreationOptions:
        """Raises TooManyPasskeysError, StepUpRequiredError."""
        caller = command.caller
        async with self.begin(caller.user_id) as tx:
            person = await tx.people.hold(caller.user_id)
            person.ensure_active()
            await ensure_proved_as_asked(tx, caller, await factors_of(tx), self.clock.now())
            known = await tx.passkeys.all()
            if len(known) >= PASSKEYS_MAX:
                raise TooManyPasskeysError(PASSKEYS_MAX)
            handle = await self._handle(tx)
            await tx.commit()
        asked = Asked(Purpose.REGISTER, caller.user_id, caller.session_id.bytes)
        return CreationOptions(
            challenge=await self.questions.ask(asked),
            party=self.party,
            user_handle=handle,
            account=person.email.text if person.email else person.name.text,
            name=person.name.text,
            known=Described.all(known),
        )

    async def _handle(self, tx: IdentityTx) -> UserHandle:
        """The same for ever: with another one, authenticators would take the person for two."""
        kept = await tx.passkeys.handle()
        if kept is not None:
            return kept
        made = new_user_handle(self.chance.token(), self.chance.token())
        await tx.passkeys.keep_handle(made)
        return made
