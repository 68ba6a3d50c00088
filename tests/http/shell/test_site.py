import re

import httpx
import pytest

from entrypoints.http.site import ASSETS, STATIC


@pytest.mark.parametrize("page", ["/", "/docs"])
async def test_a_page_needs_nothing_from_elsewhere(http: httpx.AsyncClient, page: str) -> None:
    answer = await http.get(page)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    loaded = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    assert loaded
    for address in loaded:
        assert address.startswith("/")
        assert (await http.get(address)).status_code in (200, 503)
    assert 'lang="en"' in answer.text
    assert "<title>" in answer.text


@pytest.mark.parametrize("page", ["/", "/docs"])
async def test_no_script_or_style_stands_in_a_page(http: httpx.AsyncClient, page: str) -> None:
    text = (await http.get(page)).text
    assert not re.search(r"<style|style=|onclick|<script>", text)
    policy = (await http.get(page)).headers["content-security-policy"]
    assert "http" not in policy
    assert "script-src 'unsafe" not in policy


@pytest.mark.parametrize("file", sorted(ASSETS))
async def test_every_asset_is_there_packed_or_not(http: httpx.AsyncClient, file: str) -> None:
    packed = await http.get(f"/assets/{file}")
    plain = await http.get(f"/assets/{file}", headers={"accept-encoding": "identity"})
    assert packed.content == plain.content
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-type"].partition(";")[0] == ASSETS[file]
    assert "max-age" in packed.headers["cache-control"]


async def test_only_assets_are_served(http: httpx.AsyncClient) -> None:
    for path in ("README.md", "..%2fapp.py", "%2e%2e/app.py", "home.html"):
        assert (await http.get(f"/assets/{path}")).status_code == 404
    assert (STATIC / "README.md").exists()
