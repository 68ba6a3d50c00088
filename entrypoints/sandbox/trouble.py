"""Carrying a fault out on the wire."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

import msgspec

from entrypoints.sandbox.faults import FaultOrder, wrong_types
from entrypoints.sandbox.plaid.api import with_request_id
from entrypoints.sandbox.plaid.errors import login_required
from entrypoints.sandbox.plaid.errors import refusal as plaid_refusal
from entrypoints.sandbox.plaid.transactions import mutation
from entrypoints.sandbox.tink.auth import refusal as tink_refusal
from entrypoints.sandbox.tink.consents import EXPIRED, detailed_error
from entrypoints.sandbox.web import Call, Receive, Reply, Send, send_head, send_reply

GARBAGE = b'\x00\x9f{"transactions":[{"id":\xff\xfe,,]'
PAGE = b"<!doctype html><title>Service unavailable</title><h1>Please try again later</h1>"
Answer = Callable[[Call], Awaitable[Reply]]


def refused(fault: FaultOrder, provider: str, path: str) -> Reply | None:
    """The answer of a fault that needs no true answer; None for the other kinds."""
    match fault.kind:
        case "rate_limited":
            wait = fault.retry_after_s
            headers = () if wait is None else (("retry-after", str(wait)),)
            return replace(_no(provider, 429, path), headers=headers)
        case "server_error":
            return _no(provider, fault.status or 500, path)
        case "html":
            return Reply(fault.status or 200, PAGE, "text/html")
        case "login_required" if provider == "plaid":
            return with_request_id(login_required().reply)
        case "mutation":
            return with_request_id(mutation().reply)
        case _:
            return None


def _no(provider: str, status: int, path: str) -> Reply:
    limited = status == 429  # noqa: PLR2004 Too Many Requests
    if provider == "tink":
        code, text = ("RATE_LIMIT", "Too many requests.") if limited else ("INTERNAL", "Sorry.")
        return tink_refusal(status, code, text).reply
    if limited:
        # The type is RATE_LIMIT_EXCEEDED; the code never is.
        code = "TRANSACTIONS_SYNC_LIMIT" if "/transactions/" in path else "RATE_LIMIT"
        return with_request_id(
            plaid_refusal("RATE_LIMIT_EXCEEDED", code, "rate limit exceeded", status).reply
        )
    message = "an unexpected error occurred"
    return with_request_id(
        plaid_refusal("API_ERROR", "INTERNAL_SERVER_ERROR", message, status).reply
    )


def spoiled(fault: FaultOrder, reply: Reply) -> Reply:
    """The true answer, made false."""
    match fault.kind:
        case "garbage":
            return replace(reply, body=GARBAGE)
        case "truncated":
            return replace(reply, body=reply.body[: len(reply.body) // 2])
        case "wrong_types" if reply.body:
            content = wrong_types(msgspec.json.decode(reply.body))
            return replace(reply, body=msgspec.json.encode(content))
        case "login_required" if reply.body:
            return replace(reply, body=msgspec.json.encode(_expired(reply.body)))
        case _:
            return reply


def _expired(body: bytes) -> object:
    content = msgspec.json.decode(body)
    for one in content.get("providerConsents", content.get("credentials", [])):
        one["status"] = EXPIRED
        one["detailedError"] = detailed_error(EXPIRED, "")
    return content


async def send_troubled(fault: FaultOrder, reply: Reply, receive: Receive, send: Send) -> None:
    match fault.kind:
        case "hang":
            await _gone(receive)
        case "drip":
            await _drip(fault, reply, receive, send)
        case "disconnect":
            # Ending before the promised length makes the server close the connection.
            await send_head(reply, send, len(reply.body) + 1)
            half = reply.body[: len(reply.body) // 2]
            await send({"type": "http.response.body", "body": half, "more_body": True})
        case _:
            await send_reply(reply, send)


async def _drip(fault: FaultOrder, reply: Reply, receive: Receive, send: Send) -> None:
    await send_head(reply, send, len(reply.body))
    leaving = asyncio.ensure_future(_gone(receive))
    try:
        for byte in reply.body:
            piece = {"type": "http.response.body", "body": bytes((byte,)), "more_body": True}
            await send(piece)
            await asyncio.wait({leaving}, timeout=fault.drip_s)
            if leaving.done():
                return
        await send({"type": "http.response.body", "body": b""})
    finally:
        leaving.cancel()


async def _gone(receive: Receive) -> None:
    """Until the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass
