"""What can be ordered over the counter of control.py."""

from datetime import date
from typing import Annotated, Literal, TypeVar

import msgspec
from msgspec import Meta

from entrypoints.sandbox.web import Call, RefusalError, json_reply

Order = TypeVar("Order")
Days = Annotated[int, Meta(ge=0, le=3_660)]
Hours = Annotated[int, Meta(ge=0, le=8_760)]
Count = Annotated[int, Meta(ge=0)]
Times = Annotated[int, Meta(ge=1, le=1_000)]
Minor = Annotated[int, Meta(ge=-(10**13), le=10**13)]
Text = Annotated[str, Meta(min_length=1, max_length=500)]


def refusal(message: str, status: int = 400) -> RefusalError:
    return RefusalError(json_reply({"error": message}, status))


def read_order(call: Call, kind: type[Order]) -> Order:
    """The body as an order of that kind. Raises RefusalError."""
    try:
        return msgspec.json.decode(call.body or b"{}", type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise refusal(str(error)) from error


class AdvanceOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days: Days = 0
    hours: Days = 0
    minutes: Days = 0

    def total_ms(self) -> int:
        return ((self.days * 24 + self.hours) * 60 + self.minutes) * 60_000


class EntryOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    amount_minor: Minor
    text: Text
    account: Count = 0
    booked_on: date | None = None
    pending: bool = False
    settles_after_hours: Hours = 24
    settled_minor: Minor | None = None
    times: Times = 1


class LoginOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    state: Literal["required", "expired", "ok"]


class ConsentOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    days_left: Days


class RenewalOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    ids: Literal["same", "accounts", "link"]
    """`accounts`: the link keeps its id, and accounts and entries get new ones. `link`: it is a
    new login or Item, with new ids throughout."""


class FireOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    provider: Literal["tink", "plaid"]
    link: str
    event: str
    content: dict[str, object] = {}
    times: Times = 1
    tamper: bool = False
