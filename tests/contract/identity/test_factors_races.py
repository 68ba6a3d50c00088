"""Second factors, where only a database can referee."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from adapters.postgres.database import Database
from application.identity.signing_in.finish_sign_in import (
    FinishWithRecoveryCode,
    FinishWithRecoveryCodeCommand,
    FinishWithTotp,
    FinishWithTotpCommand,
)
from application.identity.signing_in.step_up import SteppedUp
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import SessionEndedError, SignInLockedError
from domain.identity.errors_factors import (
    ChallengeOverError,
    CodeWrongError,
    TotpNotBegunError,
)
from domain.identity.lockout import LockoutRules, Rule
from domain.shared.secret import Secret
from tests.contract.identity.test_races import all_rows, together
from tests.support.factors import Anna, anna_of
from tests.support.identity import PHONE, World
from tests.support.postgres import CleanDatabase

pytestmark = pytest.mark.postgres

PATIENT: Final = LockoutRules(
    Rule(1000, timedelta(hours=1), all_at_once=True),
    Rule(1000, timedelta(hours=1), all_at_once=False),
)
"""So that it is the code, and not the guard, that lets only one through."""


@pytest.fixture
def world(postgres: World) -> World:
    return postgres


@pytest.fixture
async def anna(world: World) -> Anna:
    anna = await anna_of(world)
    await anna.sets_up_totp()
    return anna


def finishing(world: World) -> FinishWithTotp:
    guard = replace(world.guard, rules=PATIENT)
    return FinishWithTotp(replace(world.challenges, guard=guard))


async def test_of_twenty_equal_codes_one_gets_in(
    world: World, anna: Anna, clean_database: CleanDatabase
) -> None:
    """Twenty sign-ins, one code."""
    asked = [await anna.is_asked() for _ in range(20)]
    finish, code = finishing(world), anna.code()

    answers = await together(
        *(finish(FinishWithTotpCommand(one.challenge, code, PHONE)) for one in asked)
    )

    assert Counter(map(type, answers)) == {SignedIn: 1, CodeWrongError: 19}
    assert len(await all_rows(clean_database, "select 1 from sessions")) == 2


async def test_of_twenty_who_finish_one_sign_in_one_gets_a_session(
    world: World, anna: Anna, clean_database: CleanDatabase
) -> None:
    asked = await anna.is_asked()
    finish, code = finishing(world), anna.code()

    answers = await together(
        *(finish(FinishWithTotpCommand(asked.challenge, code, PHONE)) for _ in range(20))
    )

    assert Counter(map(type, answers)) == {SignedIn: 1, ChallengeOverError: 19}
    assert len(await all_rows(clean_database, "select 1 from sessions")) == 2


async def test_of_twenty_equal_recovery_codes_one_gets_in(world: World, anna: Anna) -> None:
    asked = [await anna.is_asked() for _ in range(20)]
    finish = FinishWithRecoveryCode(finishing(world).challenges)

    answers = await together(
        *(
            finish(FinishWithRecoveryCodeCommand(one.challenge, anna.codes[0], PHONE))
            for one in asked
        )
    )

    assert Counter(map(type, answers)) == {SignedIn: 1, CodeWrongError: 19}
    assert (await anna.sees()).recovery_codes_left == 9


async def test_signing_in_and_stepping_up_share_the_code(world: World, anna: Anna) -> None:
    asked = await anna.is_asked()
    code = anna.code()

    answers = await together(
        finishing(world)(FinishWithTotpCommand(asked.challenge, code, PHONE)),
        *(anna.steps_up(code=code) for _ in range(3)),
    )

    won = [a for a in answers if isinstance(a, SignedIn | SteppedUp)]
    assert len(won) == 1
    # Who stepped up first ended the session in which the others wanted to.
    refused = {type(a) for a in answers if a not in won}
    assert refused <= {CodeWrongError, SessionEndedError}


async def test_guessing_at_once_gives_no_more_than_five_looks(
    anna: Anna, clean_database: CleanDatabase
) -> None:
    asked = [await anna.is_asked() for _ in range(30)]

    answers = await together(*(anna.shows_code(a.challenge, anna.wrong_code()) for a in asked))

    assert Counter(map(type, answers)) == {CodeWrongError: 5, SignInLockedError: 25}
    misses = await all_rows(clean_database, "select 1 from sign_in_challenges where misses > 0")
    assert len(misses) == 5


async def test_of_eight_who_confirm_one_is_given_the_codes(
    world: World, clean_database: CleanDatabase
) -> None:
    anna = await anna_of(world)
    await anna.begins_totp()

    answers = await together(*(anna.confirms(anna.code()) for _ in range(8)))

    assert Counter(map(type, answers))[TotpNotBegunError] == 7
    assert (await anna.sees()).recovery_codes_left == 10
    asked = await anna.is_asked()
    await anna.shows_recovery_code(asked.challenge, anna.codes[0])
    assert len(await all_rows(clean_database, "select 1 from recovery_codes")) == 10


async def test_of_many_setups_the_last_one_counts(
    world: World, clean_database: CleanDatabase
) -> None:
    anna = await anna_of(world)

    answers = await together(*(anna.begins_totp() for _ in range(8)))

    assert not [a for a in answers if isinstance(a, Exception)]
    assert len(await all_rows(clean_database, "select 1 from totps")) == 1


async def test_of_two_who_make_new_codes_the_later_ones_count(anna: Anna) -> None:
    made = await together(*(anna.makes_codes() for _ in range(4)))

    assert not [codes for codes in made if isinstance(codes, Exception)]
    assert (await anna.sees()).recovery_codes_left == 10


async def test_what_is_kept_of_factors_gives_nothing_away(
    anna: Anna, clean_database: CleanDatabase
) -> None:
    asked = await anna.is_asked()
    assert anna.app is not None
    dump = ""
    for table in ("totps", "recovery_codes", "sign_in_challenges", "audit_log", "jobs"):
        rows = await all_rows(clean_database, f"select t::text from {table} t")  # noqa: S608 - names above
        dump += "".join(row[0] for row in rows)

    secrets = [anna.app, asked.challenge, *anna.codes, Secret(PHONE.device), Secret("192.0.2.7")]
    for secret in secrets:
        for spelled in (secret.reveal(), secret.reveal().replace("-", "")):
            assert spelled not in dump
            assert spelled.encode().hex() not in dump


@pytest.mark.usefixtures("anna")
async def test_nobody_sees_anybodys_factors(database: Database) -> None:
    for table in ("totps", "recovery_codes"):
        assert await database.reads.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - names above


async def test_challenges_that_ran_out_do_not_pile_up(
    world: World, anna: Anna, clean_database: CleanDatabase
) -> None:
    for _ in range(12):
        await anna.is_asked()
    world.clock.forward(days=1, minutes=6)
    for _ in range(2):
        await anna.is_asked()

    assert len(await all_rows(clean_database, "select 1 from sign_in_challenges")) == 2
