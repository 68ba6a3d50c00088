"""What a person has set up besides a password, as one transaction sees it."""

from datetime import datetime

from application.identity.ports import IdentityTx
from application.shared.caller import Caller, FreshCaller
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_factors import LongerPasswordNeededError
from domain.identity.factors import Factors, two_factors
from domain.identity.person import Person
from domain.identity.session import Ended, Session


async def factors_of(tx: IdentityTx) -> Factors:
    """Hold the person first: then it stays true until the transaction ends."""
    totp = await tx.totps.get()
    return Factors(
        totp=totp is not None and totp.on,
        passkeys=await tx.passkeys.count(),
        recovery_codes=await tx.recovery_codes.left(),
    )


async def ensure_proved_as_asked(
    tx: IdentityTx, caller: Caller, factors: Factors, now: datetime
) -> Session:
    """Who has a second factor changes factors only in a living session that has shown two.

    Another session may have begun with the password alone a minute before the factor was set up,
    and this one may have ended since the caller was asked for. Hold the person first.

    Raises:
        SessionEndedError, StepUpRequiredError
    """
    session = await tx.sessions.get(caller.session_id)
    session.ensure_alive(now)
    if factors.on and not two_factors(session.methods):
        raise StepUpRequiredError
    return session


async def opens_with_password(tx: IdentityTx, person: Person) -> bool:
    """A password is typed beside an address: without one it opens nothing, and resets nothing."""
    return person.email is not None and await tx.credentials.password_of(person.id) is not None


async def lose(tx: IdentityTx, caller: FreshCaller, left: Factors, now: datetime) -> None:
    """What goes with a second factor: other sessions, and with the last one the recovery codes.

    Who removes a factor may do so because somebody else has got it; so whatever else is signed in
    has to sign in again.

    Raises:
        LongerPasswordNeededError: the password would stand alone, and is too short for that.
    """
    if not left.on:
        password = await tx.credentials.password_of(caller.user_id)
        if password is not None and not password.suffices_alone:
            raise LongerPasswordNeededError
        await tx.recovery_codes.replace((), now)
    await tx.sessions.end_all(Ended.FACTOR_REMOVED, now, but=caller.session_id)
