"""Access tokens: short-lived JWTs (RFC 9068) signed with HS256 under a ring of keys."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Self
from uuid import UUID

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from typing_extensions import override

from adapters.crypto.keys import Following, Key, KeyRing, RingNow
from application.identity.ports import AccessToken, AccessTokenIssuer
from application.shared.caller import AccessTokens, Claims
from application.shared.chance import NewIds
from application.shared.clock import Clock
from domain.identity.errors import AccessTokenExpiredError, AccessTokenInvalidError
from domain.identity.factors import two_factors
from domain.identity.session import Session
from domain.secrets.ring import ends
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret

ALGORITHM: Final = "HS256"
TYPE: Final = "at+jwt"
TWO_FACTORS: Final = "mfa"
LIFETIME: Final = timedelta(minutes=15)
LEEWAY_S: Final = 60
"""How far ahead the clock of the machine that signed may be. Tokens never live longer for it."""
LENGTH_MAX: Final = 8 * 1024

# One spelling only: three segments, and no bits that the last character could hide.
_COMPACT: Final = re.compile(
    r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z"
)
_REGISTRY: Final = jws.JWSRegistry(algorithms=[ALGORITHM])


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    iss: str
    aud: str
    sub: UUID
    sid: UUID
    iat: int
    nbf: int
    exp: int
    jti: UUID
    amr: tuple[str, ...] = ()
    """`mfa` (RFC 8176) when the session has shown two factors. Others are not said."""


_ENCODER: Final = msgspec.json.Encoder()
_DECODER: Final = msgspec.json.Decoder(_Body)


@dataclass(frozen=True, slots=True)
class _Key:
    oct: OctKey
    header: dict[str, str]
    ends_at: datetime | None
    """From this instant on it verifies nothing."""

    @classmethod
    def of(cls, key: Key, ends_at: datetime | None) -> Self:
        imported = OctKey.import_key(key.secret)
        return cls(imported, {"alg": ALGORITHM, "typ": TYPE, "kid": key.id}, ends_at)


@dataclass(frozen=True, slots=True)
class _Keys:
    newest: _Key
    by_id: dict[str, _Key]

    @classmethod
    def of(cls, ring: KeyRing) -> Self:
        keys = {key.id: _Key.of(key, end) for key, end in zip(ring, ends(ring.facts), strict=True)}
        return cls(keys[ring.newest.id], keys)


@dataclass(frozen=True, slots=True)
class JwtAccessTokens(AccessTokens, AccessTokenIssuer):
    keys: Following[_Keys] = field(repr=False)
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
            amr=(TWO_FACTORS,) if two_factors(session.methods) else (),
        )
        key = self.keys().newest
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
            key = self.keys().by_id[header["kid"]]
            if header != key.header or not jws.validate_compact(
                signed, key.oct, registry=_REGISTRY
            ):
                raise AccessTokenInvalidError
            body = _DECODER.decode(signed.payload or b"")
        except (JoseError, msgspec.DecodeError, ValueError, KeyError, TypeError) as error:
            raise AccessTokenInvalidError from error
        return self._judge(body, key)

    def _judge(self, body: _Body, key: _Key) -> Claims:
        present = self.clock.now()
        if key.ends_at is not None and present >= key.ends_at:
            raise AccessTokenInvalidError
        now = present.timestamp()
        if body.iss != self.issuer or body.aud != self.audience:
            raise AccessTokenInvalidError
        if max(body.iat, body.nbf) > now + LEEWAY_S:
            raise AccessTokenInvalidError
        if not body.iat < body.exp <= body.iat + LIFETIME.total_seconds():
            raise AccessTokenInvalidError
        if now >= body.exp:
            raise AccessTokenExpiredError
        return Claims(
            UserId(body.sub),
            SessionId(body.sid),
            datetime.fromtimestamp(body.exp, UTC),
            two_factors=TWO_FACTORS in body.amr,
        )


def jwt_access_tokens(
    ring: KeyRing | RingNow, clock: Clock, ids: NewIds, *, issuer: str, audience: str
) -> JwtAccessTokens:
    return JwtAccessTokens(
        keys=Following(ring, _Keys.of),
        issuer=issuer,
        audience=audience,
        clock=clock,
        ids=ids,
    )
