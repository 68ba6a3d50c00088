"""What only PostgreSQL can show of the lockout: races, statements, and what lies in its rows."""

import asyncio

import pytest

from adapters.postgres.database import Database
from application.identity.signing_in.guard import Attempt, Outcome
from domain.identity.email import EmailAddress
from domain.identity.errors import BadCredentialsError, SignInLockedError
from domain.identity.session import Origin
from domain.shared.secret import Secret
from tests.contract.identity.test_races import all_rows, together
from tests.support.identity import EMAIL, PHONE, World
from tests.support.postgres import CleanDatabase
from tests.support.statements import statements

pytestmark = pytest.mark.postgres

WRONG = Secret("five wrong words are here")


@pytest.fixture
def world(postgres: World) -> World:
    return postgres


def of_kind(answers: list[object], kind: type) -> int:
    return sum(type(answer) is kind for answer in answers)


async def test_a_hundred_guesses_from_as_many_addresses_at_once_get_twenty_tries(
    world: World,
) -> None:
    await world.registers()

    answers = await together(
        *(world.tries(password=WRONG, origin=Origin("x", f"10.0.0.{n}")) for n in range(100))
    )

    assert of_kind(answers, BadCredentialsError) == 20
    assert of_kind(answers, SignInLockedError) == 80


async def test_tries_that_end_while_others_begin_lose_no_count(
    world: World, clean_database: CleanDatabase
) -> None:
    """Clearing, giving back and counting meet on the same rows, in every order."""
    guard, attempt = world.guard, Attempt.to_sign_in(EmailAddress(EMAIL), "192.0.2.1")

    async def one(outcome: Outcome) -> None:
        for _ in range(10):
            try:
                admitted = await guard.admit(attempt)
            except SignInLockedError:
                continue
            await guard.settle(admitted, outcome)

    outcomes = [Outcome.RIGHT, Outcome.UNDECIDED] * 8
    assert await together(*(one(outcome) for outcome in outcomes)) == [None] * 16

    rows = await all_rows(clean_database, "select cardinality(tries) as n from guarded_counts")
    assert sum(row["n"] for row in rows) == 0, "whatever was given back is gone"


async def test_wrong_guesses_stay_counted_while_right_ones_clear_their_address(
    world: World, clean_database: CleanDatabase
) -> None:
    guard, email = world.guard, EmailAddress(EMAIL)

    async def fails(number: int) -> None:
        await guard.admit(Attempt.to_sign_in(email, f"10.0.0.{number}"))

    async def succeeds() -> None:
        mine = Attempt.to_sign_in(email, "192.0.2.1")
        await guard.settle(await guard.admit(mine), Outcome.RIGHT)

    await together(*(fails(n) for n in range(8)), *(succeeds() for _ in range(8)))

    rows = await all_rows(clean_database, "select cardinality(tries) as n from guarded_counts")
    assert sorted(row["n"] for row in rows) == [1] * 8 + [8]


async def test_accounts_are_counted_without_waiting_in_a_ring(world: World) -> None:
    """Many accounts from few addresses: rows are locked in one order, so nobody deadlocks."""
    attempts = [
        Attempt.to_sign_in(EmailAddress(f"{n % 5}@example.no"), f"10.0.0.{n % 3}")
        for n in range(60)
    ]

    answers = await together(*(world.guard.admit(attempt) for attempt in attempts))

    assert {type(answer).__name__ for answer in answers} <= {"Admitted", "SignInLockedError"}


async def test_a_known_and_an_unknown_address_cost_the_same_statements_and_commits(
    world: World, database: Database, clean_database: CleanDatabase
) -> None:
    """Instead of a stopwatch: what is done is the same, statement by statement."""
    await world.registers()
    seen = []
    for email in (EMAIL, "nobody@example.no"):
        told = []
        for _ in range(6):
            with (
                statements(database.engine) as ran,
                pytest.raises((BadCredentialsError, SignInLockedError)) as refused,
            ):
                await world.tries(email, WRONG)
            told.append((str(refused.value), ran))
        seen.append(told)

    known, unknown = seen
    assert known == unknown
    # Each try is counted, and what it came to is written down; what comes when locked is neither.
    assert [done.count("COMMIT") for _, done in known] == [2, 2, 2, 2, 2, 0]
    chains = await all_rows(clean_database, "select user_id from audit_heads")
    assert len(chains) == 1, "nothing is kept of who does not exist"


async def test_counts_that_ran_out_do_not_pile_up(
    world: World, clean_database: CleanDatabase
) -> None:
    for number in range(8):
        await world.guard.admit(Attempt.to_sign_in(EmailAddress(f"{number}@a.no"), "192.0.2.1"))
    world.clock.forward(hours=2)

    for number in range(2):
        await world.guard.admit(Attempt.to_sign_in(EmailAddress(EMAIL), f"10.0.0.{number}"))

    assert len(await all_rows(clean_database, "select 1 from guarded_counts")) == 3


async def test_what_is_counted_names_nobody(world: World, clean_database: CleanDatabase) -> None:
    await world.registers()
    opened = await world.logs_in()
    await asyncio.gather(*(world.tries(password=WRONG) for _ in range(3)), return_exceptions=True)
    assert opened.device_token is not None

    rows = await all_rows(
        clean_database,
        "select g::text from guarded_counts g union all select d::text from known_devices d",
    )
    assert len(rows) == 3
    kept = "".join(row[0] for row in rows)
    for secret in (EMAIL, str(PHONE.address), opened.device_token.reveal()):
        assert secret not in kept
        assert secret.encode().hex() not in kept
    counts = await all_rows(clean_database, "select g::text from guarded_counts g")
    assert str(opened.user_id) not in "".join(row[0] for row in counts)
