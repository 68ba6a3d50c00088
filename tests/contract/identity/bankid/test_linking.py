"""Accounts that BankID opens from now on, or no longer."""

from dataclasses import replace

import pytest

from adapters.passwords.common import CommonPasswords
from application.identity.passwords.choosing import ChoosePassword
from application.identity.passwords.new_password import NewPassword
from application.identity.passwords.set_password import SetPassword, SetPasswordCommand
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_bankid import (
    BankIdNotLinkedError,
    BankIdTakenError,
    LastWayInError,
)
from domain.identity.totp import Totp, TotpId
from domain.shared.secret import Secret
from tests.support.bankid_town import BERIT, Town, bo, fresh


async def test_a_person_links_their_bankid_and_links_it_again(town: Town) -> None:
    caller = await bo(town)

    first = await town.links(caller)
    again = await town.links(caller)

    assert first.linked
    assert again == first
    assert (await town.signs_in()).user_id == caller.user_id


async def test_somebody_elses_bankid_stays_theirs(town: Town) -> None:
    anna = await town.signs_in()
    caller = await bo(town)

    with pytest.raises(BankIdTakenError):
        await town.links(caller)

    assert (await town.signs_in()).user_id == anna.user_id
    async with town.world.begin(caller.user_id) as tx:
        assert await tx.bankids.present() is None


async def test_unlinking_forgets_the_person_and_frees_the_bankid(town: Town) -> None:
    caller = await bo(town)
    await town.links(caller)
    await town.unlinks(caller)

    with pytest.raises(BankIdNotLinkedError):
        await town.unlinks(caller)
    assert (await town.signs_in()).user_id != caller.user_id
    linked = await town.links(caller, BERIT)
    assert linked.linked


async def test_unlinking_signs_other_devices_out(town: Town) -> None:
    caller = await bo(town)
    await town.links(caller)
    other = await town.signs_in()
    await town.unlinks(caller)

    async with town.world.begin(caller.user_id) as tx:
        living = [session.id for session in await tx.sessions.living(town.world.clock.now())]
    assert caller.session_id in living
    assert other.session_id not in living


async def test_who_has_a_second_factor_links_only_in_a_session_that_showed_it(town: Town) -> None:
    caller = await bo(town)
    world, now = town.world, town.world.clock.now()
    totp = Totp.begin(TotpId(world.ids.one()), caller.user_id, world.chance.token(), now)
    async with world.begin(caller.user_id) as tx:
        await tx.totps.put(replace(totp, confirmed_at=now, last_step=1))
        await tx.commit()

    with pytest.raises(StepUpRequiredError):
        await town.links(caller)

    async with world.begin(caller.user_id) as tx:
        assert await tx.bankids.present() is None


async def test_the_last_way_in_stays(town: Town) -> None:
    anna = await town.signs_in()

    with pytest.raises(LastWayInError):
        await town.unlinks(fresh(anna))

    assert (await town.signs_in()).user_id == anna.user_id


async def test_a_password_without_an_address_is_no_way_in(town: Town) -> None:
    anna = await town.signs_in()
    world = town.world
    chosen = NewPassword(world.begin, ChoosePassword(CommonPasswords()), world.hasher, world.ids)
    await SetPassword(world.begin, chosen, world.clock)(
        SetPasswordCommand(fresh(anna), Secret("nine quiet words of hers"))
    )

    with pytest.raises(LastWayInError):
        await town.unlinks(fresh(anna))

    assert (await town.signs_in()).user_id == anna.user_id
