"""Every operation of the OpenAPI document, and how to call it: a new route is covered, or fails."""

import copy
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from dishka import make_async_container

from entrypoints.http.app import create_app
from entrypoints.http.openapi import Document
from entrypoints.http.routers import routers
from tests.security.town import OPTIONS, Json, Someone

NOBODYS: Final = "01990000-0000-7000-8000-0000deadbeef"
"""An id of the right form that nothing has."""
NOT_OURS: Final = {"month": "2026-01", "provider": "tink"}
"""Values of parameters that are not ids of anything a person owns."""
ID_NAMES: Final = (
    "connection_id",
    "account_id",
    "transaction_id",
    "import_id",
    "job_id",
    "session_id",
    "key_id",
    "duplicate_id",
    "link_id",
    "transfer_id",
    "notice_id",
    "other_transaction_id",
    "same_account_id",
    "other_account_id",
    "feed_id",
    "passkey_id",
)
NOBODYS_PASSKEY: Final[Json] = {
    "id": "bm9ib2R5",
    "rawId": "bm9ib2R5",
    "type": "public-key",
    "response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"},
}
NOBODYS_NEW_PASSKEY: Final[Json] = {
    **NOBODYS_PASSKEY,
    "response": {"clientDataJSON": "e30", "attestationObject": "oA"},
}
ENDS_SESSIONS: Final = {"auth.logout", "sessions.end_others"}
"""What would end the session that the other tests use."""

BODIES: Final[Mapping[str, Json]] = {
    "auth.register": {
        "name": "Ola",
        "email": "ola@canary.example",
        "password": "four quiet words here",
    },
    "auth.register.confirm": {"token": "n" * 43},
    "auth.password.forgot": {"email": "ola@canary.example"},
    "auth.password.reset": {"token": "n" * 43, "password": "five words nobody has said"},
    "me.password.change": {"current_password": "p" * 20, "new_password": "five words nobody said"},
    "me.password.set": {"password": "five words nobody has said"},
    "me.email.change": {"email": "ola.new@canary.example"},
    "me.email.confirm": {"token": "n" * 43},
    "auth.login": {"email": "ola@canary.example", "password": "p" * 20},
    "auth.refresh": {"refresh_token": "nobodys"},
    "api_keys.create": {"name": "Sheet", "scopes": ["ledger:read"], "expires_in_days": 30},
    "me.change": {"name": "Ola Nordmann"},
    "me.settings.change": {"notifications": {"weekly_summary": {"email": True}}},
    "admin.users.find": {"email": "ola@canary.example"},
    "admin.users.change": {"role": "support"},
    "admin.users.ban": {"why": "suspected_fraud"},
    "admin.users.lock": {"why": "account_at_risk"},
    "banking.callback": {"state": "nobodys.state"},
    "accounts.open": {
        "name": "Cash",
        "kind": "cash",
        "opening_balance": {"amount": "1.00", "currency": "NOK"},
    },
    "transactions.add": {
        "account_id": NOBODYS,
        "amount": {"amount": "-1.00", "currency": "NOK"},
        "booked_on": "2026-03-01",
        "text": "Coffee",
    },
    "transactions.edit": {"note": "seen"},
    "accounts.join": {"other_account_id": NOBODYS},
    "accounts.separate": {"feed_id": NOBODYS},
    "transfers.make": {"transaction_id": NOBODYS, "other_transaction_id": NOBODYS},
    "me.passkeys.add": {"name": "Phone", "credential": NOBODYS_NEW_PASSKEY},
    "auth.login.totp": {"challenge": "n" * 43, "code": "000000"},
    "auth.login.recovery_code": {"challenge": "n" * 43, "code": "k7m2-9xqp-4tfh-wz83-bn5d-r6cy"},
    "auth.step_up": {"code": "000000"},
    "me.totp.confirm": {"code": "000000"},
    "me.passkeys.rename": {"name": "Old phone"},
    "auth.passkey": {"challenge": "n" * 43, "credential": NOBODYS_PASSKEY},
    "auth.login.passkey.options": {"challenge": "n" * 43},
    "auth.login.passkey": {"challenge": "n" * 43, "credential": NOBODYS_PASSKEY},
    "auth.step_up.passkey": {"credential": NOBODYS_PASSKEY},
}
QUERIES: Final[Mapping[str, Mapping[str, str]]] = {
    "rates.get": {"from": "EUR", "to": "EUR"},
    "months.reopen": {"reason": "other"},
}
"""Parameters that an operation cannot do without."""
FORMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "imports.request": {
        "file": ("a.csv", b"date,amount,category,merchant\n2026-02-01,-1.00,,Shop\n"),
        "options": (None, json.dumps({"account_id": NOBODYS, "currency": "NOK"})),
    }
}
"""One good request for each operation that takes a body; ids in it are nobody's."""


