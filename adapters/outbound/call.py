"""One call to a provider, what came back, and what is said about it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    endpoint: str
    """The path as a template such as `/credentials/{id}`: the only part that is ever logged."""
    deadline_s: float
    """For everything together: connecting, tries, waits between them, reading the answer."""
    repeatable: bool
    """Whether the other side may safely see it twice."""
    path: str | None = None
    """The endpoint with its blanks filled in."""
    about: str | None = None
    """One link, by a name that tells nothing, where the provider counts calls by link."""
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    expected: frozenset[int] = frozenset()
    """Statuses below 500 that are answers as good as any here: raised as a refusal, and counted as
    well answered."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = field(repr=False)
    retry_after_s: float | None = None
    request_id: str | None = None

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of HTTP statuses


class Circuit(StrEnum):
    """How a circuit breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    """Nobody calls."""
    HALF_OPEN = "half_open"
    """One call is on its way, or the next one will be, to see whether all is well again."""


class Outcome(StrEnum):
    """How one try ended."""

    OK = "ok"
    REFUSED = "refused"
    LIMITED = "limited"
    BROKEN = "broken"
    GARBLED = "garbled"
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    GIVEN_UP = "given_up"
    SPARED = "spared"
    """The circuit breaker let nobody through."""
    POSTPONED = "postponed"
    """Our own rate budget was spent."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One try, in words fit for metrics and logs."""

    provider: str
    endpoint: str
    outcome: Outcome
    seconds: float
    status: int | None = None
    request_id: str | None = None
    circuit: Circuit = Circuit.CLOSED
    """As the breaker stands after it."""


class OutboundObserver(Protocol):
    """Hears of every try to call a provider, also of those the circuit breaker spared."""

    @abstractmethod
    def saw(self, seen: Seen) -> None: ...


class GarbledAnswerError(Exception):
    """An answer that is not what the provider promises. `why` quotes nothing of it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why
