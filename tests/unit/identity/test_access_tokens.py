"""A token is ours, whole, of now, and for this; or it is refused."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.keys import Key, KeyRing
from adapters.tokens.jwt import JwtAccessTokens, jwt_access_tokens
from domain.identity.errors import AccessTokenExpiredError, AccessTokenInvalidError
from domain.identity.session import Method, Origin, Session
from domain.shared.errors import UnauthenticatedError
from domain.shared.ids import SessionId, UserId
from domain.shared.secret import Secret
from tests.support.clock import NOON, CountedIds, FixedClock

OLD, NEW = Key("k1", b"1" * 32), Key("k2", b"2" * 32)
SESSION = Session.begin(SessionId(UUID(int=7)), UserId(UUID(int=1)), Origin(), NOON)
AT = int(NOON.timestamp())
HEADER = {"alg": "HS256", "typ": "at+jwt", "kid": "k2"}
BODY = {
    "iss": "daler",
    "aud": "daler-api",
    "sub": str(SESSION.user_id),
    "sid": str(SESSION.id),
    "iat": AT,
    "nbf": AT,
    "exp": AT + 900,
    "jti": str(UUID(int=9)),
}


def tokens(*keys: Key, clock: FixedClock | None = None) -> JwtAccessTokens:
    ring = KeyRing(keys or (NEW, OLD))
    return jwt_access_tokens(
        ring, clock or FixedClock(), CountedIds(), issuer="daler", audience="daler-api"
    )


def forged(
    header: Mapping[str, Any] = HEADER,
    body: Mapping[str, Any] | bytes = BODY,
    key: bytes = b"2" * 32,
) -> Secret:
    """Signed by hand with the right key: only what the token says can be wrong with it."""
    payload = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = f"{b64(json.dumps(header).encode())}.{b64(payload)}"
    return Secret(f"{signed}.{b64(hmac.digest(key, signed.encode(), 'sha256'))}")


def b64(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def test_what_is_issued_is_verified_and_says_whose_it_is() -> None:
    issued = tokens().issue(SESSION, NOON)
    claims = tokens().verify(issued.token)

    assert (claims.user_id, claims.session_id) == (SESSION.user_id, SESSION.id)
    assert claims.expires_at == issued.expires_at == NOON + timedelta(minutes=15)


def test_a_token_says_whether_two_factors_were_shown_and_no_more() -> None:
    both = replace(SESSION, methods=frozenset({Method.PASSWORD, Method.TOTP}))

    assert not tokens().verify(tokens().issue(SESSION, NOON).token).two_factors
    assert tokens().verify(tokens().issue(both, NOON).token).two_factors
    assert not tokens().verify(forged(body=BODY | {"amr": ["pwd"]})).two_factors
    for odd in ("mfa", [7], None, {"mfa": True}):
        with pytest.raises(AccessTokenInvalidError):
            tokens().verify(forged(body=BODY | {"amr": odd}))


def test_the_forge_of_these_tests_can_make_a_good_one() -> None:
    assert tokens().verify(forged()).user_id == SESSION.user_id


def test_a_token_lives_fifteen_minutes_and_not_a_second_longer() -> None:
    clock = FixedClock()
    issued = tokens(clock=clock).issue(SESSION, NOON)

    clock.forward(minutes=14, seconds=59)
    tokens(clock=clock).verify(issued.token)
    clock.forward(seconds=1)
    with pytest.raises(AccessTokenExpiredError):
        tokens(clock=clock).verify(issued.token)


def test_a_token_never_outlives_its_session() -> None:
    late = SESSION.expires_at - timedelta(minutes=1)

    assert tokens().issue(SESSION, late).expires_at == SESSION.expires_at


def test_every_key_of_the_ring_verifies_and_a_retired_one_does_not() -> None:
    issued = tokens(OLD).issue(SESSION, NOON)

    tokens(NEW, OLD).verify(issued.token)
    with pytest.raises(AccessTokenInvalidError):
        tokens(NEW).verify(issued.token)


@pytest.mark.parametrize(("ahead_s", "fine"), [(60, True), (61, False)])
def test_a_machine_that_signed_may_be_a_minute_ahead(ahead_s: int, fine: bool) -> None:  # noqa: FBT001 - a column of a table
    token = forged(body=BODY | {"iat": AT + ahead_s, "nbf": AT + ahead_s})

    if fine:
        tokens().verify(token)
    else:
        with pytest.raises(AccessTokenInvalidError):
            tokens().verify(token)


@pytest.mark.parametrize(
    "header",
    [
        HEADER | {"alg": "HS384"},
        HEADER | {"alg": "HS512"},
        HEADER | {"typ": "JWT"},
        HEADER | {"kid": "k1"},
        HEADER | {"kid": "k3"},
        HEADER | {"kid": "../../etc/passwd"},
        HEADER | {"jku": "https://evil.example/keys"},
        HEADER | {"jwk": {"kty": "oct", "k": b64(b"2" * 32)}},
        HEADER | {"crit": ["exp"], "exp": 1},
        {"alg": "HS256", "typ": "at+jwt"},
        {"alg": "HS256", "kid": "k2"},
    ],
    ids=str,
)
def test_a_header_has_no_say_in_how_it_is_checked(header: Mapping[str, Any]) -> None:
    with pytest.raises(AccessTokenInvalidError):
        tokens().verify(forged(header))


@pytest.mark.parametrize(
    "body",
    [
        BODY | {"iss": "somebody"},
        BODY | {"aud": "daler-web"},
        BODY | {"aud": ["daler-api"]},
        BODY | {"sub": "anna"},
        BODY | {"sub": 1},
        BODY | {"sid": None},
        BODY | {"exp": str(AT + 900)},
        BODY | {"exp": AT + 900.5},
        BODY | {"exp": AT},
        BODY | {"exp": AT + 901},
        BODY | {"exp": 10**400},
        BODY | {"nbf": AT + 3600},
        BODY | {"admin": True},
        {k: v for k, v in BODY.items() if k != "exp"},
        {k: v for k, v in BODY.items() if k != "jti"},
        b"[]",
        b"",
        b"{",
        b"\xff",
        b'{"sub":' * 500,
    ],
    ids=lambda body: str(body)[:60],
)
def test_a_body_is_exactly_what_we_write(body: Mapping[str, Any] | bytes) -> None:
    with pytest.raises(AccessTokenInvalidError):
        tokens().verify(forged(body=body))


def test_no_signature_is_no_signature() -> None:
    body = b64(json.dumps(BODY).encode())
    for alg in ("none", "None", "NONE"):
        header = b64(json.dumps(HEADER | {"alg": alg}).encode())
        for signature in ("", "x" * 42 + "A"):
            with pytest.raises(AccessTokenInvalidError):
                tokens().verify(Secret(f"{header}.{body}.{signature}"))


@given(st.data())
def test_one_changed_character_is_noticed(data: st.DataObject) -> None:
    text = tokens().issue(SESSION, NOON).token.reveal()
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[at]))

    with pytest.raises(AccessTokenInvalidError):
        tokens().verify(Secret(text[:at] + other + text[at + 1 :]))


@given(st.text() | st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", fullmatch=True))
def test_rubbish_is_refused_and_nothing_breaks(text: str) -> None:
    with pytest.raises(UnauthenticatedError):
        tokens().verify(Secret(text))


def test_an_oversized_token_is_refused_before_it_is_decoded() -> None:
    huge = forged(body=BODY | {"jti": "x" * 9000})

    with pytest.raises(AccessTokenInvalidError) as refused:
        tokens().verify(huge)
    assert refused.value.__cause__ is None
