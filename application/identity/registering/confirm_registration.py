from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.identity.profile.profile import Profile
from application.identity.registering.confirming import used_up
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.confirmation import Purpose, token_hash
from domain.identity.errors_mail import ConfirmationInvalidError
from domain.identity.password import CredentialId, PasswordCredential
from domain.identity.person import Person
from domain.shared.events import PersonRegistered
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class ConfirmRegistrationCommand:
    token: Secret


@dataclass(frozen=True, slots=True)
class ConfirmRegistration:
    """The token came back, so the address is theirs: somebody becomes a person here.

    Raises:
        ConfirmationInvalidError, ConfirmationExpiredError, EmailTakenError: who has the token owns
            the address, so they may know that it was taken meanwhile.
    """

    begin: BeginIdentityTx
    ids: NewIds
    clock: Clock

    async def __call__(self, command: ConfirmRegistrationCommand) -> Profile:
        token = token_hash(command.token)
        user_id = UserId(self.ids.one())
        async with self.begin(user_id) as tx:
            used = await used_up(tx, token, Purpose.REGISTER, self.clock)
            if used.name is None or used.password is None or used.used_at is None:
                raise ConfirmationInvalidError
            now = used.used_at
            person = Person(id=user_id, name=used.name, email=used.email, created_at=now)
            await tx.people.add(person)
            await tx.credentials.put(
                PasswordCredential(
                    user_id=user_id,
                    id=CredentialId(self.ids.one()),
                    hash=used.password,
                    created_at=now,
                    changed_at=now,
                    suffices_alone=True,
                )
            )
            await tx.outbox.append(PersonRegistered(user_id))
            await tx.audit.record(user_id, "identity.registered", {"with": "password"})
            profile = Profile.of(person, await tx.means.of(user_id))
            await tx.commit()
        return profile
