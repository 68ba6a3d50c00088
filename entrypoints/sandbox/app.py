"""The sandbox bank: one small ASGI application that speaks Tink, Plaid and more over the wire.

    app = create_sandbox(SandboxOptions())                         # for ASGITransport
    async with running_sandbox(SandboxOptions()) as sandbox:       # server.py, a real socket
        sandbox.url, sandbox.tink_url, sandbox.tink_link_url, sandbox.plaid_url,
        sandbox.norges_bank_url
    python -m entrypoints.sandbox --port 0 --state FILE            # a process of its own

Base addresses (all under one origin)
    /tink         stands for api.tink.com        (/tink/api/v1/oauth/token, /tink/data/v2/accounts)
    /tink-link    stands for link.tink.com       (/tink-link/1.0/transactions/connect-accounts)
    /plaid        stands for sandbox.plaid.com   (/plaid/transactions/sync)
    /plaid-link   stands for Plaid's Link module (/plaid-link?link_token=...)
    /norges-bank  stands for data.norges-bank.no (/norges-bank/api/data/EXR/B..NOK.SP)
    /control      faults, clock, truth: see control.py

Link pages
    Tink: GET .../connect-accounts | update-consent | extend-consent with `client_id`,
      `redirect_uri`, `authorization_code` (a delegate code), `market`, `locale`, `state`,
      `credentials_id` (update and extend). With `test=true` and `input_username=<person>` the
      answer is at once 302 to `redirect_uri?credentials_id=..&state=..`; without them a page
      where a visitor chooses. `input_username=cancel` gives error=USER_CANCELLED, `locked`
      gives AUTHENTICATION_ERROR, `broken` gives TEMPORARY_ERROR.
    Plaid: GET /plaid-link with `link_token`, optional `state` (handed back). With
      `input_username=<person>`: 302 to the link token's redirect_uri with `public_token`,
      `link_token`, `state` (`cancel`: `error=USER_CANCELLED`). Without a redirect_uri the answer
      shows the public_token, as JSON `{"public_token": ..}` under `Accept: application/json`.
      An update-mode link token repairs the login and gives no public_token.

People (`input_username`, `override_username`)
    anna (checking, savings, credit card), anna-travel (the same woman's other bank: NOK, EUR;
    monthly transfers meet anna's), bjorn (car, SEK shopping, EUR card purchases, credit card),
    kari (pension, near-midnight entries), sofie (student, JPY account), tom (accounts, nothing
    booked), ingen (no accounts), many-<n> (exactly n booked entries up to the day the bank
    first opened, on three accounts, growing afterwards). Any other name [a-z0-9_.-] is a person
    too, made from the seed and the name.

Where this bank is milder than the real ones: Tink's data stay readable and fresh after a consent
ended (only its status says so, and no webhook comes; Plaid answers ITEM_LOGIN_REQUIRED);
Idempotency-Key is accepted and ignored; nothing is rate limited unasked.

Two clocks: people, balances, consents live by the bank's clock, which `/control/advance` moves;
tokens, codes and signatures live by the real one, so that a moved clock breaks no session.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.clockwork import Clockwork
from entrypoints.sandbox.control import Control
from entrypoints.sandbox.faults import FaultPlan
from entrypoints.sandbox.norges_bank import NorgesBank
from entrypoints.sandbox.options import SandboxOptions
from entrypoints.sandbox.page import message
from entrypoints.sandbox.plaid.api import Plaid, with_request_id
from entrypoints.sandbox.plaid.errors import refusal as plaid_refusal
from entrypoints.sandbox.tink.api import Tink
from entrypoints.sandbox.tink.auth import refusal as tink_refusal
from entrypoints.sandbox.trouble import refused, send_troubled, spoiled
from entrypoints.sandbox.truth import Truth
from entrypoints.sandbox.web import (
    ASGIApp,
    Call,
    Receive,
    Reply,
    Routes,
    Scope,
    Send,
    UnreadableError,
    json_reply,
    read_call,
    send_reply,
)

__all__ = ["SandboxOptions", "create_sandbox"]

CONTROL = "control"


def create_sandbox(options: SandboxOptions) -> ASGIApp:
    """A bank that keeps its state in `options.state_file`, or in memory only."""
    bank = Bank.open(options)
    tink, plaid, faults = Tink.of(bank), Plaid.of(bank), FaultPlan()
    truth = Truth(bank, tink.consents)
    control = Control(bank, Clockwork(bank, tink, plaid), truth, faults)
    return Sandbox(bank, tink, plaid, faults, control, control.routes())


@dataclass(frozen=True, slots=True)
class Sandbox:
    """The whole street: who stands behind which door is told by the first part of the path."""

    bank: Bank
    tink: Tink
    plaid: Plaid
    faults: FaultPlan
    control: Control
    controls: Routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        try:
            call = await read_call(scope, receive)
        except UnreadableError as error:
            await send_reply(_unread(scope["path"], str(error)), send)
            return
        door, _, rest = call.path.removeprefix("/").partition("/")
        await self._enter(door, replace(call, path=f"/{rest}"), receive, send)

    async def _enter(self, door: str, call: Call, receive: Receive, send: Send) -> None:
        match door:
            case "tink":
                await self._serve(door, call, self.tink.answer, receive, send)
            case "plaid":
                await self._serve(door, call, self.plaid.answer, receive, send)
            case "norges-bank":
                rates = NorgesBank(self.bank)
                await self._serve(door, call, rates.answer, receive, send)
            case "tink-link":
                await self._show(call, self.tink.visit, send)
            case "plaid-link" if call.path == "/":
                await self._show(call, self.plaid.link.visit, send)
            case "control":
                await send_reply(await self.control.answer(call, self.controls), send)
            case "":
                await send_reply(message("The sandbox bank", ["It is open."]), send)
            case _:
                await send_reply(json_reply({"error": "nobody lives here"}, 404), send)

    async def _serve(
        self,
        provider: str,
        call: Call,
        answer: Callable[[Call], Awaitable[Reply]],
        receive: Receive,
        send: Send,
    ) -> None:
        """One call to a provider, with whatever trouble was ordered for it."""
        paging = provider == "plaid" and self.plaid.is_paging(call)
        fault = self.faults.strike(provider, call, paging=paging)
        reply = None
        if fault is not None:
            reply = refused(fault, provider, call.path)
            if fault.kind == "not_ready":
                reply = await self.plaid.not_ready(call)
            elif fault.kind == "hang":
                reply = Reply(504)
        if reply is None:
            reply = await answer(call)
        if fault is not None:
            reply = spoiled(fault, reply)
        self.control.count(call.method, f"/{provider}{call.path}", reply.status)
        if fault is None:
            await send_reply(reply, send)
        else:
            await send_troubled(fault, reply, receive, send)

    async def _show(
        self, call: Call, visit: Callable[[Call], Awaitable[Reply]], send: Send
    ) -> None:
        reply = Reply(405) if call.method not in ("GET", "HEAD") else await visit(call)
        await send_reply(reply, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                await self.bank.postman.close()
                return


def _unread(path: str, problem: str) -> Reply:
    """A refusal in the words of whoever was spoken to."""
    if path.startswith("/tink/"):
        return tink_refusal(400, "BAD_REQUEST", problem).reply
    if path.startswith("/plaid/"):
        return with_request_id(plaid_refusal("INVALID_REQUEST", "INVALID_BODY", problem).reply)
    return json_reply({"error": problem}, 400)
