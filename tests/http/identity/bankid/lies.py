"""What an issuer can be told to say wrongly."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.providers.server import Answer, Asked
from tests.support.bankid_issuer import (
    REALM,
    Issuer,
)

Wrong = Callable[[Issuer], None]


def token(**claims: object) -> Wrong:
    return lambda issuer: issuer.token.update(claims)


def header(**parts: object) -> Wrong:
    return lambda issuer: issuer.header.update(parts)


def userinfo(**claims: object) -> Wrong:
    return lambda issuer: issuer.userinfo.update(claims)


def signing(sign: Callable[..., str]) -> Wrong:
    def wrong(issuer: Issuer) -> None:
        issuer.sign = sign

    return wrong


def signing_userinfo(sign: Any) -> Wrong:  # noqa: ANN401 - a way to sign, or none
    def wrong(issuer: Issuer) -> None:
        issuer.sign_userinfo = sign

    return wrong


def answering(path: str, answer: Answer) -> Wrong:
    def respond(asked: Asked) -> Answer | None:
        return answer if asked.path == REALM + path else None

    def wrong(issuer: Issuer) -> None:
        issuer.instead = respond

    return wrong


def moved(name: str, **by: float) -> Wrong:
    def wrong(issuer: Issuer) -> None:
        at = issuer.clock.now() + timedelta(**by)
        issuer.token[name] = int(at.timestamp())

    return wrong


HUGE = Answer(body=b'{"access_token": "' + b"x" * 300_000 + b'"}')


AWAY = Answer(302, headers={"location": "http://127.0.0.1:9/elsewhere"})


NOT_JSON = Answer(body=b"<html>01010150740</html>")
