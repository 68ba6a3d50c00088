from dataclasses import dataclass, field

from application.identity.passkeys.notice import tell
from application.identity.passkeys.ports import PasskeyVerifier, PresentedAttestation
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.passkeys.view import PasskeyView
from application.identity.ports import BeginIdentityTx
from application.identity.second_factor.factors import ensure_proved_as_asked, factors_of
from application.shared.caller import Caller
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Letter
from domain.identity.errors_passkeys import PasskeyUnacceptableError, TooManyPasskeysError
from domain.identity.passkey import (
    PASSKEYS_MAX,
    Attested,
    Passkey,
    PasskeyId,
    PasskeyName,
    known_transports,
)
from domain.identity.passkey_challenge import Asked, Purpose
from domain.identity.session import Method
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class AddPasskeyCommand:
    """The challenge that it answers was given to this session, lately, for this."""

    caller: Caller
    name: str = field(repr=False)
    presented: PresentedAttestation


@dataclass(frozen=True, slots=True)
class AddPasskey:
    """A person registers the passkey that their device has just made.

    The session it is done in has shown it by that, and goes on: nobody has signed in again, they
    did so before they began. Other sessions stay as they are.
    """

    begin: BeginIdentityTx
    questions: PasskeyQuestions
    verifier: PasskeyVerifier
    ids: NewIds
    clock: Clock

    async def __call__(self, command: AddPasskeyCommand) -> PasskeyView:
        """Keep it, once it is found to be right.

        Raises:
            InvalidFieldsError: its name is no name; the challenge still stands.
            PasskeyChallengeError, PasskeyUnacceptableError, PasskeyKnownError,
            TooManyPasskeysError
        """
        # First: a name can be typed again, the challenge is used up by the first try.
        name = PasskeyName.parse(command.name)
        caller, presented = command.caller, command.presented
        asked = Asked(Purpose.REGISTER, caller.user_id, caller.session_id.bytes)
        challenge = await self.questions.answered(presented.client_data, asked)
        try:
            attested = self.verifier.attested(presented, challenge)
        except PasskeyUnacceptableError as refusal:
            await self._note_refusal(caller.user_id, refusal.why)
            raise
        return await self._keep(caller, name, attested, presented.transports)

    async def _keep(
        self, caller: Caller, name: PasskeyName, attested: Attested, transports: tuple[str, ...]
    ) -> PasskeyView:
        now = self.clock.now()
        passkey = Passkey.register(
            passkey_id=PasskeyId(self.ids.one()),
            user_id=caller.user_id,
            name=name,
            attested=attested,
            transports=known_transports(transports),
            now=now,
        )
        async with self.begin(caller.user_id) as tx:
            (await tx.people.hold(caller.user_id)).ensure_active()
            session = await ensure_proved_as_asked(tx, caller, await factors_of(tx), now)
            if await tx.passkeys.count() >= PASSKEYS_MAX:
                raise TooManyPasskeysError(PASSKEYS_MAX)
            await tx.passkeys.add(passkey)
            await tx.sessions.save(session.proved(Method.PASSKEY, now))
            await tx.audit.record(
                caller.user_id,
                "identity.passkey_added",
                {"passkey": str(passkey.id), "synced": passkey.backup_eligible},
            )
            await tell(tx, caller.user_id, Letter.PASSKEY_ADDED)
            await tx.commit()
        return PasskeyView.of(passkey)

    async def _note_refusal(self, user_id: UserId, why: str) -> None:
        async with self.begin(user_id) as tx:
            await tx.audit.record(user_id, "identity.passkey_not_added", {"why": why})
            await tx.commit()
