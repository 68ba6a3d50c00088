"""What can go wrong between a person, their bank and us, as the person may be told."""

from domain.connections.ids import AttemptId
from domain.shared.errors import ConflictError, GoneError, MalformedError, NotFoundError
from domain.shared.ids import ConnectionId


class ConnectionNotFoundError(NotFoundError):
    code = "connection_not_found"

    def __init__(self, connection_id: ConnectionId) -> None:
        super().__init__(f"there is no connection {connection_id}")
        self.connection_id = connection_id


class StaleConnectionError(ConflictError):
    code = "stale_connection"

    def __init__(self, connection_id: ConnectionId) -> None:
        super().__init__(f"connection {connection_id} was changed meanwhile; read it again")
        self.connection_id = connection_id


class ConnectionEndedError(ConflictError):
    code = "connection_ended"

    def __init__(self, connection_id: ConnectionId) -> None:
        super().__init__(f"connection {connection_id} was disconnected; link the bank again")
        self.connection_id = connection_id


class ConsentLapsedError(ConflictError):
    """Asking the bank again will not help before the person has signed in there."""

    code = "renewal_required"

    def __init__(self, connection_id: ConnectionId) -> None:
        super().__init__(
            f"the bank wants a new sign-in for connection {connection_id}; renew it first"
        )
        self.connection_id = connection_id


class BankLinkTakenError(ConflictError):
    """Whose it is stays unsaid: one person must not learn of another through a bank login."""

    code = "bank_link_taken"

    def __init__(self) -> None:
        super().__init__("this bank login cannot be linked here; use a login of your own")


class StateInvalidError(MalformedError):
    """Forged, unknown, or somebody else's: a stranger cannot tell which."""

    code = "state_invalid"

    def __init__(self) -> None:
        super().__init__("this is not a state that was given to you; start linking again")


class StateExpiredError(GoneError):
    code = "state_expired"

    def __init__(self, attempt_id: AttemptId) -> None:
        super().__init__("linking took longer than allowed; start linking again")
        self.attempt_id = attempt_id


class StateUsedError(ConflictError):
    code = "state_used"

    def __init__(self, attempt_id: AttemptId) -> None:
        super().__init__("this state was used already; look at your connections or link again")
        self.attempt_id = attempt_id


class LinkInProgressError(ConflictError):
    code = "link_in_progress"

    def __init__(self, attempt_id: AttemptId) -> None:
        super().__init__("another request is finishing this link right now; wait a moment")
        self.attempt_id = attempt_id


class StaleAttemptError(ConflictError):
    code = "stale_attempt"

    def __init__(self, attempt_id: AttemptId) -> None:
        super().__init__(f"linking attempt {attempt_id} was changed meanwhile; read it again")
        self.attempt_id = attempt_id


class StillDisconnectingError(ConflictError):
    code = "still_disconnecting"

    def __init__(self, connection_id: ConnectionId) -> None:
        super().__init__("this bank login is being disconnected; link it again in a few minutes")
        self.connection_id = connection_id
