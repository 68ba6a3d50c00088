from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from application.identity.guard import Admitted, Attempt, Guard, Outcome
from domain.identity.errors import BadCredentialsError
from domain.identity.errors_factors import ProofWrongError


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
