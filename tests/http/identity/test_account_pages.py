"""What links in mails open."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.mail.letters import PAGES
from entrypoints.http.account_pages import account_pages_router
from entrypoints.http.app import create_app
from entrypoints.http.passwords import passwords_router
from tests.http.support import OPTIONS, Calling, calling


@pytest.fixture
async def site(http: httpx.AsyncClient) -> AsyncIterator[httpx.AsyncClient]:
    assert isinstance(http, Calling)
    app = create_app(http.container, [account_pages_router(), passwords_router()], OPTIONS)
    async with calling(app, "") as site:
        yield site


@pytest.mark.parametrize("address", sorted(PAGES.values()))
async def test_every_link_in_a_mail_leads_to_a_page(site: httpx.AsyncClient, address: str) -> None:
    answer = await site.get(address)

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "'unsafe" not in answer.headers["content-security-policy"]
    assert not re.search(r"<style|style=|onclick|<script>|\$\w", answer.text)
    for loaded in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert (await site.get(loaded)).status_code == 200, loaded


@pytest.mark.parametrize("address", sorted(PAGES.values()))
async def test_a_page_speaks_of_a_call_that_is_there(site: httpx.AsyncClient, address: str) -> None:
    (call,) = re.findall(r'data-call="([^"]+)"', (await site.get(address)).text)

    assert "POST" in (await site.options(call)).headers["allow"].split(", ")


@pytest.mark.parametrize("address", sorted(PAGES.values()))
async def test_a_token_in_the_query_is_refused(site: httpx.AsyncClient, address: str) -> None:
    """It would stand in logs on the way; links have it behind a `#`."""
    assert (await site.get(f"{address}?token={'t' * 43}")).status_code == 400


async def test_a_password_is_masked_and_may_be_pasted(site: httpx.AsyncClient) -> None:
    page = (await site.get("/account/password")).text
    (field,) = re.findall(r'<input id="password"[^>]*>', page)

    assert 'type="password"' in field
    assert 'autocomplete="new-password"' in field
    scripts = [(await site.get(src)).text for src in re.findall(r'src="([^"]+)"', page)]
    for hindering in ("paste", "contextmenu", "keydown", 'autocomplete="off"'):
        assert not [one for one in (page, *scripts) if hindering in one]
