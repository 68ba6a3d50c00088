"""Where everybody needs two factors, a token that says so costs no look at its session."""

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from tests.http.shell.support import OPTIONS, SIGNED_IN, client, shell

BOTH = {"authorization": "Bearer signed-out-twice-proved"}


@pytest.fixture
async def strict() -> AsyncIterator[httpx.AsyncClient]:
    async with client(shell(replace(OPTIONS, require_second_factor=True))) as http:
        yield http


async def test_one_factor_is_refused_before_the_body_is_read(strict: httpx.AsyncClient) -> None:
    for method, content in (("GET", None), ("POST", "{")):
        answer = await strict.request(method, "/api/v1/orders", headers=SIGNED_IN, content=content)
        assert (answer.status_code, answer.json()["error"]) == (403, "second_factor_required")


async def test_a_read_that_checks_its_session_itself_pays_for_nothing(
    strict: httpx.AsyncClient,
) -> None:
    """The session has ended, and nobody asked: a real read's own statement finds out."""
    assert (await strict.get("/api/v1/orders", headers=BOTH)).status_code == 200


async def test_a_key_counts_as_the_session_it_was_made_in(strict: httpx.AsyncClient) -> None:
    key = {"authorization": "Bearer dk_ledger-read"}
    answer = await strict.get("/api/v1/orders", headers=key)
    assert (answer.status_code, answer.json()["error"]) == (403, "second_factor_required")


async def test_where_one_is_enough_nobody_is_asked(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/orders", headers=SIGNED_IN)).status_code == 200
