import asyncio

import httpx
from typing_extensions import override

from tests.http.shell.support import FakeCheck, client, shell


class Stuck(FakeCheck):
    @override
    async def probe(self) -> None:
        await asyncio.sleep(60)


async def ready(*checks: FakeCheck) -> httpx.Response:
    async with client(shell(checks=checks)) as http:
        return await http.get("/health/ready")


async def test_ready_when_everything_answers() -> None:
    answer = await ready(FakeCheck(), FakeCheck(word="queue"))
    assert answer.status_code == 200
    assert [(c["name"], c["ok"]) for c in answer.json()["checks"]] == [
        ("database", True),
        ("queue", True),
    ]
    assert answer.json()["checks"][0]["latency_ms"] >= 0


async def test_not_ready_when_one_fails_and_its_reason_stays_inside() -> None:
    answer = await ready(FakeCheck(), FakeCheck(OSError("canary at 10.0.0.3"), "queue"))
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert [(d["field"], d["error"]) for d in answer.json()["details"]] == [
        ("database", "ok"),
        ("queue", "failing"),
    ]
    assert "canary" not in answer.text


async def test_a_check_that_hangs_fails_after_a_second() -> None:
    answer = await ready(Stuck())
    assert answer.json()["details"][0]["error"] == "failing"


async def test_startup_is_told_once_it_happened() -> None:
    app = shell()
    async with client(app) as http:
        assert (await http.get("/health/startup")).status_code == 503
        async with app.litestar.lifespan():
            assert (await http.get("/health/startup")).status_code == 200
        assert (await http.get("/health/live")).json() == {"status": "ok", "checks": []}
