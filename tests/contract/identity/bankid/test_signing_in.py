"""People found by BankID, the same over memory and PostgreSQL."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from application.identity.bankid.set_out import (
    BeginBankIdLink,
    BeginBankIdLinkCommand,
)
from domain.identity.bankid import Assurance, BankIdClaims
from domain.identity.bankid_attempt import BankIdAttempt, digest
from domain.identity.errors import AccountNotActiveError
from domain.identity.errors_bankid import (
    BankIdCancelledError,
    BankIdStateInvalidError,
    BankIdStateUsedError,
)
from domain.identity.session import Ended, Method
from domain.shared.secret import Secret
from tests.support.bankid_town import ANNA, Town, bo


async def test_the_first_sign_in_makes_a_person_with_everything_that_bankid_told(
    town: Town,
) -> None:
    came = await town.signs_in()

    async with town.world.begin(came.user_id) as tx:
        person, link = await tx.people.get(came.user_id), await tx.bankids.present()
        session = await tx.sessions.get(came.session_id)
    assert (person.name.text, person.email) == ("Anna Verified Berg", None)
    assert session.methods == {Method.BANKID}
    assert link is not None
    assert link.number is not None
    assert (link.number.text, link.born_on) == ("01010150740", date(2001, 1, 1))
    assert link.name == person.name
    assert (link.assurance, link.method, link.issuer) == (Assurance.HIGH, "BID", ANNA.issuer)
    assert link.verified_at == link.linked_at == town.world.clock.now()


@pytest.mark.parametrize(
    "later",
    [
        ANNA,
        replace(ANNA, number=None),
        replace(ANNA, number=None, stable=None),
        replace(ANNA, subject="of another client", stable=None),
        replace(ANNA, issuer="https://another.example.org"),
        replace(ANNA, number="30108299939", birth_date=date(1982, 10, 30)),
    ],
)
async def test_whoever_comes_again_is_found(town: Town, later: BankIdClaims) -> None:
    first = await town.signs_in()

    assert (await town.signs_in(later)).user_id == first.user_id


async def test_a_number_that_comes_later_leads_to_the_same_person(town: Town) -> None:
    first = await town.signs_in(replace(ANNA, number=None, birth_date=date(2001, 1, 1)))
    town.world.clock.forward(days=1)
    await town.signs_in(ANNA)
    elsewhere = replace(ANNA, issuer="https://another.example.org", stable=None, subject="x")

    assert (await town.signs_in(elsewhere)).user_id == first.user_id
    async with town.world.begin(first.user_id) as tx:
        link = await tx.bankids.present()
    assert link is not None
    assert link.number is not None
    assert link.verified_at > link.linked_at


async def test_the_number_decides_when_names_lead_to_two_people(town: Town) -> None:
    anna = await town.signs_in(ANNA)
    nameless = BankIdClaims(
        issuer="https://broker.example.org",
        subject="nobody knows",
        birth_date=date(2001, 1, 1),
        assurance=Assurance.HIGH,
        method="BID",
    )
    other = await town.signs_in(nameless)
    assert other.user_id != anna.user_id

    assert (await town.signs_in(replace(nameless, number=ANNA.number))).user_id == anna.user_id
    assert (await town.signs_in(nameless)).user_id == other.user_id, "and takes nobody's name away"


async def test_a_banned_person_does_not_get_in_with_bankid_either(town: Town) -> None:
    came = await town.signs_in()
    async with town.world.begin(came.user_id) as tx:
        await tx.people.save((await tx.people.hold(came.user_id)).banned())
        await tx.sessions.end_all(Ended.BANNED, town.world.clock.now())
        await tx.commit()

    with pytest.raises(AccountNotActiveError):
        await town.signs_in()


async def test_an_attempt_works_once_and_only_in_its_browser(town: Town) -> None:
    sent = await town.leaves()
    mine = town.bankid.left[-1].state
    other = await town.leaves()

    with pytest.raises(BankIdStateInvalidError):
        await town.comes_back(other, mine)
    with pytest.raises(BankIdStateInvalidError):
        await town.comes_back(sent, Secret("made up"))
    with pytest.raises(BankIdCancelledError):
        await town.comes_back(other, error="access_denied")
    with pytest.raises(BankIdStateUsedError):
        await town.comes_back(other)


async def test_what_goes_in_comes_out_whole(town: Town) -> None:
    caller = await bo(town)
    await BeginBankIdLink(town.leaving)(BeginBankIdLinkCommand(caller))
    state = digest(town.bankid.left[-1].state)

    async with town.begin_attempts() as tx:
        attempt = await tx.attempts.get(state)
    assert attempt is not None
    assert attempt.links is not None
    assert (attempt.links.user_id, attempt.links.session_id) == (
        caller.user_id,
        caller.session_id,
    )
    assert attempt.expires_at - attempt.issued_at == timedelta(minutes=10)


async def test_attempts_are_forgotten_a_day_after_they_ran_out(town: Town) -> None:
    await town.leaves()
    state = digest(town.bankid.left[-1].state)

    async def kept() -> BankIdAttempt | None:
        async with town.begin_attempts() as tx:
            return await tx.attempts.get(state)

    town.world.clock.forward(days=1)
    await town.leaves()
    assert await kept() is not None
    town.world.clock.forward(minutes=11)
    await town.leaves()
    assert await kept() is None
