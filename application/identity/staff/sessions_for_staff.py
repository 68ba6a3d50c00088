from collections.abc import Sequence
from dataclasses import dataclass

from application.identity.sessions.end_sessions import SessionsEnded
from application.identity.staff.person_for_staff import SessionForStaff
from application.identity.staff.ports import BeginStaffTx
from application.identity.staff.staff import (
    Authority,
    FreshAuthority,
    ensure_may,
    ensure_may_act_on,
    note,
)
from application.shared.clock import Clock
from domain.identity.roles import Permission
from domain.identity.session import Ended
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ShowSessionsOfPersonQuery:
    by: Authority
    user_id: UserId


@dataclass(frozen=True, slots=True)
class ShowSessionsOfPerson:
    """Where somebody is signed in, and with which API keys: what is alive, the newest first.

    Raises:
        PersonNotFoundError, PermissionMissingError
    """

    begin: BeginStaffTx
    clock: Clock

    async def __call__(self, query: ShowSessionsOfPersonQuery) -> Sequence[SessionForStaff]:
        ensure_may(query.by, Permission.SEE_SESSIONS)
        async with self.begin(query.user_id) as tx:
            person = await tx.people.get(query.user_id)
            living = await tx.sessions.living(self.clock.now())
            await note(
                tx.audit, person.id, "identity.sessions_shown", query.by, sessions=len(living)
            )
            await tx.commit()
        return [SessionForStaff.of(session, query.by) for session in living]


@dataclass(frozen=True, slots=True)
class EndSessionsOfPersonCommand:
    by: FreshAuthority
    user_id: UserId


@dataclass(frozen=True, slots=True)
class EndSessionsOfPerson:
    """Sign somebody out everywhere, API keys included. They may sign in again at once.

    Raises:
        PersonNotFoundError, PermissionMissingError, NotYourselfError
    """

    begin: BeginStaffTx
    clock: Clock

    async def __call__(self, command: EndSessionsOfPersonCommand) -> SessionsEnded:
        by = command.by
        ensure_may(by, Permission.END_SESSIONS)
        async with self.begin(command.user_id) as tx:
            person = await tx.people.hold(command.user_id)
            ensure_may_act_on(by, person)
            ended = await tx.sessions.end_all(Ended.BY_STAFF, self.clock.now())
            await note(tx.audit, person.id, "identity.sessions_ended", by, sessions=ended)
            await tx.commit()
        return SessionsEnded(ended)
