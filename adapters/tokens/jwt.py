"""Access tokens: short-lived JWTs (RFC 9068) signed with HS256 under a ring of keys."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from typing_extensions import override

from adapters.crypto.keys import Key, KeyRing
from application.identity.ports import AccessToken, AccessTokenIssuer
from application.shared.caller import AccessTokens, Claims
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.errors import AccessTokenExpiredError, AccessTokenInvalidError
from domain.identity.session import Session
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret

ALGORITHM: Final = "HS256"
TYPE: Final = "at+jwt"
LIFETIME: Final = timedelta(minutes=15)
LEEWAY_S: Final = 60
"""How far ahead the clock of the machine that signed may be. Tokens never live longer for it."""
LENGTH_MAX: Final = 8 * 1024

# One spelling only: three segments, and no bits that the last character could hide.
_COMPACT: Final = re.compile(
    r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z"
)
_REGISTRY: Final = jws.JWSRegistry(algorithms=[ALGORITHM])


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    iss: str
    aud: str
    sub: UUID
    sid: UUID
    iat: int
    nbf: int
    exp: int
    jti: UUID


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Body)


@dataclass(frozen=True, slots=True)
class _Key:
    oct: OctKey
    header: dict[str, str]

    @classmethod
    def of(cls, key: Key) -> Self:
        imported = OctKey.import_key(key.secret)
        return cls(imported, {"alg": ALGORITHM, "typ": TYPE, "kid": key.id})


@dataclass(frozen=True, slots=True)
class JwtAccessTokens(AccessTokens, AccessTokenIssuer):
    newest: _Key
    keys: dict[str, _Key]
    issuer: str
    audience: str
    clock: Clock
    ids: NewIds

    @override
    def issue(self, session: Session, now: datetime) -> AccessToken:
        at = int(now.timestamp())
        ends = min(now + LIFETIME, session.expires_at)
        body = _Body(
            iss=self.issuer,
            aud=self.audience,
            sub=session.user_id,
            sid=session.id,
            iat=at,
            nbf=at,
            exp=int(ends.timestamp()),
            jti=self.ids.one(),
        )
        key = self.newest
        token = jws.serialize_compact(
            dict(key.header), _ENCODER.encode(body), key.oct, registry=_REGISTRY
        )
        return AccessToken(Secret(token), datetime.fromtimestamp(body.exp, UTC))

    @override
    def verify(self, token: Secret) -> Claims:
        text = token.reveal()
        # Before anything is decoded.
        if len(text) > LENGTH_MAX or not _COMPACT.match(text):
            raise AccessTokenInvalidError
        try:
            signed = jws.extract_compact(text.encode(), registry=_REGISTRY)
            header = signed.protected
            # The key says what a header must be, word for word; the token has no say in it.
            key = self.keys[header["kid"]]
            if header != key.header or not jws.validate_compact(
                signed, key.oct, registry=_REGISTRY
            ):
                raise AccessTokenInvalidError
            body = _DECODER.decode(signed.payload or b"")
        except (JoseError, msgspec.DecodeError, ValueError, KeyError, TypeError) as error:
            raise AccessTokenInvalidError from error
        return self._judge(body)

    def _judge(self, body: _Body) -> Claims:
        now = self.clock.now().timestamp()
        if body.iss != self.issuer or body.aud != self.audience:
            raise AccessTokenInvalidError
        if max(body.iat, body.nbf) > now + LEEWAY_S:
            raise AccessTokenInvalidError
        if not body.iat < body.exp <= body.iat + LIFETIME.total_seconds():
            raise AccessTokenInvalidError
        if now >= body.exp:
            raise AccessTokenExpiredError
        return Claims(UserId(body.sub), SessionId(body.sid), datetime.fromtimestamp(body.exp, UTC))


def jwt_access_tokens(
    ring: KeyRing, clock: Clock, ids: NewIds, *, issuer: str, audience: str
) -> JwtAccessTokens:
    keys = {key.id: _Key.of(key) for key in ring}
    return JwtAccessTokens(
        newest=keys[ring.newest.id],
        keys=keys,
        issuer=issuer,
        audience=audience,
        clock=clock,
        ids=ids,
    )
