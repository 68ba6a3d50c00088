"""Consents and credentials: how long a login lasts, and how it ends."""

from dataclasses import dataclass

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.state import Credentials
from entrypoints.sandbox.tink.auth import TinkAuth, bad, refusal
from entrypoints.sandbox.tink.events import TinkEvents
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, Handler, Reply, json_reply

DAY_MS = 86_400_000
SESSION_DAYS = 90
UPDATED, EXPIRED, FAILED = "UPDATED", "SESSION_EXPIRED", "AUTHENTICATION_ERROR"


@dataclass(frozen=True, slots=True)
class TinkConsents:
    bank: Bank
    auth: TinkAuth
    events: TinkEvents

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [
            ("GET", "/api/v1/provider-consents", self.listed),
            ("POST", "/api/v1/provider-consents:extend", self.extend),
            ("GET", "/api/v1/credentials/list", self.credentials),
            ("GET", "/api/v1/credentials/{}", self.one),
            ("DELETE", "/api/v1/credentials/{}", self.delete),
            ("POST", "/api/v1/credentials/{}/refresh", self.refresh),
        ]

    async def listed(self, call: Call) -> Reply:
        user_id, only = self.auth.user(call, "provider-consents:read"), call.one("credentialsId")
        found = [
            self.consent(name, held)
            for name, held in self.held_by(user_id)
            if not only or name == only
        ]
        return json_reply({"providerConsents": found})

    async def extend(self, call: Call) -> Reply:
        user_id = self.auth.user(call, "provider-consents:write")
        name = call.json().get("credentialsId")
        held = self._find(user_id, name if isinstance(name, str) else "")
        if self.status(held) != UPDATED:
            raise bad("The consent is not eligible for extension.")
        self.renew(held)
        return json_reply(self.consent(str(name), held))

    async def credentials(self, call: Call) -> Reply:
        user_id = self.auth.user(call, "credentials:read")
        held = [self.credential(name, held) for name, held in self.held_by(user_id)]
        return json_reply({"credentials": held})

    async def one(self, call: Call) -> Reply:
        user_id = self.auth.user(call, "credentials:read")
        return json_reply(self.credential(call.params[0], self._find(user_id, call.params[0])))

    async def delete(self, call: Call) -> Reply:
        """The login is forgotten, and with a person's last one their accounts."""
        self._find(self.auth.user(call, "credentials:write"), call.params[0])
        del self.bank.state.credentials[call.params[0]]
        self.bank.store.save()
        return Reply(204)

    async def refresh(self, call: Call) -> Reply:
        name = call.params[0]
        held = self._find(self.auth.user(call, "credentials:refresh"), name)
        call.json()
        if self.status(held) == UPDATED:
            held.changed_ms = self.bank.now_ms()
            self.bank.store.save()
        self.bank.postman.post(self.events.refreshed(name, held, self.status(held)))
        return Reply(204)

    def held_by(self, user_id: str) -> list[tuple[str, Credentials]]:
        held = self.bank.state.credentials.items()
        return [(name, one) for name, one in held if one.user_id == user_id]

    def status(self, held: Credentials) -> str:
        if held.status == UPDATED and self.bank.now_ms() >= held.session_expiry_ms:
            return EXPIRED
        return held.status

    def connect(self, user_id: str, person: str, provider: str) -> str:
        """A new login of the user, or the old one of the same person made good again."""
        for name, held in self.held_by(user_id):
            if (held.person, held.provider) == (person, provider):
                self.renew(held)
                return name
        name, now = fresh(), self.bank.now_ms()
        self.bank.state.credentials[name] = Credentials(
            user_id=user_id,
            person=person,
            provider=provider,
            status=UPDATED,
            changed_ms=now,
            session_expiry_ms=now + SESSION_DAYS * DAY_MS,
        )
        self.bank.store.save()
        return name

    def renew_as_ordered(self, name: str) -> str:
        """Renew it at the person's hands; returns the id that it has from now on."""
        held = self.bank.state.credentials[name]
        ids = self.bank.renewal_of(held.person)
        if ids != "same":
            held.renamed += 1
        if ids == "link":
            del self.bank.state.credentials[name]
            name = fresh()
            self.bank.state.credentials[name] = held
        self.renew(held)
        return name

    def renew(self, held: Credentials) -> None:
        held.status, held.reason, held.changed_ms = UPDATED, "", self.bank.now_ms()
        held.session_expiry_ms = held.changed_ms + SESSION_DAYS * DAY_MS
        self.bank.store.save()

    def consent(self, name: str, held: Credentials) -> dict[str, object]:
        status = self.status(held)
        names = self.bank.signer.names("tink", held.holder, held.person)
        content: dict[str, object] = {
            "credentialsId": name,
            "providerName": held.provider,
            "status": status,
            "statusUpdated": held.changed_ms,
            "sessionExpiryDate": held.session_expiry_ms,
            "sessionExtendable": status == UPDATED,
            "accountIds": [
                names.hex("account", i) for i in range(len(self.bank.person(held.person).accounts))
            ],
        }
        if status != UPDATED:
            content["detailedError"] = detailed_error(status, held.reason)
        return content

    def credential(self, name: str, held: Credentials) -> dict[str, object]:
        return {
            "id": name,
            "userId": held.user_id,
            "providerName": held.provider,
            "type": "THIRD_PARTY_APP",
            "status": self.status(held),
            "statusUpdated": held.changed_ms,
            "updated": held.changed_ms,
            "sessionExpiryDate": held.session_expiry_ms,
            "fields": {},
        }

    def _find(self, user_id: str, name: str) -> Credentials:
        held = self.bank.state.credentials.get(name)
        if held is None or held.user_id != user_id:
            raise refusal(404, "NOT_FOUND", "No such credentials.")
        return held


def detailed_error(status: str, reason: str) -> dict[str, object]:
    expired = status == EXPIRED
    return {
        "type": "AUTHORIZATION_ERROR" if expired else "USER_LOGIN_ERROR",
        "displayMessage": "Log in to your bank again.",
        "details": {
            "reason": reason or ("SESSION_EXPIRED" if expired else "STATIC_CREDENTIALS_INCORRECT"),
            "retryable": False,
        },
    }
