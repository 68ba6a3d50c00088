"""Every call to the outside ends: in time, in our words, and in no more memory than it may.

Each way out, against each thing that a server can do wrong, over a real socket.
"""

import ast
import asyncio
import gzip
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from adapters.bankid.open import open_bankid
from adapters.bankid.settings import BankIdSettings
from adapters.norges_bank.rates import open_norges_bank
from adapters.norges_bank.settings import NorgesBankSettings
from adapters.outbound.inflate import BODY_BYTES_MAX
from adapters.plaid.access import Access as PlaidAccess
from adapters.plaid.webhook_keys import PlaidKeys
from adapters.tink.access import Access as TinkAccess
from application.connections.gateway import LinkRequest, LinkReturn
from application.identity.bankid.ports import Leaving
from domain.shared.errors import UnavailableError
from domain.shared.secret import Secret
from tests.architecture.sources import ROOT
from tests.providers.server import Answer, a_server
from tests.providers.support import (
    ANNA,
    STATE,
    Remembering,
    WallClock,
    a_plaid,
    a_tink,
    plaid_settings,
    tink_settings,
)
from tests.support.clock import CountedChance

DEADLINE_S: Final = 0.6
MUCH_LATER_S: Final = 20.0
"""A server that drips its fifty seconds out is not waited for."""
TINK = TinkAccess("d-1", "c-1").sealed()
PLAID = PlaidAccess("access-sandbox-1").sealed()
Way = Callable[[str], Awaitable[object]]


def _tink(ask: str) -> Way:
    async def go(url: str) -> object:
        settings = replace(
            tink_settings(url), interactive_deadline_s=DEADLINE_S, page_deadline_s=DEADLINE_S
        )
        async with a_tink(settings) as tink:
            match ask:
                case "link":
                    return await tink.begin_link(LinkRequest(ANNA, STATE))
                case "return":
                    back = LinkReturn(ANNA, {"credentials_id": "c-1"})
                    return await tink.complete_link(back)
                case "consent":
                    return await tink.consent_expires_at(TINK)
                case "revoke":
                    await tink.revoke(TINK)
                    return None
                case _:
                    return await tink.fetch(TINK, None, None)

    return go


def _plaid(ask: str) -> Way:
    async def go(url: str) -> object:
        settings = replace(
            plaid_settings(url), interactive_deadline_s=DEADLINE_S, page_deadline_s=DEADLINE_S
        )
        async with a_plaid(settings) as plaid:
            match ask:
                case "link":
                    return await plaid.begin_link(LinkRequest(ANNA, STATE))
                case "consent":
                    return await plaid.consent_expires_at(PLAID)
                case "revoke":
                    await plaid.revoke(PLAID)
                    return None
                case "key":
                    return await PlaidKeys(plaid.api).get("key-1")
                case _:
                    return await plaid.fetch(PLAID, None, None)

    return go


async def _norges_bank(url: str) -> object:
    settings = NorgesBankSettings(url=url, deadline_s=DEADLINE_S)
    chance = CountedChance(share_is=0.01)
    async with open_norges_bank(settings, WallClock(), chance, Remembering()) as rates:
        return await rates.between(date(2026, 1, 5), date(2026, 1, 9))


async def _bankid(url: str) -> object:
    settings = BankIdSettings(
        issuer=url,
        client_id="daler",
        client_secret=Secret("secret"),
        redirect_uri="https://daler.test/back",
        deadline_s=DEADLINE_S,
    )
    chance = CountedChance(share_is=0.01)
    async with open_bankid(settings, WallClock(), chance, Remembering()) as bankid:
        return await bankid.address(Leaving(STATE, STATE, "challenge"))


WAYS: Final[dict[str, Way]] = {
    **{f"tink {ask}": _tink(ask) for ask in ("link", "return", "consent", "page", "revoke")},
    **{f"plaid {ask}": _plaid(ask) for ask in ("link", "consent", "page", "revoke", "key")},
    "norges bank": _norges_bank,
    "bankid": _bankid,
}
PACKED: Final = {"content-encoding": "gzip"}
HTML: Final = b"<!doctype html><html><body>We will be back soon</body></html>"
TROUBLES: Final[dict[str, Answer]] = {
    "drips": Answer(body=b"x" * 1000, drip_s=0.05),
    "huge": Answer(body=b" " * (BODY_BYTES_MAX + 1)),
    "a bomb": Answer(body=gzip.compress(bytes(64 * 1024 * 1024), 9), headers=PACKED),
    "a long tail": Answer(body=gzip.compress(b"{}") + bytes(2 * BODY_BYTES_MAX), headers=PACKED),
    "truncated": Answer(body=b'{"added": [', cut_at=5),
    "cut gzip": Answer(body=gzip.compress(b"{}" * 500)[:-9], headers=PACKED),
    "a web page": Answer(body=HTML, headers={"content-type": "text/html"}),
    "an empty page": Answer(body=b""),
    "half a JSON": Answer(body=b'{"added": ['),
    "a wrong charset": Answer(body='{"a": "blåbær"}'.encode("latin-1")),
    "broken": Answer(503, HTML),
}


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("way", WAYS)
async def test_every_way_out_survives_every_bad_answer(way: str, trouble: str) -> None:
    answer = TROUBLES[trouble]
    async with a_server(lambda _: answer) as server:
        async with asyncio.timeout(MUCH_LATER_S):
            with pytest.raises(UnavailableError):
                await WAYS[way](server.url)

        assert len(server.asked) >= 1


@pytest.mark.parametrize("way", WAYS)
async def test_every_way_out_survives_nobody_being_there(way: str) -> None:
    async with a_server(lambda _: Answer()) as server:
        gone = server.url
    async with asyncio.timeout(MUCH_LATER_S):
        with pytest.raises(UnavailableError):
            await WAYS[way](gone)


@pytest.mark.parametrize("trouble", ["huge", "a bomb", "a long tail"])
async def test_no_answer_takes_more_memory_than_it_may(trouble: str) -> None:
    answer = TROUBLES[trouble]
    async with a_server(lambda _: answer) as server:
        tracemalloc.start()
        try:
            with pytest.raises(UnavailableError):
                await WAYS["plaid page"](server.url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    # The server is in this process, too, and sends a copy of its own.
    assert peak < 3 * BODY_BYTES_MAX + len(answer.body)


def test_nobody_speaks_http_to_the_outside_but_by_the_one_way_out() -> None:
    """Whatever else imported the library could forget the deadline, or the cap."""
    allowed = {
        "adapters/outbound/wire.py",
        "adapters/outbound/client.py",
        "adapters/tink/tokens.py",
    }
    clients = {"httpx", "requests", "aiohttp", "urllib3", "http.client", "urllib.request"}
    found = set()
    for path in sorted((ROOT / "adapters").rglob("*.py")):
        if _imported(path) & clients:
            found.add(str(path.relative_to(ROOT)))

    assert found <= allowed, "use adapters.outbound.client.Outbound"


def _imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names
