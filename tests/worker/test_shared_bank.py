"""The sandbox bank of a home: one for all its processes, and it outlives each of them."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from entrypoints.composition.sandbox import with_sandbox
from entrypoints.composition.secrets_file import fresh_secrets
from entrypoints.composition.settings import Settings, read_settings
from tests.faults.street import a_free_port
from tests.worker.world import PATIENCE_S


def settings_of(home: Path, **more: str) -> Settings:
    return read_settings({**fresh_secrets(), "DALER_HOME": str(home), **more})


def bank_of(settings: Settings) -> str:
    assert settings.tink is not None
    return settings.tink.api_url


async def answers(address: str) -> bool:
    async with httpx.AsyncClient(trust_env=False) as http:
        try:
            return (await http.get(f"{address}/api/v1/nothing")).status_code < 500
        except httpx.HTTPError:
            return False


async def until_it_answers(address: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not await answers(address):  # noqa: ASYNC110 - a bank sets no event
            await asyncio.sleep(0.02)


async def test_processes_of_one_home_meet_at_one_bank(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with with_sandbox(settings) as one, with_sandbox(settings) as other:
        assert bank_of(one) == bank_of(other)
        assert await answers(bank_of(one))


async def test_another_takes_over_at_the_same_address(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    first, second = AsyncExitStack(), AsyncExitStack()
    address = bank_of(await first.enter_async_context(with_sandbox(settings)))
    await second.enter_async_context(with_sandbox(settings))

    await first.aclose()

    await until_it_answers(address)
    await second.aclose()
    assert not await answers(address)


async def test_a_later_start_finds_the_same_address(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with with_sandbox(settings) as one:
        address = bank_of(one)
    async with with_sandbox(settings) as again:
        assert bank_of(again) == address
        assert await answers(address)


async def test_an_address_that_somebody_else_has_taken_is_given_up(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    async with with_sandbox(settings) as one:
        address = bank_of(one)
    port = int((tmp_path / "sandbox" / "port").read_text())
    squatter = await asyncio.start_server(lambda *_: None, "127.0.0.1", port)
    try:
        async with with_sandbox(settings) as elsewhere:
            assert bank_of(elsewhere) != address
            assert await answers(bank_of(elsewhere))
    finally:
        squatter.close()
        await squatter.wait_closed()


async def test_an_address_that_was_asked_for_is_had_or_missed_aloud(tmp_path: Path) -> None:
    port = a_free_port()
    async with with_sandbox(settings_of(tmp_path, DALER_SANDBOX_PORT=str(port))) as settings:
        assert f":{port}/" in bank_of(settings)
        taken = settings_of(tmp_path / "other", DALER_SANDBOX_PORT=str(port))
        with pytest.raises(OSError, match="in use"):
            await with_sandbox(taken).__aenter__()


async def test_without_a_sandbox_nothing_is_started(tmp_path: Path) -> None:
    async with with_sandbox(settings_of(tmp_path, DALER_SANDBOX="off")) as settings:
        assert settings.tink is None
    assert not (tmp_path / "sandbox").exists()
