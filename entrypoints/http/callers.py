"""What a route may ask for about the request it answers."""

import re
from hashlib import sha256
from typing import Final, NewType

from dishka import Provider, Scope, from_context, provide

from application.identity.signing_in.freshness import ensure_two_factors, fresh
from application.identity.staff.staff import fresh_staff_of, staff_of
from application.shared.caller import (
    AccessTokens,
    ApiKeyCheck,
    Caller,
    Claims,
    FreshCaller,
    FreshStaff,
    SessionCheck,
    Staff,
    Standing,
)
from application.shared.clock import Clock
from application.shared.idempotency import IdempotencyKey
from domain.identity.api_key import PREFIX as KEY_PREFIX
from domain.identity.roles import Permission
from domain.shared.errors import FieldProblem, UnauthenticatedError
from domain.shared.secret import Secret
from entrypoints.http.cookies import ACCESS
from entrypoints.http.problem import InvalidRequestError
from entrypoints.http.scoped import ensure_in_scope
from entrypoints.http.shell.exchange import Exchange

ClientIp = NewType("ClientIp", str)
"""Where the request comes from, proxies of ours aside; may be empty on a socket file."""

TOKEN_BYTES_MAX: Final = 8 * 1024
KEY_HEADER: Final = "Idempotency-Key"
_KEY: Final = re.compile(rb"[\x21-\x7e]{1,255}").fullmatch
_BEARER: Final = re.compile(rb"[Bb]earer +([A-Za-z0-9._~+/=-]+)").fullmatch


class NotSignedInError(UnauthenticatedError):
    code = "unauthenticated"

    def __init__(self) -> None:
        super().__init__("sign in, and send the access token as Authorization: Bearer ...")


class CallerProvider(Provider):
    """Needs AccessTokens, ApiKeyCheck and SessionCheck, which identity provides."""

    scope = Scope.REQUEST

    exchange = from_context(Exchange, scope=Scope.REQUEST)

    @provide
    async def claims(
        self,
        exchange: Exchange,
        tokens: AccessTokens,
        keys: ApiKeyCheck,
        sessions: SessionCheck,
    ) -> Claims:
        # A header goes before a cookie, and a key never comes as one.
        cookie = exchange.session_cookies.get(ACCESS)
        if cookie is not None:
            claims = tokens.verify(Secret(cookie))
        else:
            token = bearer_token(exchange.headers.get(b"authorization", b""))
            is_key = token.reveal().startswith(KEY_PREFIX)
            claims = await keys.claims_of(token) if is_key else tokens.verify(token)
        exchange.user_id = claims.user_id
        ensure_in_scope(claims, exchange.scoped)
        if exchange.two_factors and not claims.two_factors:
            # Another factor may have been shown since the token was made, and a key says nothing:
            # only these pay for a look at the session, and no session that shows one loses it.
            ensure_two_factors(await sessions.standing(claims))
        return claims

    @provide
    def caller(self, standing: Standing) -> Caller:
        return standing.caller

    @provide
    async def standing(self, claims: Claims, sessions: SessionCheck) -> Standing:
        return await sessions.standing(claims)

    @provide
    def fresh_caller(self, standing: Standing, clock: Clock) -> FreshCaller:
        return fresh(standing, clock.now())

    @provide
    def staff(self, standing: Standing, exchange: Exchange) -> Staff:
        return staff_of(standing, permission_for(exchange))

    @provide
    def fresh_staff(self, standing: Standing, exchange: Exchange, clock: Clock) -> FreshStaff:
        return fresh_staff_of(standing, permission_for(exchange), clock.now())

    @provide
    def client_ip(self, exchange: Exchange) -> ClientIp:
        return ClientIp(exchange.client_ip)

    @provide
    def optional_key(self, exchange: Exchange) -> IdempotencyKey | None:
        header = exchange.headers.get(b"idempotency-key")
        return None if header is None else idempotency_key(header, exchange)

    @provide
    def key(self, exchange: Exchange) -> IdempotencyKey:
        header = exchange.headers.get(b"idempotency-key")
        if header is None:
            raise InvalidRequestError(
                FieldProblem(
                    KEY_HEADER, "missing", "send a new random key, and the same one when you retry"
                )
            )
        return idempotency_key(header, exchange)


def permission_for(exchange: Exchange) -> Permission:
    """What the route says that staff need; a route for staff that says nothing never starts."""
    if exchange.permission is None:
        raise LookupError(f"{exchange.operation} asks for staff and names no permission")
    return exchange.permission


def bearer_token(header: bytes) -> Secret:
    """Raises NotSignedInError."""
    found = _BEARER(header) if len(header) <= TOKEN_BYTES_MAX else None
    if found is None:
        raise NotSignedInError
    return Secret(found[1].decode())


def idempotency_key(header: bytes, exchange: Exchange) -> IdempotencyKey:
    """The key with a hash over everything that makes the request what it is.

    Raises:
        InvalidRequestError
    """
    if not _KEY(header):
        raise InvalidRequestError(
            FieldProblem(KEY_HEADER, "pattern", "use 1 to 255 visible ASCII characters")
        )
    scope = exchange.scope
    parts = (
        exchange.method.encode(),
        exchange.template.encode(),
        scope["path"].encode(),
        scope["query_string"],
        exchange.canonical(exchange.body),
    )
    digest = sha256()
    for part in parts:
        # With its length, so that nothing can move from one part to the next unseen.
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return IdempotencyKey(header.decode(), exchange.operation, digest.digest())
