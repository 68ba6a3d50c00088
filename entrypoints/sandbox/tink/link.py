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
from entrypoints.sandbox.web import Call, Handler, RefusalError, Reply, redirect

ADDRESS = re.compile(r"https?://[!-~]+")
DELEGATED = frozenset(
    {
        "authorization:read",
        "authorization:grant",
        "credentials:refresh",
        "credentials:read",
        "credentials:write",
        "providers:read",
        "user:read",
    }
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
STRANGER = FAILURES["locked"] | {"error_reason": "USER_NOT_A_CUSTOMER"}
BROKEN = "This link does not work"


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

    async def visit(self, call: Call, handler: Handler) -> Reply:
        """One page of a flow; whatever stops it is the answer."""
        try:
            return await handler(call)
        except RefusalError as error:
            return error.reply

    async def connect(self, call: Call) -> Reply:
        code, username = self._code(call), username_of(call)
        if username is None:
            return self._choice(call, "The sandbox bank asks: may this app read your accounts?")
        provider = call.one("input_provider", DEFAULT_PROVIDER)
        if provider not in PROVIDERS:
            raise bad_request(call, "INVALID_PARAMETER_INPUT_PROVIDER")
        self._log_in(call, code, username)
        name = self.consents.connect(code.user_id, username, provider)
        return self._connected(call, name)

    async def renew(self, call: Call) -> Reply:
        code, username = self._code(call), username_of(call)
        name = call.one("credentials_id")
        held = self.bank.state.credentials.get(name)
        if held is None or held.user_id != code.user_id:
            raise bad_request(call, "INVALID_PARAMETER_CREDENTIALS_ID")
        if username is None:
            return self._choice(call, "The sandbox bank asks: renew the consent?", held)
        self._log_in(call, code, username, only=held.person)
        return self._connected(call, self.consents.renew_as_ordered(name))

    def _log_in(self, call: Call, code: Code, username: str, only: str = "") -> None:
        """Use the code up, and let the person in. Raises RefusalError with the way back."""
        if not self.bank.spend(code.name, code.expires_ms):
            raise bad_request(call, "INVALID_PARAMETER_AUTHORIZATION_CODE")
        if failure := FAILURES.get(username):
            raise RefusalError(back(call, **failure))
        try:
            self.bank.person(username)
        except UnknownPersonError:
            raise RefusalError(back(call, **STRANGER)) from None
        if only and username != only:
            raise RefusalError(back(call, **STRANGER))

    def _connected(self, call: Call, name: str) -> Reply:
        held = self.bank.state.credentials[name]
        self.bank.postman.post(self.events.refreshed(name, held, held.status))
        return back(call, credentials_id=name)

    def _code(self, call: Call) -> Code:
        """The delegate code of a link that works. Raises RefusalError.

        An unknown client gets a page and no redirect: it may not send people anywhere.
        """
        if call.one("client_id") != self.bank.options.tink_client_id:
            raise RefusalError(page.message(BROKEN, ["The client_id is unknown."], 400))
        if not ADDRESS.fullmatch(call.one("redirect_uri")):
            raise RefusalError(page.message(BROKEN, ["The redirect_uri is no address."], 400))
        code = self.auth.read_code(call.one("authorization_code"), LINK_ACTOR)
        if code is None or not set(code.scopes.split(",")) >= DELEGATED:
            raise bad_request(call, "INVALID_PARAMETER_AUTHORIZATION_CODE")
        return code

    def _choice(self, call: Call, lead: str, held: Credentials | None = None) -> Reply:
        kept = [(k, v) for k, v in call.query if k not in {"input_username", "test", "another"}]
        kept.append(("test", "true"))
        cancel = f"?{urlencode([*kept, ('input_username', 'cancel')])}"
        people = PEOPLE if held is None else (self.bank.person(held.person),)
        return page.choice(
            "Connect a bank", lead, kept, cancel, people=people, chosen=call.one("input_username")
        )


def username_of(call: Call) -> str | None:
    """Who logs in; None while a visitor has yet to choose."""
    if call.one("test") != "true":
        return None
    return call.one("another").strip() or call.one("input_username") or None


def bad_request(call: Call, reason: str) -> RefusalError:
    message = "The request is not valid."
    return RefusalError(back(call, error="BAD_REQUEST", error_reason=reason, message=message))


def back(call: Call, **outcome: str) -> Reply:
    uri = call.one("redirect_uri")
    if state := call.one("state"):
        outcome |= {"state": state}
    return redirect(f"{uri}{'&' if '?' in uri else '?'}{urlencode(outcome)}")
