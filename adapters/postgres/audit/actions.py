from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, tuple_
from typing_extensions import override

from adapters.postgres.audit.tables import audit_actions
from adapters.postgres.database import Database
from application.identity.staff.ports import ActionPosition, StaffAction, StaffActions
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresStaffActions(StaffActions):
    database: Database

    @override
    async def of(
        self, actor: UserId, before: ActionPosition | None, limit: int
    ) -> Sequence[StaffAction]:
        table = audit_actions.c
        place = (table.at, table.user_id, table.seq)
        page = (
            select(audit_actions)
            .where(table.actor_id == actor)
            .order_by(*(column.desc() for column in place))
            .limit(limit + 1)
        )
        if before is not None:
            page = page.where(tuple_(*place) < tuple_(*before))
        async with self.database.begin(None) as tx:
            rows = await tx.db.execute(page)
        return [StaffAction(UserId(r.user_id), r.seq, r.action, r.at) for r in rows]
