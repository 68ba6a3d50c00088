"""Nothing secret and nothing personal leaves through a log line or an error message."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from adapters.outbound.log import LoggingObserver, logging_observer
from application.connections.gateway import BankGateway, LinkRequest, LinkReturn
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.providers.server import Answer, Asked, a_server, told
from tests.providers.support import ANNA, a_plaid, a_tink, plaid_settings, tink_settings

CANARY = "kanarifugl"
SAID = CANARY + "-sagt"
TEXT = CANARY + "-tekst"
STATE = Secret(CANARY + "-state")
TINK_ACCESS = Secret(f'{{"user":"d-{CANARY}","credentials":"{CANARY}-c1"}}')
PLAID_ACCESS = Secret(f'{{"token":"{CANARY}-token"}}')

TRANSACTION: dict[str, Any] = {
    "id": "t1",
    "accountId": "a1",
    "account_id": "a1",
    "transaction_id": "t1",
    "descriptions": {"original": TEXT},
    "name": TEXT,
}
BODIES: dict[str, Any] = {
    "access_token": SAID,
    "expires_in": 1800,
    "code": SAID,
    "item_id": SAID,
    "link_token": SAID,
    "expiration": "2026-01-12T12:00:00Z",
    "item": {"item_id": SAID},
    "providerConsents": [
        {"credentialsId": f"{CANARY}-c1", "status": "UPDATED", "accountIds": ["a1"]}
    ],
}


def well(_: Asked) -> Answer:
    return told(BODIES, x_request_id="request-1")


def spoilt(asked: Asked) -> Answer:
    """Good up to the page itself, which holds a text and a wrong type."""
    if asked.path.endswith(("/accounts", "/transactions", "/sync")):
        broken = {"transactions": [TRANSACTION], "accounts": [TRANSACTION], "added": [TRANSACTION]}
        return told(BODIES | broken)
    return well(asked)


def refusing(status: int) -> Callable[[Asked], Answer]:
    body = {
        "errorMessage": TEXT,
        "errorCode": "a.code",
        "error_message": TEXT,
        "error_code": "A_CODE",
        "message": TEXT,
    }
    return lambda _: told(body, status)


def html(_: Asked) -> Answer:
    return Answer(body=f"<html>{TEXT}</html>".encode())


def away(_: Asked) -> Answer:
    return Answer(302, headers={"location": f"http://127.0.0.1:9/{TEXT}"})


@asynccontextmanager
async def both(url: str) -> AsyncIterator[list[tuple[BankGateway, Secret]]]:
    observer: LoggingObserver = logging_observer()
    async with (
        a_tink(tink_settings(f"{url}", url), observer=observer) as tink,
        a_plaid(plaid_settings(url), observer=observer) as plaid,
    ):
        yield [(tink, TINK_ACCESS), (plaid, PLAID_ACCESS)]


async def everything(gateway: BankGateway, access: Secret) -> list[BaseException]:
    """Every call there is, and what came of those that failed, causes and all."""
    back = {"public_token": f"{CANARY}-public", "credentials_id": f"{CANARY}-c1"}
    errors: list[BaseException] = []
    for call in (
        lambda: gateway.begin_link(LinkRequest(ANNA, STATE)),
        lambda: gateway.begin_link(LinkRequest(ANNA, STATE, access)),
        lambda: gateway.complete_link(LinkReturn(ANNA, back)),
        lambda: gateway.complete_link(LinkReturn(ANNA, back, access)),
        lambda: gateway.fetch(access, None, None),
        lambda: gateway.consent_expires_at(access),
        lambda: gateway.revoke(access),
    ):
        try:
            await call()
        except DalerError as error:
            chain: BaseException | None = error
            while chain is not None:
                errors.append(chain)
                chain = chain.__cause__ or chain.__context__
    return errors


@pytest.mark.parametrize(
    "respond",
    [well, spoilt, refusing(400), refusing(401), refusing(429), refusing(500), html, away],
)
async def test_nothing_leaks(
    respond: Callable[[Asked], Answer],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("", "httpx", "httpcore", "httpcore.http11", "httpcore.connection"):
        caplog.set_level(logging.DEBUG, logger=name or None)
    async with a_server(respond) as server, both(server.url) as gateways:
        for gateway, access in gateways:
            for error in await everything(gateway, access):
                assert CANARY not in f"{error} {error!r} {error.args}"
        assert server.asked

    out, err = capfd.readouterr()
    lines = "\n".join([out, err, *(record.getMessage() for record in caplog.records)])
    assert CANARY not in lines
    assert "tink-secret" not in lines
    assert "plaid-secret" not in lines
    assert "provider_called" in lines


def test_what_is_kept_in_hand_does_not_print_itself() -> None:
    shown = [
        tink_settings("https://api.tink.com"),
        plaid_settings("https://production.plaid.com"),
        LinkRequest(ANNA, STATE, TINK_ACCESS),
    ]
    for one in shown:
        assert CANARY not in repr(one)
        assert "-secret" not in repr(one)
    assert msgspec.json.decode(TINK_ACCESS.reveal())
