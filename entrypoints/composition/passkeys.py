"""Passkeys: their use cases, and their ports over PostgreSQL or memory."""

from dishka import Provider, Scope, provide, provide_all

from adapters.memory.identity.passkeys import MemoryPasskeyChallenges, MemoryPasskeyDirectory
from adapters.postgres.identity.passkeys import (
    PostgresPasskeyChallenges,
    PostgresPasskeyDirectory,
)
from application.identity.passkeys.add import AddPasskey
from application.identity.passkeys.list_passkeys import ListPasskeys
from application.identity.passkeys.ports import (
    PasskeyChallenges,
    PasskeyDirectory,
    PasskeyVerifier,
    RelyingParty,
)
from application.identity.passkeys.questions import PasskeyQuestions
from application.identity.passkeys.remove import RemovePasskey
from application.identity.passkeys.rename import RenamePasskey
from application.identity.passkeys.second_factor import AskForSecondPasskey, FinishWithPasskey
from application.identity.passkeys.sign_in import AskForPasskey, SignInWithPasskey
from application.identity.passkeys.start import StartPasskey
from application.identity.passkeys.step_up import AskToStepUp, StepUpWithPasskey


class PasskeyHandlers(Provider):
    """Needs RelyingParty, the ports below, and what the rest of identity gives."""

    scope = Scope.APP

    core = provide_all(PasskeyQuestions)
    own = provide_all(StartPasskey, AddPasskey, ListPasskeys, RenamePasskey, RemovePasskey)
    getting_in = provide_all(
        AskForPasskey, SignInWithPasskey, AskForSecondPasskey, FinishWithPasskey
    )
    staying_in = provide_all(AskToStepUp, StepUpWithPasskey)

    @provide
    def verifier(self, party: RelyingParty) -> PasskeyVerifier:
        # A sixth of a second to import, and many processes never see a passkey.
        from adapters.passkeys.verifier import WebauthnVerifier  # noqa: PLC0415

        return WebauthnVerifier(party)


class PostgresPasskeyParts(Provider):
    """Needs Database and Cipher."""

    scope = Scope.APP

    directory = provide(PostgresPasskeyDirectory, provides=PasskeyDirectory)
    challenges = provide(PostgresPasskeyChallenges, provides=PasskeyChallenges)


class MemoryPasskeyParts(Provider):
    """Needs MemoryDatabase."""

    scope = Scope.APP

    directory = provide(MemoryPasskeyDirectory, provides=PasskeyDirectory)
    challenges = provide(MemoryPasskeyChallenges, provides=PasskeyChallenges)
