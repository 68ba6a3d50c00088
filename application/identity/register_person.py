from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx, PasswordHasher
from application.identity.profile import Profile
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.password import CredentialId, PasswordCredential
from domain.identity.person import Person
from domain.identity.signing_up import SigningUp
from domain.shared.events import PersonRegistered
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class RegisterPersonCommand:
    name: str
    email: str
    password: Secret


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """Somebody becomes a person here, with an e-mail address that nobody else has."""

    begin: BeginIdentityTx
    hasher: PasswordHasher
    ids: NewIds
    clock: Clock

    async def __call__(self, command: RegisterPersonCommand) -> Profile:
        form = SigningUp.parse(command.name, command.email, command.password)
        # Slow, so before the transaction; and a taken address takes as long as a free one.
        hashed = await self.hasher.hash(form.password)

        now = self.clock.now()
        person = Person(id=UserId(self.ids.one()), name=form.name, email=form.email, created_at=now)
        credential = PasswordCredential(
            user_id=person.id,
            id=CredentialId(self.ids.one()),
            hash=hashed,
            created_at=now,
            changed_at=now,
        )
        async with self.begin(person.id) as tx:
            await tx.people.add(person)
            await tx.credentials.put(credential)
            await tx.outbox.append(PersonRegistered(person.id))
            await tx.audit.record(person.id, "identity.registered", {"with": "password"})
            await tx.commit()
        return Profile.of(person)
