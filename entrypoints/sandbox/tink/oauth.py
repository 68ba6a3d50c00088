"""Tokens, codes and users: everything before the first account."""

import re
from dataclasses import dataclass

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.state import TinkUser
from entrypoints.sandbox.tink.auth import (
    CLIENT_TOKEN_S,
    LINK_ACTOR,
    USER_TOKEN_S,
    TinkAuth,
    bad,
    oauth_refusal,
    refusal,
)
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, Handler, Reply, json_reply

FORM = "application/x-www-form-urlencoded"
SCOPES = re.compile(r"[a-z0-9.-]+(:[a-z.-]+)?(,[a-z0-9.-]+(:[a-z.-]+)?)*")
MARKET, LOCALE = re.compile(r"[A-Z]{2}"), re.compile(r"[a-z]{2}_[A-Z]{2}")
EXTERNAL_ID_LENGTH_MAX = 256


@dataclass(frozen=True, slots=True)
class TinkOauth:
    bank: Bank
    auth: TinkAuth

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/api/v1/oauth/token", self.token),
            ("POST", "/api/v1/oauth/authorization-grant", self.grant),
            ("POST", "/api/v1/oauth/authorization-grant/delegate", self.delegate),
            ("POST", "/api/v1/oauth/revoke-all", self.revoke_all),
            ("POST", "/api/v1/user/create", self.create_user),
            ("POST", "/api/v1/user/delete", self.delete_user),
        ]

    async def token(self, call: Call) -> Reply:
        form = form_of(call)
        if not self.auth.is_client(form.get("client_id", ""), form.get("client_secret", "")):
            raise oauth_refusal(401, "invalid_client", "Unknown client_id or wrong client_secret.")
        match form.get("grant_type"):
            case "client_credentials":
                scope = scopes_of(form)
                return self._bearer("", scope, CLIENT_TOKEN_S, {})
            case "authorization_code":
                code = self.auth.read_code(form.get("code", ""))
                if code is None or not self.bank.spend(code.name, code.expires_ms):
                    raise oauth_refusal(400, "invalid_grant", "The code is unknown or used up.")
                return self._bearer(
                    code.user_id, code.scopes, USER_TOKEN_S, {"id_hint": code.id_hint}
                )
            case _:
                raise oauth_refusal(400, "unsupported_grant_type", "No such grant_type here.")

    def _bearer(self, user_id: str, scope: str, life_s: int, more: dict[str, str]) -> Reply:
        token = self.auth.token(user_id, scope, life_s)
        content = {"access_token": token, "token_type": "bearer", "expires_in": life_s}
        return json_reply(content | {"scope": scope} | more)

    async def grant(self, call: Call) -> Reply:
        form = form_of(call)
        self.auth.client(call, "authorization:grant")
        return json_reply({"code": self.auth.code(self._user_of(form), scopes_of(form))})

    async def delegate(self, call: Call) -> Reply:
        form = form_of(call)
        self.auth.client(call, "authorization:grant")
        if form.get("actor_client_id") != LINK_ACTOR:
            raise bad("actor_client_id is not a known actor.")
        hint = form.get("id_hint", "")
        if not hint or not _is_latin1(hint):
            raise bad("id_hint is required and may hold Latin-1 characters only.")
        code = self.auth.code(self._user_of(form), scopes_of(form), LINK_ACTOR, hint)
        return json_reply({"code": code})

    async def revoke_all(self, call: Call) -> Reply:
        """Everything issued for the user until now stops working."""
        self.auth.client(call, "authorization:revoke")
        fields = form_of(call) if call.media_type == FORM else call.json()
        user_id = self._user_of({k: v for k, v in fields.items() if isinstance(v, str)})
        self.bank.state.users[user_id].revoked_ms = self.bank.real_ms()
        self.bank.store.save()
        return Reply(204)

    async def create_user(self, call: Call) -> Reply:
        self.auth.client(call, "user:create")
        wanted = call.json()
        market, locale = wanted.get("market"), wanted.get("locale", "en_US")
        if not isinstance(market, str) or not MARKET.fullmatch(market):
            raise bad("market is required: two capital letters.")
        if not isinstance(locale, str) or not LOCALE.fullmatch(locale):
            raise bad("locale is not of the form no_NO.")
        retention = wanted.get("retention_class", "permanent")
        if retention not in ("permanent", "temporary"):
            raise bad("retention_class is neither permanent nor temporary.")
        external = wanted.get("external_user_id") or ""
        if not isinstance(external, str) or len(external) > EXTERNAL_ID_LENGTH_MAX:
            raise bad("external_user_id is not a short text.")
        if external and self._by_external_id(external):
            raise refusal(409, "user.already_exists", "A user with this external id exists.")
        user_id = fresh()
        self.bank.state.users[user_id] = TinkUser(
            external_user_id=external, market=market, locale=locale, retention_class=retention
        )
        self.bank.store.save()
        content = {"user_id": user_id}
        return json_reply(content | ({"external_user_id": external} if external else {}))

    async def delete_user(self, call: Call) -> Reply:
        user_id = self.auth.user(call, "user:delete")
        state = self.bank.state
        del state.users[user_id]
        for name in [n for n, c in state.credentials.items() if c.user_id == user_id]:
            del state.credentials[name]
        self.bank.store.save()
        return Reply(204)

    def _by_external_id(self, external: str) -> str | None:
        users = self.bank.state.users.items()
        return next((uid for uid, user in users if user.external_user_id == external), None)

    def _user_of(self, form: dict[str, str]) -> str:
        user_id, external = form.get("user_id", ""), form.get("external_user_id", "")
        if bool(user_id) == bool(external):
            raise bad("Give either user_id or external_user_id.")
        found = self._by_external_id(external) if external else user_id
        if found is None or found not in self.bank.state.users:
            raise refusal(404, "NOT_FOUND", "No such user.")
        return found


def form_of(call: Call) -> dict[str, str]:
    if call.media_type != FORM:
        raise refusal(415, "UNSUPPORTED_MEDIA_TYPE", f"Send {FORM}.")
    return call.form()


def scopes_of(form: dict[str, str]) -> str:
    scope = form.get("scope", "")
    if not SCOPES.fullmatch(scope):
        raise oauth_refusal(400, "invalid_scope", "scope is a comma-separated list.")
    return scope


def _is_latin1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True
