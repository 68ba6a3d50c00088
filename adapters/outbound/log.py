import logging
from dataclasses import dataclass

import structlog
from structlog.typing import FilteringBoundLogger
from typing_extensions import override

from adapters.outbound.call import OutboundObserver, Outcome, Seen

_WIRE_LOGGERS = ("httpx", "httpcore.connection", "httpcore.http11", "httpcore.proxy")


@dataclass(frozen=True, slots=True)
class LoggingObserver(OutboundObserver):
    """Writes down who was called, by the endpoint's template, and how it went."""

    log: FilteringBoundLogger

    @override
    def saw(self, seen: Seen) -> None:
        quiet = seen.outcome in {Outcome.OK, Outcome.REFUSED}
        (self.log.debug if quiet else self.log.warning)(
            "provider_called",
            provider=seen.provider,
            endpoint=seen.endpoint,
            outcome=str(seen.outcome),
            status=seen.status,
            ms=round(seen.seconds * 1000),
            provider_request_id=seen.request_id,
        )


def logging_observer() -> LoggingObserver:
    return LoggingObserver(structlog.get_logger("outbound"))


def mute_wire_logs() -> None:
    """The HTTP library logs addresses and headers of its own accord: never, at any level."""
    # A filter stays through any later logging configuration; a level does not.
    for name in _WIRE_LOGGERS:
        logging.getLogger(name).addFilter(_nothing)


def _nothing(_: logging.LogRecord) -> bool:
    return False
