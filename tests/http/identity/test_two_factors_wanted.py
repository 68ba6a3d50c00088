"""Where everybody needs two factors: what is left to who has shown one, and the way on."""

from base64 import b32decode
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import NoWakeups
from domain.identity.totp import code_at, step_of
from entrypoints.composition.subscriptions import SUBSCRIPTIONS
from tests.http.house import House, memory_house, postgres_house
from tests.http.person import Json, Person
from tests.http.support import OPTIONS
from tests.support.clock import CountedIds, FixedClock
from tests.support.postgres import CleanDatabase, a_database

STRICT = replace(OPTIONS, require_second_factor=True)
KEY = {"name": "Sheet", "scopes": ["ledger:read"], "expires_in_days": 30}
REFUSED = (403, "second_factor_required")


@pytest.fixture
async def memory(clock: FixedClock, ids: CountedIds) -> AsyncIterator[House]:
    database = MemoryDatabase(clock, ids, SUBSCRIPTIONS)
    async with memory_house(database, clock, ids, STRICT) as house:
        yield house


@pytest.fixture
async def postgres(
    clean_database: CleanDatabase, clock: FixedClock, ids: CountedIds
) -> AsyncIterator[House]:
    url = clean_database.app_url
    async with (
        a_database(url, clock, ids, SUBSCRIPTIONS, NoWakeups()) as database,
        postgres_house(database, clock, ids, STRICT) as house,
    ):
        yield house


async def sets_up(person: Person, clock: FixedClock) -> str:
    """The secret of their authenticator app, whose code has changed since."""
    setup = await person.call("POST", "/me/totp")
    assert setup.status_code == 201, setup.text
    secret: str = setup.json()["data"]["secret"]
    confirmed = await person.call("POST", "/me/totp/confirm", json={"code": shown(secret, clock)})
    assert confirmed.status_code == 200, confirmed.text
    clock.forward(seconds=30)
    return secret


def shown(secret: str, clock: FixedClock) -> str:
    return code_at(b32decode(secret), step_of(clock.now()))


async def test_one_factor_gets_at_nothing_of_the_persons(anna: Person) -> None:
    for path in ("/accounts", "/transactions", "/wallet/summary", "/imports", "/me/api-keys"):
        assert await anna.refused(path) == REFUSED, path
    made = await anna.call("POST", "/me/api-keys", json=KEY)
    assert (made.status_code, made.json()["error"]) == REFUSED


async def test_one_may_look_at_oneself_and_leave(anna: Person) -> None:
    for path in ("/me", "/me/second-factors", "/me/sessions"):
        await anna.data(path)
    assert (await anna.call("POST", "/auth/logout")).status_code == 204


async def test_setting_one_up_opens_the_rest_at_once(anna: Person, clock: FixedClock) -> None:
    """With the very token that was made before."""
    assert await anna.refused("/accounts") == REFUSED
    await sets_up(anna, clock)

    for path in ("/accounts", "/transactions", "/wallet/summary", "/me/api-keys"):
        await anna.data(path)


async def test_who_signs_in_with_both_is_let_in(
    house: House, anna: Person, clock: FixedClock
) -> None:
    secret = await sets_up(anna, clock)
    login = {"email": "anna@example.no", "password": "four quiet words here"}
    asked: Json = (await house.http.post("/auth/login", json=login)).json()["data"]
    proof = {"challenge": asked["second_factor"]["challenge"], "code": shown(secret, clock)}
    tokens = (await house.http.post("/auth/login/totp", json=proof)).json()["data"]

    both = Person(anna.id, house.http, {"authorization": f"Bearer {tokens['access_token']}"})
    await both.data("/transactions")
    made = await both.call("POST", "/me/api-keys", json=KEY)
    program = Person(anna.id, house.http, {"authorization": f"Bearer {made.json()['data']['key']}"})
    await program.data("/transactions")


async def test_a_session_of_before_proves_the_factor_and_goes_on(
    house: House, anna: Person, clock: FixedClock
) -> None:
    login = {"email": "anna@example.no", "password": "four quiet words here"}
    tokens = (await house.http.post("/auth/login", json=login)).json()["data"]
    other = Person(anna.id, house.http, {"authorization": f"Bearer {tokens['access_token']}"})
    secret = await sets_up(anna, clock)
    assert await other.refused("/transactions") == REFUSED

    stepped_up = await other.call("POST", "/auth/step-up", json={"code": shown(secret, clock)})

    again = stepped_up.json()["data"]["access_token"]
    after = Person(anna.id, house.http, {"authorization": f"Bearer {again}"})
    await after.data("/transactions")
