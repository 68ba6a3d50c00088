from dataclasses import dataclass

from application.identity.passwords.choosing import ChoosePassword
from application.identity.ports import BeginIdentityTx, PasswordHasher
from application.identity.staff.staff import CommandLine, note
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.password import CredentialId, PasswordCredential
from domain.identity.person import Person
from domain.identity.roles import Role
from domain.identity.signing_up import SigningUp
from domain.shared.events import PersonRegistered
from domain.shared.ids import UserId
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class CreateAdminCommand:
    by: CommandLine
    """Nobody else: the first administrator is made by who holds the database."""
    name: str
    email: str
    password: Secret


@dataclass(frozen=True, slots=True)
class CreateAdmin:
    """An administrator who was nobody here before, without a mail going to and fro.

    They are staff in the session in which they confirm a second factor, and in every one that
    they open with two from then on; until then they are a person with a password.

    Raises:
        InvalidFieldsError
        EmailTakenError: they are here already; give them the role instead.
    """

    begin: BeginIdentityTx
    choosing: ChoosePassword
    hasher: PasswordHasher
    ids: NewIds
    clock: Clock

    async def __call__(self, command: CreateAdminCommand) -> UserId:
        form = SigningUp.parse(command.name, command.email, command.password)
        await self.choosing.ensure_unknown(form.password)
        hashed = await self.hasher.hash(form.password)
        now, user_id = self.clock.now(), UserId(self.ids.one())
        admin = Person(
            id=user_id, name=form.name, email=form.email, created_at=now, role=Role.ADMIN
        )
        credential = PasswordCredential(
            user_id=user_id,
            id=CredentialId(self.ids.one()),
            hash=hashed,
            created_at=now,
            changed_at=now,
            suffices_alone=True,
        )
        async with self.begin(user_id) as tx:
            await tx.people.add(admin)
            await tx.credentials.put(credential)
            await tx.outbox.append(PersonRegistered(user_id))
            facts = {"with": "password", "role": Role.ADMIN}
            await note(tx.audit, user_id, "identity.registered", command.by, **facts)
            await tx.commit()
        return user_id
