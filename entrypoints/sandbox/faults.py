"""Faults on demand. What a bank does wrong, it does here when told to, and repeatably.

Before the request has any effect
    rate_limited   429 in the provider's shape; `retry_after_s` adds Retry-After
    server_error   500 (or `status`) in the provider's shape
    html           a proxy's page with status 200 (or `status`)
    hang           no answer until the caller gives up
    login_required Plaid: ITEM_LOGIN_REQUIRED. Tink: consents and credentials in the answer are
                   SESSION_EXPIRED (other paths are left alone)
    mutation       Plaid's sync, second and later pages only:
                   TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION
    not_ready      Plaid's sync: an empty NOT_READY answer with the cursor ""
After it took effect, to the true answer
    garbage        bytes that are no JSON
    truncated      the first half, as if it were all
    drip           one byte every `drip_s` seconds
    disconnect     half of what Content-Length promised, then the connection is closed
    wrong_types    texts become numbers, numbers texts, truths texts, nulls zeros
"""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

import msgspec

from entrypoints.sandbox.web import Call

FaultKind = Literal[
    "rate_limited",
    "server_error",
    "html",
    "hang",
    "login_required",
    "mutation",
    "not_ready",
    "garbage",
    "truncated",
    "drip",
    "disconnect",
    "wrong_types",
]
SYNC_PATH = "/transactions/sync"
TINK_LOGIN_PATHS = ("/provider-consents", "/credentials")


class FaultOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to do wrong: to which calls, how often, with what odds.

    `path` is a part of the provider's path. The first `skip` calls that match are spared, the
    next `times` (null: all) suffer, each with `probability`, thrown with dice made from `seed`.
    """

    kind: FaultKind
    provider: Literal["tink", "plaid", "*"] = "*"
    path: str = ""
    times: int | None = None
    skip: int = 0
    probability: float = 1.0
    seed: int = 1
    retry_after_s: int | None = None
    status: int | None = None
    drip_s: float = 0.2


@dataclass(slots=True)
class Fault:
    number: int
    order: FaultOrder
    dice: Random
    seen: int = 0
    done: int = 0

    def strikes(self, provider: str, call: Call, *, paging: bool) -> bool:
        """Whether it hits this call. Asking counts."""
        order = self.order
        if order.provider not in ("*", provider) or order.path not in call.path:
            return False
        if not _fits(order.kind, provider, call.path, paging=paging):
            return False
        if order.times is not None and self.done >= order.times:
            return False
        self.seen += 1
        if self.seen <= order.skip or self.dice.random() >= order.probability:
            return False
        self.done += 1
        return True

    def shown(self) -> dict[str, object]:
        order: dict[str, object] = msgspec.to_builtins(self.order)
        return {"id": self.number, "done": self.done} | order


def _fits(kind: FaultKind, provider: str, path: str, *, paging: bool) -> bool:
    match kind:
        case "mutation":
            return provider == "plaid" and path == SYNC_PATH and paging
        case "not_ready":
            return provider == "plaid" and path == SYNC_PATH
        case "login_required":
            return provider == "plaid" or any(part in path for part in TINK_LOGIN_PATHS)
        case _:
            return True


@dataclass(slots=True)
class FaultPlan:
    faults: list[Fault] = field(default_factory=list)
    _numbered: int = 0

    def add(self, order: FaultOrder) -> Fault:
        self._numbered += 1
        # Repeatable on purpose: the same plan makes the same trouble.
        fault = Fault(self._numbered, order, Random(order.seed))  # noqa: S311
        self.faults.append(fault)
        return fault

    def clear(self) -> None:
        self.faults.clear()

    def strike(self, provider: str, call: Call, *, paging: bool) -> FaultOrder | None:
        """The first fault, in the order they were made, that hits this call."""
        hit = (f for f in self.faults if f.strikes(provider, call, paging=paging))
        fault = next(hit, None)
        return fault.order if fault else None


def wrong_types(content: Any) -> Any:  # noqa: ANN401 any JSON becomes some other JSON
    if isinstance(content, dict):
        return {key: wrong_types(value) for key, value in content.items()}
    if isinstance(content, list):
        return [wrong_types(value) for value in content]
    if isinstance(content, str):
        return len(content)
    return 0 if content is None else f"not {content}"
