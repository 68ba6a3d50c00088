from collections.abc import Sequence
from dataclasses import dataclass

from application.identity.staff.ports import (
    ActionPosition,
    BeginStaffTx,
    StaffAction,
    StaffActions,
)
from application.identity.staff.staff import Authority, ensure_may, note
from domain.identity.roles import Permission
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class ListActionsQuery:
    by: Authority
    actor: UserId
    before: ActionPosition | None
    limit: int


@dataclass(frozen=True, slots=True)
class ListActions:
    """What somebody of the staff did to others: where each action stands in whose trail.

    Raises:
        PersonNotFoundError, PermissionMissingError
    """

    begin: BeginStaffTx
    actions: StaffActions

    async def __call__(self, query: ListActionsQuery) -> Sequence[StaffAction]:
        """The latest first, and one more than the limit when there are more."""
        ensure_may(query.by, Permission.SEE_ACTIONS)
        async with self.begin(query.actor) as tx:
            actor = await tx.people.get(query.actor)
            await note(tx.audit, actor.id, "identity.actions_shown", query.by)
            await tx.commit()
        return await self.actions.of(query.actor, query.before, query.limit)
