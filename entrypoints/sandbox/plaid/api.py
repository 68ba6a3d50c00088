"""Plaid, put together."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from entrypoints.sandbox.bank import Bank
from entrypoints.sandbox.plaid import fields
from entrypoints.sandbox.plaid.errors import refusal
from entrypoints.sandbox.plaid.events import PlaidEvents, WebhookKey
from entrypoints.sandbox.plaid.fields import Body
from entrypoints.sandbox.plaid.items import PlaidItems
from entrypoints.sandbox.plaid.link import PlaidLink
from entrypoints.sandbox.plaid.rows import Rows
from entrypoints.sandbox.plaid.sandbox import PlaidSandbox
from entrypoints.sandbox.plaid.transactions import PlaidTransactions
from entrypoints.sandbox.tokens import fresh
from entrypoints.sandbox.web import Call, RefusalError, Reply, UnreadableError, json_reply

VERSION = "2020-09-14"
SYNC = "/transactions/sync"
Endpoint = Callable[[Body], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Plaid:
    """Answers a call whose path begins below /plaid, as sandbox.plaid.com would."""

    bank: Bank
    events: PlaidEvents
    items: PlaidItems
    transactions: PlaidTransactions
    link: PlaidLink
    sandbox: PlaidSandbox
    endpoints: Mapping[str, Endpoint]

    @classmethod
    def of(cls, bank: Bank) -> "Plaid":
        key = WebhookKey.of(bank)
        events = PlaidEvents(bank, key)
        items = PlaidItems(bank, events)
        transactions = PlaidTransactions(bank, items, Rows())
        link, sandbox = PlaidLink(bank, items, events), PlaidSandbox(bank, items, events)

        async def verification_key(body: Body) -> Reply:
            if fields.text(body, "key_id") != key.jwk["kid"]:
                code = "INVALID_WEBHOOK_VERIFICATION_KEY_ID"
                raise refusal("INVALID_INPUT", code, "invalid key_id provided")
            return json_reply({"key": key.jwk})

        endpoints = {
            **items.routes(),
            **transactions.routes(),
            **link.routes(),
            **sandbox.routes(),
            "/webhook_verification_key/get": verification_key,
        }
        return cls(bank, events, items, transactions, link, sandbox, endpoints)

    async def answer(self, call: Call) -> Reply:
        return with_request_id(await self._answer(call, self.endpoints))

    def is_paging(self, call: Call) -> bool:
        """Whether this call asks for a sync's second or later page."""
        try:
            return call.path == SYNC and self.transactions.is_paging(call.json())
        except UnreadableError:
            return False

    async def not_ready(self, call: Call) -> Reply:
        """A sync's answer while a new Item has nothing yet."""
        return with_request_id(await self._answer(call, {SYNC: self.transactions.not_ready}))

    async def _answer(self, call: Call, endpoints: Mapping[str, Endpoint]) -> Reply:
        try:
            endpoint = endpoints.get(call.path)
            if call.method != "POST" or endpoint is None:
                raise refusal("INVALID_REQUEST", "NOT_FOUND", "no such endpoint", 404)
            if call.media_type != "application/json":
                message = "body must be sent as application/json"
                raise refusal("INVALID_REQUEST", "INVALID_HEADERS", message)
            body = call.json()
            self._ensure_client(call, body)
            return await endpoint(body)
        except RefusalError as error:
            return error.reply
        except UnreadableError:
            return refusal("INVALID_REQUEST", "INVALID_BODY", "body could not be parsed").reply

    def _ensure_client(self, call: Call, body: Body) -> None:
        options, headers = self.bank.options, call.headers
        client_id = headers.get("plaid-client-id") or fields.text(body, "client_id", "")
        secret = headers.get("plaid-secret") or fields.text(body, "secret", "")
        if not client_id or not secret:
            message = "client_id and secret are required"
            raise refusal("INVALID_REQUEST", "MISSING_FIELDS", message)
        right_id = secrets.compare_digest(client_id.encode(), options.plaid_client_id.encode())
        right = secrets.compare_digest(secret.encode(), options.plaid_secret.encode())
        if not (right_id and right):
            message = "invalid client_id or secret provided"
            raise refusal("INVALID_INPUT", "INVALID_API_KEYS", message)
        if headers.get("plaid-version", VERSION) != VERSION:
            raise refusal("INVALID_REQUEST", "INVALID_HEADERS", "unknown Plaid-Version")


def with_request_id(reply: Reply) -> Reply:
    """Every object that Plaid answers with carries a request_id, errors too."""
    if not reply.body.endswith(b"}"):
        return reply
    comma = b"" if reply.body == b"{}" else b","
    body = reply.body[:-1] + comma + b'"request_id":"' + fresh(16).encode() + b'"}'
    return replace(reply, body=body)
