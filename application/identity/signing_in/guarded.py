from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from application.identity.ports import IdentityTx
from application.identity.signing_in.guard import Admitted, Attempt, Guard, Outcome
from domain.identity.errors import BadCredentialsError
from domain.identity.errors_factors import ProofWrongError
from domain.shared.ids import UserId


@asynccontextmanager
async def one_try(guard: Guard, attempt: Attempt) -> AsyncIterator[Admitted]:
    """Around the transaction that judges what somebody shows; counted before it begins.

    A wrong proof stays counted, a right one clears the place; anything else was no try.

    Raises:
        SignInLockedError: too many were wrong already.
    """
    admitted = await guard.admit(attempt)
    try:
        yield admitted
    except (ProofWrongError, BadCredentialsError):
        await guard.settle(admitted, Outcome.WRONG)
        raise
    except Exception:
        await guard.settle(admitted, Outcome.UNDECIDED)
        raise
    await guard.settle(admitted, Outcome.RIGHT)


async def note_lock(tx: IdentityTx, user_id: UserId, admitted: Admitted) -> None:
    """What a wrong try has locked, beside the trace of the try itself."""
    if admitted.locks is not None:
        await tx.audit.record(user_id, "identity.sign_in_locked", {"by": admitted.locks.value})
