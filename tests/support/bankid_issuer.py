"""An OpenID provider that speaks like BankID, and lies on purpose when it is told to."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from adapters.bankid.settings import BankIdSettings
from domain.shared.secret import Secret
from tests.providers.server import Answer, Asked, Server, a_server, told
from tests.support.clock import FixedClock

CLIENT_ID: Final = "daler"
CLIENT_SECRET: Final = "a secret of two, +&%"  # noqa: S105 - made up here
CALLBACK: Final = "http://daler.test/api/v1/auth/bankid/callback"
REALM: Final = "/auth/realms/odd"
NUMBER: Final = "01010150740"
"""Satisfies the rules; the tests of NAV use it for nobody."""
HIGH: Final = "urn:bankid:bid;LOA=4"
SUBSTANTIAL: Final = "urn:bankid:bis;LOA=3"

Json = dict[str, Any]
Sign = Callable[[Json, Json], str]


@cache
def key(name: str = "key-1") -> RSAKey:
    return RSAKey.generate_key(2048, parameters={"kid": name, "use": "sig"})


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: Json, claims: Json, signature: Callable[[bytes], bytes]) -> str:
    signed = ".".join(b64(msgspec.json.encode(part)) for part in (header, claims))
    return f"{signed}.{b64(signature(signed.encode()))}"


def rs256(header: Json, claims: Json) -> str:
    return signed_by(key())(header, claims)


def signed_by(signer: RSAKey) -> Sign:
    """By hand: the library would not sign what it would not accept."""
    private = signer.private_key
    assert private is not None
    return lambda header, claims: compact(
        header, claims, lambda signed: private.sign(signed, PKCS1v15(), SHA256())
    )


def unsigned(header: Json, claims: Json) -> str:
    return compact(header | {"alg": "none"}, claims, lambda _: b"")


def hs256_with_the_public_key(header: Json, claims: Json) -> str:
    secret = key().as_pem(private=False)
    return compact(
        header | {"alg": "HS256"}, claims, lambda signed: hmac.digest(secret, signed, "sha256")
    )


def changed(claims: Mapping[str, object], by: Mapping[str, object]) -> Json:
    """What is changed to None is left out."""
    return {name: value for name, value in {**claims, **by}.items() if value is not None}


@dataclass(slots=True)
class Issuer:
    """Everything is right until a test changes it."""

    clock: FixedClock
    url: str = ""
    person: Json = field(
        default_factory=lambda: {
            "sub": "subject-of-anna",
            "bankid_altsub": "9578-6000-4-1234567",
            "nnin_altsub": NUMBER,
            "birthdate": "2001-01-01",
            "name": "Anna Berg",
            "acr": HIGH,
            "amr": "BID",
        }
    )
    token: Json = field(default_factory=dict)
    """Changes to the ID token's claims."""
    header: Json = field(default_factory=dict)
    sign: Sign = rs256
    userinfo: Json = field(default_factory=dict)
    """Changes to what userinfo says."""
    sign_userinfo: Sign | None = rs256
    """None: plain JSON."""
    metadata: Json = field(default_factory=dict)
    keys: list[Json] = field(default_factory=lambda: [dict(key().as_dict(private=False))])
    instead: Callable[[Asked], Answer | None] = lambda _: None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    issued: int = 0

    @property
    def name(self) -> str:
        return self.url + REALM

    def visit(self, address: str, **also: str) -> dict[str, str]:
        """Somebody goes there and signs in; what their browser brings back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        self.issued += 1
        code = f"code-{self.issued}"
        self.codes[code] = asked
        return {"state": asked["state"], "code": code, **also}

    def __call__(self, asked: Asked) -> Answer:
        if (other := self.instead(asked)) is not None:
            return other
        match asked.path.removeprefix(REALM):
            case "/.well-known/openid-configuration":
                return told(self._metadata())
            case "/certs":
                return told({"keys": self.keys})
            case "/token":
                return self._exchange(asked)
            case "/userinfo":
                return self._userinfo(asked)
            case _:
                return told({}, 404)

    def _metadata(self) -> Json:
        right = {
            "issuer": self.name,
            "authorization_endpoint": f"{self.name}/precheck/auth?kind=odd",
            "token_endpoint": f"{self.name}/token",
            "jwks_uri": f"{self.name}/certs",
            "userinfo_endpoint": f"{self.name}/userinfo",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }
        return changed(right, self.metadata)

    def _exchange(self, asked: Asked) -> Answer:
        form = asked.form
        begun = self.codes.pop(form["code"], None)
        verifier = form.get("code_verifier", "")
        challenge = b64(hashlib.sha256(verifier.encode()).digest())
        if form.get("client_secret") != CLIENT_SECRET:
            return told({"error": "invalid_client"}, 401)
        if begun is None or begun["code_challenge"] != challenge:
            return told({"error": "invalid_grant"}, 400)
        access = f"access-{form['code']}"
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "id_token": self._id(begun, access),
        }
        return told(answer)

    def _id(self, begun: Mapping[str, str], access: str) -> str:
        now = int(self.clock.now().timestamp())
        right = {
            **self.person,
            "iss": self.name,
            "aud": CLIENT_ID,
            "azp": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 5,
            "nonce": begun["nonce"],
            "typ": "ID",
            "at_hash": b64(hashlib.sha256(access.encode()).digest()[:16]),
        }
        header = changed({"alg": "RS256", "kid": "key-1", "typ": "JWT"}, self.header)
        return self.sign(header, changed(right, self.token))

    def _userinfo(self, asked: Asked) -> Answer:
        if not asked.headers.get("authorization", "").startswith("Bearer access-code-"):
            return Answer(401)
        right = {"sub": self.person["sub"], "iss": self.name, "aud": CLIENT_ID}
        claims = changed(right, self.userinfo)
        if self.sign_userinfo is None:
            return told(claims)
        body = self.sign_userinfo({"alg": "RS256", "kid": "key-1"}, claims)
        return Answer(body=body.encode(), headers={"content-type": "application/jwt"})

    def settings(self, **changes: Any) -> BankIdSettings:  # noqa: ANN401 - any setting
        usual: Json = {
            "issuer": self.name,
            "client_id": CLIENT_ID,
            "client_secret": Secret(CLIENT_SECRET),
            "redirect_uri": CALLBACK,
            # Patient with a busy machine; what is about slowness says so.
            "deadline_s": 60.0,
        }
        return BankIdSettings(**(usual | changes))


@asynccontextmanager
async def an_issuer(clock: FixedClock) -> AsyncIterator[tuple[Issuer, Server]]:
    issuer = Issuer(clock)
    async with a_server(issuer) as server:
        issuer.url = server.url
        yield issuer, server