def document() -> Json:
    app = create_app(make_async_container(), routers(), OPTIONS)
    whole = Document(OPTIONS)
    whole.plans = app.plans
    found: Json = json.loads(whole.text())
    return found


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    template: str
    id: str
    secured: bool
    scope: str | None
    """What an API key needs; None: no key may do it, or anybody may."""
    path_names: Sequence[str]
    query_names: Sequence[str]
    media_type: str | None
    body_ids: Sequence[str]
    """Names of ids that its body can hold, at any depth."""

    @property
    def of_staff(self) -> bool:
        return self.template.startswith("/api/v1/admin")

    def ids(self) -> Iterator[tuple[str, str]]:
        """Where it takes an id of something that a person owns: place and name."""
        yield from (("path", one) for one in self.path_names if one not in NOT_OURS)
        yield from (("query", one) for one in self.query_names if one.endswith("_id"))
        yield from (("body", one) for one in self.body_ids)

    def request(self, place: str = "", name: str = "", value: str = NOBODYS) -> Json:
        """Arguments for a call that is right in all but whose things it speaks of."""
        path = self.template
        for one in self.path_names:
            chosen = value if (place, name) == ("path", one) else NOT_OURS.get(one, NOBODYS)
            path = path.replace(f"{{{one}}}", chosen)
        query = {**QUERIES.get(self.id, {}), **({name: value} if place == "query" else {})}
        more: Json = {"params": query} if query else {}
        if self.media_type == "application/json":
            body = copy.deepcopy(BODIES[self.id])
            more["json"] = _with(body, name, value) if place == "body" else body
        elif self.media_type is not None:
            form = dict(FORMS[self.id])
            if place == "body":
                options = json.loads(form["options"][1])
                form["options"] = (None, json.dumps(_with(options, name, value)))
            more["files"] = form
        return {"method": self.method, "path": path, **more}


def operations() -> Sequence[Operation]:
    whole = document()
    return [
        _operation(template, method.upper(), told, whole)
        for template, methods in sorted(whole["paths"].items())
        for method, told in sorted(methods.items())
    ]


def owned_by(who: Someone, name: str) -> str:
    """An id of the kind that the parameter wants; an unknown kind is a test to be extended."""
    return who.ids[name][0]


def _operation(template: str, method: str, told: Json, whole: Json) -> Operation:
    parameters = told.get("parameters", [])
    content = told.get("requestBody", {}).get("content", {})
    media_type = next(iter(content), None)
    found: list[str] = []
    if media_type == "application/json":
        found = sorted(set(_ids_in(content[media_type]["schema"], whole, set())))
    elif media_type is not None:
        found = ["account_id"]  # in the options of a statement file
    return Operation(
        method,
        template,
        told["operationId"],
        secured=bool(told["security"]),
        scope=next((one for form in told["security"] for one in form.get("bearer", [])), None),
        path_names=[one["name"] for one in parameters if one["in"] == "path"],
        query_names=[one["name"] for one in parameters if one["in"] == "query"],
        media_type=media_type,
        body_ids=found,
    )


def _ids_in(schema: Any, whole: Json, seen: set[str]) -> Iterator[str]:  # noqa: ANN401 - JSON
    """Names of properties that hold a UUID."""
    if isinstance(schema, list):
        for one in schema:
            yield from _ids_in(one, whole, seen)
    if not isinstance(schema, dict):
        return
    if (reference := schema.get("$ref")) and reference not in seen:
        seen.add(reference)
        yield from _ids_in(whole["components"]["schemas"][reference.split("/")[-1]], whole, seen)
    for name, inner in schema.get("properties", {}).items():
        if '"uuid"' in json.dumps(inner):
            yield name
    for inner in schema.values():
        yield from _ids_in(inner, whole, seen)


def _with(body: Json, name: str, value: str) -> Json:
    """The same with this id in its place."""
    if name not in body:
        raise KeyError(f"add {name} to the request of this operation")
    return {**body, name: value}
