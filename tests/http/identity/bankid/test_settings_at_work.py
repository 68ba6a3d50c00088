"""What the settings say, at work: BankID alone, none at all, test people."""

import pytest

from adapters.memory.database import MemoryDatabase
from application.identity.bankid.ports import BankIdRules
from domain.identity.national_number import NumberKind
from entrypoints.composition.bankid import MemoryBankIdParts
from entrypoints.composition.identity import MemoryIdentity
from tests.http.identity.bankid.town import Town, told_off
from tests.http.support import OverMemory
from tests.support.bankid import Browser, a_house_with_bankid, bearer
from tests.support.bankid_issuer import (
    Issuer,
    an_issuer,
)
from tests.support.clock import CountedIds, FixedClock


async def test_nobody_is_offered_what_is_not_set_up(clock: FixedClock, ids: CountedIds) -> None:
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(MemoryDatabase(clock, ids)))
    async with a_house_with_bankid(None, clock, ids, *over) as http:
        assert told_off(await http.get("/auth/bankid")) == (404, "bankid_not_set_up")
        answer = await http.get("/auth/bankid/callback?state=a&code=b")
        assert told_off(answer) == (400, "bankid_state_invalid")


async def test_bankid_that_does_not_answer_is_said_to_be_unavailable(
    clock: FixedClock, ids: CountedIds
) -> None:
    issuer = Issuer(clock, url="http://127.0.0.1:9")
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(MemoryDatabase(clock, ids)))
    async with a_house_with_bankid(issuer.settings(), clock, ids, *over) as http:
        answer = await http.get("/auth/bankid")

    assert told_off(answer) == (503, "bankid_unavailable")
    assert int(answer.headers["retry-after"]) > 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/auth/register"),
        ("POST", "/auth/register/confirm"),
        ("POST", "/auth/login"),
        ("POST", "/auth/password/forgot"),
        ("POST", "/auth/password/reset"),
        ("POST", "/me/password"),
        ("PUT", "/me/password"),
    ],
)
async def test_passwords_that_are_switched_off_are_gone_before_anything_is_read(
    clock: FixedClock, ids: CountedIds, method: str, path: str
) -> None:
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(MemoryDatabase(clock, ids)))
    off = BankIdRules(passwords=False)
    async with (
        an_issuer(clock) as (issuer, _),
        a_house_with_bankid(issuer.settings(), clock, ids, *over, rules=off) as http,
    ):
        for content in (b"", b"{", b"x" * 3_000_000):
            answer = await http.request(
                method, path, content=content, headers={"authorization": "Bearer no"}
            )
            assert told_off(answer) == (410, "password_login_off")
        assert (await http.get("/auth/bankid")).status_code == 302


async def test_a_password_that_cannot_be_used_is_no_way_in(
    clock: FixedClock, ids: CountedIds
) -> None:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    async with an_issuer(clock) as (issuer, server):
        async with a_house_with_bankid(issuer.settings(), clock, ids, *over) as http:
            town = Town(issuer, server, http, Browser(http), database, clock)
            await town.links(await town.joins())
        off = BankIdRules(passwords=False)
        async with a_house_with_bankid(issuer.settings(), clock, ids, *over, rules=off) as http:
            town = Town(issuer, server, http, Browser(http), database, clock)
            headers = bearer(await town.signs_in())
            answer = await http.delete("/me/bankid", headers=headers)

    assert told_off(answer) == (409, "last_way_in")


async def test_a_test_system_takes_test_people_and_refuses_real_ones(
    clock: FixedClock, ids: CountedIds
) -> None:
    database = MemoryDatabase(clock, ids)
    over = (MemoryIdentity(), MemoryBankIdParts(), OverMemory(database))
    rules = BankIdRules(numbers=frozenset({NumberKind.TENOR}))
    async with (
        an_issuer(clock) as (issuer, server),
        a_house_with_bankid(issuer.settings(), clock, ids, *over, rules=rules) as http,
    ):
        town = Town(issuer, server, http, Browser(http), database, clock)
        assert told_off(await town.signs_in()) == (422, "national_number_not_allowed")
        issuer.person |= {"nnin_altsub": "15819010029", "birthdate": "1990-01-15"}
        assert (await town.signs_in()).status_code == 200
