"""Tink, put together: the API and Tink Link."""

from dataclasses import dataclass, replace

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.page import message
from entrypoints.sandbox.tink.auth import TinkAuth, refusal
from entrypoints.sandbox.tink.consents import TinkConsents
from entrypoints.sandbox.tink.data import TinkData
from entrypoints.sandbox.tink.endpoints import TinkEndpoints
from entrypoints.sandbox.tink.events import TinkEvents
from entrypoints.sandbox.tink.link import TinkLink
from entrypoints.sandbox.tink.oauth import TinkOauth
from entrypoints.sandbox.tink.providers import TinkProviders
from entrypoints.sandbox.tink.rows import Rows
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, RefusalError, Reply, Routes, UnreadableError


@dataclass(frozen=True, slots=True)
class Tink:
    """Answers a call whose path begins below /tink, as api.tink.com would."""

    events: TinkEvents
    consents: TinkConsents
    api: Routes
    link: TinkLink
    pages: Routes

    @classmethod
    def of(cls, bank: Bank) -> "Tink":
        auth, events = TinkAuth(bank), TinkEvents(bank)
        consents = TinkConsents(bank, auth, events)
        api = [
            *TinkOauth(bank, auth).routes(),
            *consents.routes(),
            *TinkData(bank, auth, consents, Rows()).routes(),
            *TinkEndpoints(bank, auth).routes(),
            *TinkProviders(auth).routes(),
        ]
        link = TinkLink(bank, auth, consents, events)
        return cls(events, consents, Routes(api), link, Routes(link.routes()))

    async def answer(self, call: Call) -> Reply:
        try:
            if (found := self.api.find(call.method, call.path)) is None:
                raise refusal(404, "NOT_FOUND", "No such endpoint.")
            handler, params = found
            reply = await handler(replace(call, params=params))
        except RefusalError as error:
            reply = error.reply
        except UnreadableError as error:
            reply = refusal(400, "BAD_REQUEST", str(error)).reply
        return replace(reply, headers=(*reply.headers, *self._traces(call)))

    async def visit(self, call: Call) -> Reply:
        """A page of Tink Link."""
        if (found := self.pages.find("GET", call.path)) is None:
            return message("Not found", ["There is no such page."], 404)
        return await self.link.visit(call, found[0])

    def _traces(self, call: Call) -> list[tuple[str, str]]:
        traces = [("x-request-id", fresh())]
        if trace := call.headers.get("x-client-trace-id"):
            traces.append(("x-client-trace-id", trace))
        return traces
