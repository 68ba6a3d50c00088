from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from application.identity.passkeys.notice import tell
from application.identity.passkeys.ports import PasskeyVerifier, PresentedAssertion
from application.identity.ports import IdentityTx
from application.identity.signing_in.proofs import Proof
from domain.identity.confirmation import Letter
from domain.identity.errors_passkeys import PasskeyClonedError, PasskeyRefusedError
from domain.identity.passkey_challenge import Purpose
from domain.identity.session import Method
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class PasskeyProof(Proof):
    """A signature over a challenge that was given out for this, and is used up."""

    presented: PresentedAssertion
    challenge: Secret
    purpose: Purpose
    verifier: PasskeyVerifier

    @property
    @override
    def method(self) -> Method:
        return Method.PASSKEY

    @override
    async def __call__(self, tx: IdentityTx, user_id: UserId, now: datetime) -> None:
        """Look at it, and count its use.

        Raises:
            PasskeyRefusedError
            PasskeyClonedError: noted in the trail and told to the person, once this is committed.
        """
        passkey = await tx.passkeys.by_credential(self.presented.credential_id)
        if passkey is None:
            raise PasskeyRefusedError("foreign")
        said = self.presented.user_handle
        # Who signs in with nothing else must be named by the authenticator, too.
        if said is None and self.purpose is Purpose.SIGN_IN:
            raise PasskeyRefusedError("user_handle")
        if said is not None and said != await tx.passkeys.handle():
            raise PasskeyRefusedError("user_handle")
        # After a password it is the second factor, and enough that somebody has it.
        verified = self.purpose is not Purpose.SECOND_FACTOR
        asserted = self.verifier.asserted(
            self.presented, self.challenge, passkey, verified=verified
        )
        try:
            used = passkey.used(asserted, now)
        except PasskeyClonedError:
            await tx.audit.record(user_id, "identity.passkey_cloned", {"passkey": str(passkey.id)})
            await tell(tx, user_id, Letter.PASSKEY_CLONED)
            raise
        await tx.passkeys.save(used)
