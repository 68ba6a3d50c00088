"""Tink Link: where the person agrees, and how they come back."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from entrypoints.sandbox import page
from entrypoints.sandbox.bank import Bank, UnknownPersonError
from entrypoints.sandbox.life.people import PEOPLE
from entrypoints.sandbox.state import Credentials
from entrypoints.sandbox.tink.auth import LINK_ACTOR, Code, TinkAuth
from entrypoints.sandbox.tink.consents import TinkConsents
from entrypoints.sandbox.tink.events import TinkEvents
from entrypoints.sandbox.tink.providers import DEFAULT_PROVIDER, PROVIDERS
from entrypoints.sandbox.web import Call, Handler, Reply, redirect

ADDRESS = re.compile(r"https?://[!-~]+")
DELEGATED = frozenset(
    [
        "authorization:read",
        "authorization:grant",
        "credentials:refresh",
        "credentials:read",
        "credentials:write",
        "providers:read",
        "user:read",
    ]
)
FAILURES = {
    "cancel": {"error": "USER_CANCELLED", "message": "The user cancelled the authentication."},
    "locked": {
        "error": "AUTHENTICATION_ERROR",
        "error_reason": "USER_BLOCKED",
        "error_type": "USER_LOGIN_ERROR",
        "message": "The bank has blocked this user.",
    },
    "broken": {
        "error": "TEMPORARY_ERROR",
        "error_reason": "PROVIDER_UNAVAILABLE",
        "message": "The bank does not answer.",
    },
}


@dataclass(frozen=True, slots=True)
class TinkLink:
    bank: Bank
    auth: TinkAuth
    consents: TinkConsents
    events: TinkEvents

    def routes(self) -> list[tuple[str, str, Handler]]:
        flows = {
            "connect-accounts": self.connect,
            "update-consent": self.renew,
            "extend-consent": self.renew,
        }
        return [
            ("GET", f"/1.0/{product}/{flow}", handler)
            for product in ("transactions", "products")
            for flow, handler in flows.items()
        ]

    async def connect(self, call: Call) -> Reply:
        if (stopped := _unusable(self.bank, call)) is not None:
            return stopped
        if (code := self._code(call)) is None:
            return back(call, **bad_request("INVALID_PARAMETER_AUTHORIZATION_CODE"))
        username = username_of(call)
        if username is None:
            return self._choice(call, "The sandbox bank asks: may this app read your accounts?")
        provider = call.one("input_provider", DEFAULT_PROVIDER)
        if provider not in PROVIDERS:
            return back(call, **bad_request("INVALID_PARAMETER_INPUT_PROVIDER"))
        if username not in FAILURES:
            try:
                self.bank.person(username)
            except UnknownPersonError:
                return back(call, **FAILURES["locked"] | {"error_reason": "USER_NOT_A_CUSTOMER"})
        if not self.bank.spend(code.name, code.expires_ms):
            return back(call, **bad_request("INVALID_PARAMETER_AUTHORIZATION_CODE"))
        if username in FAILURES:
            return back(call, **FAILURES[username])
        name = self.consents.connect(code.user_id, username, provider)
        return self._connected(call, name)

    async def renew(self, call: Call) -> Reply:
        if (stopped := _unusable(self.bank, call)) is not None:
            return stopped
        if (code := self._code(call)) is None:
            return back(call, **bad_request("INVALID_PARAMETER_AUTHORIZATION_CODE"))
        name = call.one("credentials_id")
        held = self.bank.state.credentials.get(name)
        if held is None or held.user_id != code.user_id:
            return back(call, **bad_request("INVALID_PARAMETER_CREDENTIALS_ID"))
        username = username_of(call)
        if username is None:
            return self._choice(call, "The sandbox bank asks: renew the consent?", held)
        if not self.bank.spend(code.name, code.expires_ms):
            return back(call, **bad_request("INVALID_PARAMETER_AUTHORIZATION_CODE"))
        if username in FAILURES or username != held.person:
            return back(call, **FAILURES.get(username, FAILURES["locked"]))
        self.consents.renew(held)
        return self._connected(call, name)

    def _connected(self, call: Call, name: str) -> Reply:
        held = self.bank.state.credentials[name]
        self.bank.postman.post(self.events.refreshed(name, held, held.status))
        return back(call, credentials_id=name)

    def _code(self, call: Call) -> Code | None:
        code = self.auth.read_code(call.one("authorization_code"), LINK_ACTOR)
        return code if code and set(code.scopes.split(",")) >= DELEGATED else None

    def _choice(self, call: Call, lead: str, held: Credentials | None = None) -> Reply:
        kept = [(k, v) for k, v in call.query if k not in {"input_username", "test", "another"}]
        kept.append(("test", "true"))
        cancel = f"?{urlencode([*kept, ('input_username', 'cancel')])}"
        people = PEOPLE if held is None else (self.bank.person(held.person),)
        return page.choice("Connect a bank", lead, kept, cancel, people, call.one("input_username"))


def _unusable(bank: Bank, call: Call) -> Reply | None:
    """A page instead of a redirect: an unknown client may not send people anywhere."""
    if call.one("client_id") != bank.options.tink_client_id:
        return page.message("This link does not work", ["The client_id is unknown."], 400)
    if not ADDRESS.fullmatch(call.one("redirect_uri")):
        return page.message("This link does not work", ["The redirect_uri is no address."], 400)
    return None


def username_of(call: Call) -> str | None:
    """Who logs in; None while a visitor has yet to choose."""
    if call.one("test") != "true":
        return None
    return call.one("another").strip() or call.one("input_username") or None


def bad_request(reason: str) -> dict[str, str]:
    return {"error": "BAD_REQUEST", "error_reason": reason, "message": "The request is not valid."}


def back(call: Call, **outcome: str) -> Reply:
    uri = call.one("redirect_uri")
    if state := call.one("state"):
        outcome |= {"state": state}
    return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(outcome)}")
