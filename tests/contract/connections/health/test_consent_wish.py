"""At a consent's end the bank is asked what that means, and the history says that this was why."""

from dataclasses import replace
from datetime import timedelta

from application.connections.consent.jobs import LookAtConsentJob
from application.connections.consent.look_at import Look, LookAtConsent
from application.connections.jobs import KeepInStepJob
from application.connections.keep_in_step import KeepInStep, Step
from application.connections.sync_connection import SyncOutcome
from domain.connections.wishes import SyncReason
from tests.contract.connections.health.conftest import ANNA, World


async def test_a_run_at_the_end_of_a_consent_was_for_the_consent(world: World) -> None:
    linked = await world.connected()
    async with world.begin(ANNA) as tx:
        connection = await tx.connections.get(linked.id)
        ends = replace(connection, consent_expires_at=world.clock.now() + timedelta(hours=1))
        await tx.connections.save(ends)
        look = LookAtConsentJob(user_id=ANNA, connection_id=linked.id)
        await tx.jobs.enqueue(look)
        await tx.commit()
    world.clock.forward(hours=2)

    claimed = await world.claim(LookAtConsentJob.name)
    assert await LookAtConsent(world.begin, world.clock)(look, claimed.lease) is Look.ASKED
    claimed = await world.claim(KeepInStepJob.name)
    step = KeepInStepJob(user_id=ANNA, connection_id=linked.id)
    assert await KeepInStep(world.begin, world.clock)(step, claimed.lease) is Step.SYNC
    assert (await world.run()).outcome is SyncOutcome.SYNCED

    assert [run.reason for run in await world.runs(linked)] == [SyncReason.CONSENT]
    assert await world.looks(linked) == 1, "which counts, as every doubtful one does"
