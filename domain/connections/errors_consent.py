"""What can go wrong with what is told of a consent, and with what its end leaves in writing."""

from domain.shared.errors import NotFoundError
from domain.shared.ids import ConnectionId
from domain.shared.notices import NoticeId


class NoticeNotFoundError(NotFoundError):
    code = "notice_not_found"

    def __init__(self, notice_id: NoticeId) -> None:
        super().__init__(f"there is no notice {notice_id}")
        self.notice_id = notice_id


class ReceiptNotFoundError(NotFoundError):
    """Nobody has withdrawn from it, or it is somebody else's."""

    code = "receipt_not_found"

    def __init__(self, connection_id: ConnectionId) -> None:
        super().__init__(
            f"there is no receipt for connection {connection_id}: it begins with disconnecting"
        )
        self.connection_id = connection_id
