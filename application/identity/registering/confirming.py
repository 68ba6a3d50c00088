from application.identity.ports import IdentityTx
from application.shared.clock import Clock
from domain.identity.confirmation import Confirmation, Purpose
from domain.identity.errors_mail import ConfirmationInvalidError
from domain.identity.refresh import TokenHash


async def used_up(tx: IdentityTx, token: TokenHash, purpose: Purpose, clock: Clock) -> Confirmation:
    """The confirmation of this token, marked as used in this transaction; of many, one gets it.

    Raises:
        ConfirmationInvalidError, ConfirmationExpiredError
    """
    found = await tx.confirmations.by_token(token)
    if found is None:
        raise ConfirmationInvalidError
    # Asked for only now: the lock may have taken its time.
    used = found.used(purpose, clock.now())
    await tx.confirmations.save(used)
    return used
