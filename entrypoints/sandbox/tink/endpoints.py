"""Where Tink's events go: webhook endpoints."""

from dataclasses import dataclass
from typing import Any

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.state import TinkEndpoint
from entrypoints.sandbox.tink.auth import TinkAuth, bad, refusal
from entrypoints.sandbox.tink.events import EVENTS
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, Handler, Reply, json_reply

SCOPE = "webhook-endpoints"


@dataclass(frozen=True, slots=True)
class TinkEndpoints:
    bank: Bank
    auth: TinkAuth

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/events/v2/webhook-endpoints", self.create),
            ("GET", "/events/v2/webhook-endpoints", self.listed),
            ("GET", "/events/v2/webhook-endpoints/{}", self.one),
            ("PATCH", "/events/v2/webhook-endpoints/{}", self.change),
            ("DELETE", "/events/v2/webhook-endpoints/{}", self.delete),
        ]

    async def create(self, call: Call) -> Reply:
        self.auth.client(call, SCOPE)
        endpoint = TinkEndpoint(url="", secret=fresh(64), events=[])
        _fill(endpoint, call.json())
        if not endpoint.url or not endpoint.events:
            raise bad("url and enabledEvents are required.")
        self._ensure_new(endpoint, "")
        name = fresh()
        self.bank.state.endpoints[name] = endpoint
        self.bank.store.save()
        # The only answer that ever shows the secret.
        return json_reply(_shown(name, endpoint) | {"secret": endpoint.secret})

    async def listed(self, call: Call) -> Reply:
        self.auth.client(call, SCOPE)
        found = [_shown(name, one) for name, one in self.bank.state.endpoints.items()]
        return json_reply({"webhookEndpoints": found, "nextPageToken": ""})

    async def one(self, call: Call) -> Reply:
        self.auth.client(call, SCOPE)
        return json_reply(_shown(call.params[0], self._find(call)))

    async def change(self, call: Call) -> Reply:
        self.auth.client(call, SCOPE)
        known, wanted = self._find(call), call.json().get("webhookEndpoint")
        if not isinstance(wanted, dict):
            raise bad("webhookEndpoint is required.")
        draft = TinkEndpoint(
            url=known.url,
            secret=known.secret,
            events=known.events,
            description=known.description,
            disabled=known.disabled,
        )
        _fill(draft, wanted)
        self._ensure_new(draft, call.params[0])
        self.bank.state.endpoints[call.params[0]] = draft
        self.bank.store.save()
        return json_reply(_shown(call.params[0], draft))

    async def delete(self, call: Call) -> Reply:
        self.auth.client(call, SCOPE)
        self._find(call)
        del self.bank.state.endpoints[call.params[0]]
        self.bank.store.save()
        return Reply(204)

    def _find(self, call: Call) -> TinkEndpoint:
        if (found := self.bank.state.endpoints.get(call.params[0])) is None:
            raise refusal(404, "NOT_FOUND", "No such webhook endpoint.")
        return found

    def _ensure_new(self, endpoint: TinkEndpoint, itself: str) -> None:
        for name, known in self.bank.state.endpoints.items():
            same = known.url == endpoint.url and set(known.events) & set(endpoint.events)
            if same and name != itself:
                raise refusal(409, "ALREADY_EXISTS", "An endpoint has this url and event.")


def _fill(endpoint: TinkEndpoint, wanted: dict[str, Any]) -> None:
    url, events = wanted.get("url", endpoint.url), wanted.get("enabledEvents", endpoint.events)
    description = wanted.get("description", endpoint.description)
    disabled = wanted.get("disabled", endpoint.disabled)
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise bad("url is not an address.")
    if not isinstance(events, list) or not all(isinstance(e, str) and e in EVENTS for e in events):
        raise bad("enabledEvents holds something that is no event.")
    if not isinstance(description, str) or not isinstance(disabled, bool):
        raise bad("description is text, disabled is true or false.")
    endpoint.url, endpoint.events = url, list(dict.fromkeys(events))
    endpoint.description, endpoint.disabled = description, disabled


def _shown(name: str, endpoint: TinkEndpoint) -> dict[str, object]:
    return {
        "id": name,
        "url": endpoint.url,
        "enabledEvents": endpoint.events,
        "description": endpoint.description,
        "disabled": endpoint.disabled,
    }
