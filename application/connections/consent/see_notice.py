from dataclasses import dataclass

from application.connections.ports import BeginConnectionsTx
from domain.shared.ids import UserId
from domain.shared.notices import NoticeId


@dataclass(frozen=True, slots=True)
class SeeNoticeCommand:
    user_id: UserId
    notice_id: NoticeId


@dataclass(frozen=True, slots=True)
class SeenNotice:
    id: NoticeId


@dataclass(frozen=True, slots=True)
class SeeNotice:
    """The person has seen what they were told; doing it again is harmless."""

    begin: BeginConnectionsTx

    async def __call__(self, command: SeeNoticeCommand) -> SeenNotice:
        """Raises NoticeNotFoundError."""
        async with self.begin(command.user_id) as tx:
            await tx.notices.seen(command.notice_id)
            await tx.commit()
        return SeenNotice(command.notice_id)
