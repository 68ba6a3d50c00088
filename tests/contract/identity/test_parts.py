"""Parts of a transaction that leave no trace, over memory and PostgreSQL."""

import pytest

from tests.support.identity import World


@pytest.mark.parametrize("keep", [True, False])
async def test_a_part_is_kept_or_undone_and_the_rest_stays(world: World, *, keep: bool) -> None:
    await world.registers()
    user_id = (await world.logs_in()).user_id
    async with world.begin(user_id) as tx:
        person = await tx.people.hold(user_id)
        async with tx.part(keep=keep):
            await tx.people.save(person.banned())
            await tx.devices.forget_all()
        await tx.audit.record(user_id, "identity.looked_at", {})
        await tx.commit()

    async with world.begin(user_id) as tx:
        now = await tx.people.get(user_id)
    assert (now == person.banned()) is keep
    assert (now == person) is not keep
