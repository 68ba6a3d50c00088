"""Becoming a person without waiting for the mail."""

from dataclasses import dataclass

from dishka import AsyncContainer

from application.identity.ports import BeginIdentityTx, PasswordHasher
from application.identity.profile.profile import Profile
from application.identity.registering.confirm_registration import (
    ConfirmRegistration,
    ConfirmRegistrationCommand,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Confirmation, ConfirmationId
from domain.identity.signing_up import SigningUp
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class Joining:
    """Somebody has asked, read their mail, and confirms."""

    begin: BeginIdentityTx
    hasher: PasswordHasher
    ids: NewIds
    clock: Clock

    async def __call__(self, name: str, email: str, password: Secret) -> Profile:
        form = SigningUp.parse(name, email, password)
        hashed, now = await self.hasher.hash(form.password), self.clock.now()
        token = Secret(f"{self.ids.one().hex}{self.ids.one().hex}")
        asked = Confirmation.registration(
            ConfirmationId(self.ids.one()), form.name, form.email, hashed, now
        )
        async with self.begin(UserId(self.ids.one())) as tx:
            await tx.confirmations.add(asked.written(token, None, now))
            await tx.commit()
        confirm = ConfirmRegistration(self.begin, self.ids, self.clock)
        return await confirm(ConfirmRegistrationCommand(token))


async def joining(container: AsyncContainer) -> Joining:
    return Joining(
        await container.get(BeginIdentityTx),
        await container.get(PasswordHasher),
        await container.get(NewIds),
        await container.get(Clock),
    )
