"""Buckets of calls, asked before a body is read. Routes say `limit=...`; the rates are settings.

Strangers are counted by their network, people by who they are: nobody at the same office uses up
what is another's. What a caller may expect is told as draft-ietf-httpapi-ratelimit-headers-10 has
it, where `t` is when there is one more.
"""

from application.shared.limits import LimitClass, Rate, RateLimiter, Taken
from domain.shared.errors import TooManyError
from domain.shared.network import network_of
from entrypoints.http.shell.exchange import Exchange
from entrypoints.http.shell.headers import Header


class TooManyRequestsError(TooManyError):
    code = "too_many_requests"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"too many requests: try again in {retry_after_s} s", retry_after_s)


async def ensure_within(
    kind: LimitClass, rate: Rate, exchange: Exchange, limiter: RateLimiter
) -> None:
    """Take one call, and have the answer tell how many are left.

    Raises:
        TooManyRequestsError
    """
    taken = await limiter.take(f"{kind}|{_caller(exchange)}", rate)
    exchange.limit_headers = _told(kind, rate, taken)
    if not taken.allowed:
        raise TooManyRequestsError(max(1, taken.next_in_s))


def _caller(exchange: Exchange) -> str:
    if exchange.user_id is not None:
        return f"person|{exchange.user_id}"
    return f"address|{network_of(exchange.client_ip)}"


def _told(kind: LimitClass, rate: Rate, taken: Taken) -> tuple[Header, ...]:
    return (
        (b"ratelimit-policy", f'"{kind}";q={rate.calls};w={rate.seconds}'.encode()),
        (b"ratelimit", f'"{kind}";r={taken.left};t={taken.next_in_s}'.encode()),
    )
