"""What becomes of a connection by each code: from the wire, through the adapter, to the person."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest

from adapters.outbound.remedy import Remedy
from application.connections.gateway import BankGateway
from application.connections.jobs import SyncConnectionJob
from application.shared.jobs import JobState
from domain.connections.connection import Connection, ConnectionStatus
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.providers import codes_plaid, codes_tink, test_plaid, test_tink
from tests.providers.codes_plaid import Case
from tests.providers.outcomes import OUTCOMES
from tests.providers.server import Answer, Asked, Respond, Server, a_server, in_turn, told
from tests.providers.support import a_plaid, a_tink, plaid_settings, tink_settings
from tests.providers.test_codes_tink import REFUSALS, Refused
from tests.providers.test_tink import Tink, a_consent
from tests.unit.connections.world import ANNA, World

RESTARTS_MAX: Final = 5


@dataclass(slots=True)
class Scene:
    """A connection whose provider answers as a test says, and the job that reads it."""

    world: World
    server: Server
    connection: Connection

    async def sync(self) -> DalerError | None:
        """One run of the job; a failure gives it back, as a worker would."""
        (claimed,) = await self.world.board.claim(1)
        try:
            await self.world.run(claimed)
        except DalerError as error:
            await self.world.board.retry(claimed.lease, self.world.clock.now(), error.code)
            return error
        return None

    @property
    def present(self) -> Connection:
        return self.world.connection(self.connection.id)

    @property
    def calls(self) -> int:
        return len(self.server.asked)


async def a_scene(gateway: BankGateway, server: Server, access: Secret) -> Scene:
    world = World()
    connection = await world.link()
    async with world.begin(ANNA) as tx:
        await tx.accesses.put(connection.id, access)
        await tx.commit()
    world.gateway = gateway
    return Scene(world, server, connection)


@asynccontextmanager
async def at_plaid(respond: Respond) -> AsyncIterator[Scene]:
    async with a_server(respond) as server, a_plaid(plaid_settings(server.url)) as gateway:
        yield await a_scene(gateway, server, test_plaid.ACCESS)


@asynccontextmanager
async def at_tink(bank: Tink) -> AsyncIterator[Scene]:
    async with a_server(bank) as server, a_tink(tink_settings(server.url)) as gateway:
        yield await a_scene(gateway, server, test_tink.ACCESS)


async def ensure_outcome(scene: Scene, remedy: Remedy, wait_s: float | None = None) -> None:
    wanted = OUTCOMES[remedy]

    error = await scene.sync()

    found = scene.present
    assert (found.status, found.last_error) == (wanted.status, wanted.error)
    assert (scene.connection.id in scene.world.accesses) is wanted.access_kept
    jobs = scene.world.jobs(SyncConnectionJob)
    match wanted.tried_again:
        case "never":
            assert jobs == []
            calls = scene.calls
            scene.world.clock.forward(days=2)
            with suppress(DalerError):
                await scene.world.work()
            assert scene.calls == calls, "nobody asks before the person has acted"
        case "within seconds":
            assert error is None
            assert len(jobs) == 1
            assert jobs[0].run_at - scene.world.clock.now() < timedelta(seconds=10)
        case "with back-off":
            assert error is not None
            assert error.code == wanted.error
            assert [one.state for one in jobs] == [JobState.READY]
            assert (getattr(error, "retry_after_s", None) or 0) >= (wait_s or 0)
        case _:
            assert jobs == []
            assert found.synced_at is not None


READ_BY_PLAID: Final = [case for case in codes_plaid.ALL if case.remedy is not Remedy.LINK_AGAIN]


@pytest.mark.parametrize("case", READ_BY_PLAID, ids=str)
async def test_what_becomes_of_a_connection_by_each_code_of_plaids(case: Case) -> None:
    async with at_plaid(in_turn(case.answer)) as scene:
        await ensure_outcome(scene, case.remedy, case.wait_s)


@pytest.mark.parametrize("status", codes_tink.STATUSES)
async def test_what_becomes_of_a_connection_by_each_state_of_a_consent(status: str) -> None:
    async with at_tink(Tink(consents=[a_consent(status=status)])) as scene:
        await ensure_outcome(scene, codes_tink.STATUSES[status])


@pytest.mark.parametrize("reason", codes_tink.ALL_REASONS, ids=str)
@pytest.mark.parametrize("status", ["AUTHENTICATION_ERROR", "TEMPORARY_ERROR", "PERMANENT_ERROR"])
async def test_what_becomes_of_a_connection_by_each_reason(
    status: str, reason: codes_tink.Reason
) -> None:
    error = reason.error(retryable=True)
    async with at_tink(Tink(consents=[a_consent(status=status, detailedError=error)])) as scene:
        await ensure_outcome(scene, codes_tink.remedy_of(status, reason, retryable=True))


READ_BY_TINK: Final = [
    one for one in REFUSALS if not one.path.endswith(("create", "delegate", "c1"))
]


def meeting(refused: Refused) -> Callable[[Asked], Answer | None]:
    def instead(asked: Asked) -> Answer | None:
        if refused.meets(asked):
            return told({"errorCode": "a.code"}, refused.status)
        paged = "?" in refused.call and asked.path == refused.path
        return told(test_tink.shape("accounts") | {"nextPageToken": "p2"}) if paged else None

    return instead


@pytest.mark.parametrize(
    "refused", READ_BY_TINK, ids=[f"{one.call} {one.status}" for one in READ_BY_TINK]
)
async def test_what_becomes_of_a_connection_by_each_refusal_of_tinks(refused: Refused) -> None:
    async with at_tink(Tink(instead=meeting(refused))) as scene:
        await ensure_outcome(scene, refused.remedy)


PLAIDS_PAGE: Final = (test_plaid.SHAPES / "transactions-sync.json").read_bytes()
MUTATION: Final = next(one for one in codes_plaid.CONDITIONS if one.remedy is Remedy.BEGIN_AFRESH)


async def test_plaids_changes_of_mind_are_followed_with_a_bound() -> None:
    """It changes under the second page, again and again: five beginnings, then a pause."""
    first = told(test_plaid.EMPTY | {"has_more": True})

    def respond(asked: Asked) -> Answer:
        return MUTATION.answer if asked.json.get("cursor") == "c-1" else first

    async with at_plaid(respond) as scene:
        await ensure_outcome(scene, Remedy.BEGIN_AFRESH, 300)

        asked = [one.json.get("cursor") for one in scene.server.asked]
        assert asked == [None, "c-1"] * RESTARTS_MAX, "from where the last whole update ended"
        assert scene.world.updates_kept() == 0, "nothing of what was void is left"


async def test_plaids_one_change_of_mind_costs_nobody_anything() -> None:
    async with at_plaid(in_turn(MUTATION.answer, Answer(body=PLAIDS_PAGE))) as scene:
        assert await scene.sync() is None
        assert scene.present.synced_at is not None
        assert scene.calls == 2


async def test_a_bank_that_recovers_needs_nobody() -> None:
    """Down, or asked too often: the next run that goes well is all it takes."""
    passing = {Remedy.RETRY, Remedy.SLOW_DOWN}
    troubles = [one for one in codes_plaid.ALL if one.remedy in passing and one.status < 500]
    answers = [one.answer for one in troubles]
    async with at_plaid(in_turn(*answers, Answer(body=PLAIDS_PAGE))) as scene:
        for _ in troubles:
            assert await scene.sync() is not None
        assert await scene.sync() is None
        assert (scene.present.status, scene.present.last_error) == (ConnectionStatus.ACTIVE, None)
        assert scene.world.audited().count("connections.sync_failed") == 1, "one outage, one line"
