"""What only a database can referee about passkeys, and what it must not give away."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from adapters.postgres.database import Database
from application.identity.signing_in.tokens import SignedIn
from domain.identity.errors import StepUpRequiredError
from domain.identity.errors_bankid import LastWayInError
from domain.identity.errors_passkeys import (
    PasskeyChallengeError,
    PasskeyClonedError,
    PasskeyKnownError,
    PasskeyNotFoundError,
    TooManyPasskeysError,
)
from domain.identity.passkey import PASSKEYS_MAX
from tests.contract.identity.test_races import all_rows, together
from tests.support.authenticator import Authenticator, Passkey, lying
from tests.support.identity import World
from tests.support.passkeys import PasskeyWorld, asked
from tests.support.postgres import CleanDatabase

pytestmark = pytest.mark.postgres


@pytest.fixture
def world(postgres: World) -> World:
    return postgres


def counted(answers: list[Any], kind: type) -> int:
    return [type(answer) for answer in answers].count(kind)


async def test_of_twenty_answers_to_one_challenge_one_opens_a_session(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: Passkey
) -> None:
    options = await passkeys.is_asked()
    shown = phone.signs(key, asked(options))

    answers = await together(*(passkeys.shows(options.challenge, shown) for _ in range(20)))

    assert counted(answers, SignedIn) == 1
    assert counted(answers, PasskeyChallengeError) == 19
    assert await passkeys.living(anna.user_id) == 2


async def test_of_twenty_answers_to_one_registration_one_is_kept(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    options = await passkeys.starts(anna)
    _, presented = phone.makes(asked(options), options.user_handle)

    answers = await together(*(passkeys.adds(anna, presented) for _ in range(20)))

    assert counted(answers, PasskeyChallengeError) == 19
    assert len(await passkeys.lists(anna)) == 1


async def test_of_many_who_show_the_same_count_one_gets_in(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: Passkey
) -> None:
    """A copy of the device answers challenges of its own, at the same moment."""
    requests = [await passkeys.is_asked() for _ in range(8)]
    shown = [phone.signs(key, asked(one), lying(sign_count=7)) for one in requests]

    answers = await together(
        *(
            passkeys.shows(one.challenge, answer)
            for one, answer in zip(requests, shown, strict=True)
        )
    )

    assert counted(answers, SignedIn) == 1
    assert counted(answers, PasskeyClonedError) == 7
    assert (await passkeys.acts(anna.user_id)).count("identity.passkey_cloned") == 7


async def test_of_two_who_register_one_key_pair_one_gets_it(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, clean_database: CleanDatabase
) -> None:
    await passkeys.identity.registers("bjorn@example.no", name="Bjorn Dal")
    bjorn = await passkeys.identity.logs_in("bjorn@example.no")
    same = lying(credential_id=b"same" * 8, attested_id=b"same" * 8)
    trying: list[Awaitable[Any]] = []
    for person in (anna, bjorn) * 4:
        options = await passkeys.starts(person)
        _, presented = phone.makes(asked(options), options.user_handle, lies=same)
        trying.append(passkeys.adds(person, presented))

    answers = await together(*trying)

    assert counted(answers, PasskeyKnownError) == 7
    for table in ("passkeys", "passkey_directory"):
        assert len(await all_rows(clean_database, f"select 1 from {table}")) == 1  # noqa: S608 - names above


async def test_nobody_hurries_past_twenty(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    trying: list[Awaitable[Any]] = []
    for _ in range(PASSKEYS_MAX + 5):
        options = await passkeys.starts(anna)
        _, presented = phone.makes(asked(options), options.user_handle)
        trying.append(passkeys.adds(anna, presented))

    answers = await together(*trying)

    assert counted(answers, TooManyPasskeysError) == 5
    assert len(await passkeys.lists(anna)) == PASSKEYS_MAX


async def test_of_two_last_ways_in_one_stays_however_hurried(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator
) -> None:
    passkeys.rules = type(passkeys.rules)(passwords=False)
    views = [(await passkeys.registers(anna, phone))[1] for _ in range(2)]

    answers = await together(*(passkeys.removes(anna, view.id) for view in views * 3))

    assert counted(answers, type(None)) == 1
    assert {type(answer) for answer in answers} <= {
        type(None),
        LastWayInError,
        PasskeyNotFoundError,
    }
    assert len(await passkeys.lists(anna)) == 1


async def test_the_first_options_at_once_give_one_handle(
    passkeys: PasskeyWorld, anna: SignedIn, clean_database: CleanDatabase
) -> None:
    found = await asyncio.gather(*(passkeys.starts(anna) for _ in range(10)))

    assert len({options.user_handle for options in found}) == 1
    assert len(await all_rows(clean_database, "select 1 from passkey_handles")) == 1


async def test_signing_in_and_removing_do_not_wait_in_a_circle(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, key: Passkey
) -> None:
    [view] = await passkeys.lists(anna)
    trying: list[Awaitable[Any]] = [passkeys.removes(anna, view.id)]
    for _ in range(10):
        options = await passkeys.is_asked()
        trying.append(passkeys.shows(options.challenge, phone.signs(key, asked(options))))
        trying.append(passkeys.renames(anna, view.id, "Phone"))

    answers = await together(*trying)

    faults = [a for a in answers if isinstance(a, Exception) and not hasattr(a, "code")]
    assert faults == []
    assert await passkeys.lists(anna) == []
    assert await passkeys.living(anna.user_id) == 1, "whoever got in before was signed out"


@pytest.mark.usefixtures("key")
async def test_what_is_kept_says_nothing_in_clear(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, clean_database: CleanDatabase
) -> None:
    """The name is the person's own words; a challenge is as good as a password for its life."""
    await passkeys.registers(anna, phone, "Annas hemmelige telefon")
    options = await passkeys.is_asked()
    dump = ""
    for table in ("passkeys", "passkey_directory", "passkey_challenges", "audit_log", "jobs"):
        rows = await all_rows(clean_database, f"select t::text from {table} t")  # noqa: S608 - names above
        dump += "".join(row[0] for row in rows)

    for secret in ("hemmelige", options.challenge.reveal()):
        assert secret not in dump
        assert secret.encode().hex() not in dump


@pytest.mark.usefixtures("key")
async def test_without_a_person_named_there_are_no_passkeys(database: Database) -> None:
    for table in ("passkeys", "passkey_handles"):
        assert await database.reads.fetchval(f"select count(*) from {table}") == 0  # noqa: S608 - names above


async def test_a_passkey_that_cannot_be_audited_is_not_added(
    passkeys: PasskeyWorld, anna: SignedIn, phone: Authenticator, clean_database: CleanDatabase
) -> None:
    options = await passkeys.starts(anna)
    _, presented = phone.makes(asked(options), options.user_handle)
    await all_rows(clean_database, "revoke insert on audit_log from daler_app")

    [answer] = await together(passkeys.adds(anna, presented))

    assert isinstance(answer, Exception)
    assert not isinstance(answer, StepUpRequiredError)
    for table in ("passkeys", "passkey_directory"):
        assert await all_rows(clean_database, f"select 1 from {table}") == []  # noqa: S608 - names above
