"""Why a webhook was not taken. Nothing is kept of it, and nothing is done for it."""

from domain.shared.errors import (
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)


class WebhookUnsignedError(UnauthenticatedError):
    code = "webhook_unsigned"

    def __init__(self, header: str) -> None:
        super().__init__(
            f"a webhook brings its signature in the header {header}, and this has none"
        )


class WebhookForgedError(UnauthenticatedError):
    """Which part of it did not hold stays unsaid."""

    code = "webhook_forged"

    def __init__(self) -> None:
        super().__init__("the signature does not hold for this body")


class WebhookOutOfTimeError(UnauthenticatedError):
    """A right signature that was made too long ago may be one that somebody has recorded."""

    code = "webhook_out_of_time"

    def __init__(self) -> None:
        super().__init__("the signature was made too long ago, or by a clock that is ahead of ours")


class WebhookNotSetUpError(NotFoundError):
    code = "webhook_not_set_up"

    def __init__(self, setting: str) -> None:
        super().__init__(f"no webhooks are taken here: an administrator sets {setting}")


class WebhookKeysAwayError(UnavailableError):
    """Neither true nor forged: the provider that could tell does not answer."""

    code = "webhook_keys_away"

    def __init__(self) -> None:
        super().__init__("the key of this signature cannot be fetched right now; send it again")


class WebhookKeysBusyError(TooManyError):
    code = "webhook_keys_busy"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(
            f"too many signatures by unknown keys: send it again in {retry_after_s} s",
            retry_after_s,
        )
