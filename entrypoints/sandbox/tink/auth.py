"""Who is calling Tink, with which scopes, and how Tink says no."""

import secrets
from dataclasses import dataclass

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, RefusalError, json_reply

CLIENT_TOKEN_S, USER_TOKEN_S, CODE_S = 1800, 7200, 600
LINK_ACTOR = "df05e4b379934cd09963197cc855bfe9"
"""The fixed client id of Tink Link, which alone may use delegate codes."""


def refusal(status: int, code: str, message: str) -> RefusalError:
    return RefusalError(json_reply({"errorMessage": message, "errorCode": code}, status))


def oauth_refusal(status: int, error: str, description: str) -> RefusalError:
    content = {"error": error, "error_description": description}
    return RefusalError(json_reply(content, status))


def bad(message: str) -> RefusalError:
    return refusal(400, "BAD_REQUEST", message)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a bearer token allows. `user_id` is empty for a client's own token."""

    user_id: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Code:
    """An authorization code before it is used up."""

    name: str
    user_id: str
    scopes: str
    actor: str
    id_hint: str
    expires_ms: int


@dataclass(frozen=True, slots=True)
class TinkAuth:
    """Issues and checks tokens and codes. They need no table, so a restart forgets none."""

    bank: Bank

    def is_client(self, client_id: str, client_secret: str) -> bool:
        options = self.bank.options
        right_id = secrets.compare_digest(client_id.encode(), options.tink_client_id.encode())
        right = secrets.compare_digest(client_secret.encode(), options.tink_client_secret.encode())
        return right_id and right

    def token(self, user_id: str, scopes: str, life_s: int) -> str:
        now = self.bank.real_ms()
        claims = {"u": user_id, "s": scopes, "iat": now, "exp": now + life_s * 1000}
        return self.bank.signer.write("tink-token", claims | {"n": fresh(12)})

    def code(self, user_id: str, scopes: str, actor: str = "", id_hint: str = "") -> str:
        now = self.bank.real_ms()
        claims = {"u": user_id, "s": scopes, "a": actor, "h": id_hint, "iat": now}
        return self.bank.signer.write("tink-code", claims | {"n": fresh(16)})

    def read_code(self, text: str, actor: str = "") -> Code | None:
        """The code, if it is good for this actor and nobody used it yet."""
        claims = self.bank.signer.read("tink-code", text)
        if claims is None or claims["a"] != actor or not self._stands(claims["u"], claims["iat"]):
            return None
        expires = claims["iat"] + CODE_S * 1000
        if self.bank.real_ms() >= expires or claims["n"] in self.bank.state.spent:
            return None
        return Code(claims["n"], claims["u"], claims["s"], actor, claims["h"], expires)

    def grant(self, call: Call, *scopes: str) -> Grant:
        """The caller's grant.

        Raises:
            RefusalError: 401 without a token that works, 403 without a scope.
        """
        scheme, _, text = call.headers.get("authorization", "").partition(" ")
        claims = self.bank.signer.read("tink-token", text.strip())
        if scheme.lower() != "bearer" or claims is None:
            raise refusal(401, "UNAUTHENTICATED", "The access token is missing or invalid.")
        stands = not claims["u"] or self._stands(claims["u"], claims["iat"])
        if self.bank.real_ms() >= claims["exp"] or not stands:
            raise refusal(401, "UNAUTHENTICATED", "The access token has expired or was revoked.")
        held = frozenset(claims["s"].split(","))
        if missing := [scope for scope in scopes if scope not in held]:
            raise refusal(403, "PERMISSION_DENIED", f"Missing scope: {','.join(missing)}")
        return Grant(claims["u"], held)

    def user(self, call: Call, *scopes: str) -> str:
        """The user whose token this is."""
        if not (user_id := self.grant(call, *scopes).user_id):
            raise refusal(403, "PERMISSION_DENIED", "A user access token is required.")
        return user_id

    def client(self, call: Call, *scopes: str) -> None:
        if self.grant(call, *scopes).user_id:
            raise refusal(403, "PERMISSION_DENIED", "A client access token is required.")

    def _stands(self, user_id: str, issued_ms: int) -> bool:
        user = self.bank.state.users.get(user_id)
        return user is not None and issued_ms > user.revoked_ms
