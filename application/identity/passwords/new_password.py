"""A password takes the place of another: what goes with it, whoever asked."""

from dataclasses import dataclass, replace
from datetime import datetime

from application.identity.jobs import SendNoticeJob
from application.identity.passwords.choosing import ChoosePassword
from application.identity.ports import BeginIdentityTx, IdentityTx, PasswordHasher
from application.identity.second_factor.factors import factors_of
from application.shared.chance import NewIds
from domain.identity.confirmation import Letter, Purpose
from domain.identity.errors_factors import LongerPasswordNeededError
from domain.identity.password import (
    CredentialId,
    PasswordCredential,
    PasswordHash,
    suffices_alone,
)
from domain.identity.session import Ended
from domain.shared.errors import InvalidFieldsError
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class Chosen:
    """A password that may be this person's, as it is kept."""

    hash: PasswordHash
    suffices_alone: bool


@dataclass(frozen=True, slots=True)
class NewPassword:
    begin: BeginIdentityTx
    choose: ChoosePassword
    hasher: PasswordHasher
    ids: NewIds

    async def chosen(self, user_id: UserId, typed: Secret, called: str = "password") -> Secret:
        """The password as it is hashed, if it may be this person's.

        Raises:
            InvalidFieldsError: with the reason, under the name that it has in the request.
            AccountNotActiveError, PersonNotFoundError
        """
        async with self.begin(user_id) as tx:
            person = await tx.people.get(user_id)
            person.ensure_active()
            factors = await factors_of(tx)
        try:
            return await self.choose(typed, person.name, person.email, alone=not factors.on)
        except InvalidFieldsError as error:
            named = (replace(problem, field=called) for problem in error.problems)
            raise InvalidFieldsError(*named) from None

    async def hashed(self, password: Secret) -> Chosen:
        """Slow; no transaction is open meanwhile."""
        return Chosen(await self.hasher.hash(password), suffices_alone(password))

    async def keep(self, tx: IdentityTx, user_id: UserId, new: Chosen, now: datetime) -> None:
        """In place of the one there is, if any. Hold the person first.

        Raises:
            LongerPasswordNeededError: the second factor that it was to stand beside has gone.
        """
        if not new.suffices_alone and not (await factors_of(tx)).on:
            raise LongerPasswordNeededError
        kept = await tx.credentials.password_of(user_id)
        if kept is None:
            kept = PasswordCredential(
                user_id=user_id,
                id=CredentialId(self.ids.one()),
                hash=new.hash,
                created_at=now,
                changed_at=now,
                suffices_alone=new.suffices_alone,
            )
        await tx.credentials.put(
            replace(kept, hash=new.hash, changed_at=now, suffices_alone=new.suffices_alone)
        )


async def shut_others_out(
    tx: IdentityTx, user_id: UserId, now: datetime, but: SessionId | None = None
) -> int:
    """Whoever knew the old password: their sessions, and what waits for a token of theirs.

    The person is told, in case it was not they. How many sessions ended.
    """
    ended = await tx.sessions.end_all(Ended.PASSWORD_CHANGED, now, but=but)
    await tx.confirmations.withdraw(user_id, tuple(Purpose))
    await tx.jobs.enqueue(SendNoticeJob(user_id=user_id, letter=Letter.PASSWORD_CHANGED))
    return ended
