from dataclasses import dataclass

from application.identity.signing_in.guard import Guard
from application.identity.staff.person_for_staff import PersonForStaff
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.staff import FreshAuthority, ensure_may, ensure_may_act_on, note
from domain.identity.roles import Permission
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class UnlockPersonCommand:
    by: FreshAuthority
    user_id: UserId


@dataclass(frozen=True, slots=True)
class UnlockPerson:
    """Take back a lock, and forgive the failed sign-ins that lock somebody out by themselves.

    Raises:
        PersonNotFoundError, PermissionMissingError, NotYourselfError,
        PersonStatusError: they are banned or deleted, which this does not undo.
    """

    begin: BeginStaffTx
    guard: Guard

    async def __call__(self, command: UnlockPersonCommand) -> PersonForStaff:
        by = command.by
        ensure_may(by, Permission.LOCK_PEOPLE)
        async with self.begin(command.user_id) as tx:
            person = await tx.people.hold(command.user_id)
            ensure_may_act_on(by, person)
            free = person.unlocked()
            if free != person:
                await tx.people.save(free)
            await note(tx.audit, person.id, "identity.unlocked", by, was=person.status)
            await tx.commit()
        # Counted in transactions of their own, so forgiven after the trail says so. Should this
        # fail, unlocking again does it.
        await self.guard.forgive(person.id, person.email)
        return PersonForStaff.of(free, by)
