"""API keys over HTTP: made, used within their scopes, and revoked."""

from typing import Any

import pytest

from adapters.memory.mailbox import MemoryMailbox
from adapters.tokens.key_uses import LaterKeyUses
from tests.http.house import House
from tests.http.person import Json, Person
from tests.support.clock import FixedClock

READS = {"name": "Spreadsheet", "scopes": ["ledger:read"], "expires_in_days": 90}


async def makes(person: Person, **facts: object) -> Json:
    answer = await person.call("POST", "/me/api-keys", json=READS | facts)
    assert answer.status_code == 201, answer.text
    made: Json = answer.json()["data"]
    return made


def with_key(house: House, person: Person, made: Json) -> Person:
    return Person(person.id, house.http, {"authorization": f"Bearer {made['key']}"})


async def test_a_key_is_shown_once(anna: Person) -> None:
    made = await makes(anna, scopes=["jobs:read", "ledger:read", "ledger:read"])

    listed = await anna.get("/me/api-keys")

    assert made["key"].startswith("dk_")
    assert made["scopes"] == ["jobs:read", "ledger:read"]
    assert made["key"] not in listed.text
    assert listed.json()["data"] == [
        {
            "id": made["id"],
            "name": "Spreadsheet",
            "scopes": ["jobs:read", "ledger:read"],
            "created_at": "2026-03-02T12:00:00Z",
            "last_used_at": None,
            "expires_at": "2026-05-31T12:00:00Z",
        }
    ]


async def test_a_key_does_what_it_may_and_nothing_else(house: House, anna: Person) -> None:
    account = await anna.opens()
    program = with_key(house, anna, await makes(anna))

    assert (await program.data("/accounts"))[0]["id"] == account
    assert (await program.get("/wallet/summary")).status_code == 200
    assert await program.refused("/me") == (403, "scope_missing")
    written = await program.call("DELETE", f"/accounts/{account}")
    assert (written.status_code, written.json()["error"]) == (403, "scope_missing")
    assert len(await anna.data("/accounts")) == 1


async def test_no_key_gets_at_sessions_or_keys(house: House, anna: Person) -> None:
    scopes = ["profile:read", "profile:write", "ledger:read", "ledger:write"]
    program = with_key(house, anna, await makes(anna, scopes=scopes))

    assert (await program.get("/me")).status_code == 200
    for method, path in (
        ("GET", "/me/sessions"),
        ("DELETE", "/me/sessions"),
        ("GET", "/me/api-keys"),
        ("POST", "/me/api-keys"),
        ("POST", "/auth/logout"),
    ):
        refused = await program.call(method, path)
        assert (refused.status_code, refused.json()["error"]) == (403, "not_for_api_keys")


async def test_a_revoked_key_is_refused_at_once(house: House, anna: Person) -> None:
    made = await makes(anna)
    program = with_key(house, anna, made)
    assert (await program.get("/accounts")).status_code == 200

    out = await anna.call("DELETE", f"/me/api-keys/{made['id']}")

    assert (out.status_code, out.content) == (204, b"")
    for path in ("/accounts", "/imports"):  # one checks the session as it reads, one before
        assert await program.refused(path) == (401, "session_ended")
    assert await anna.data("/me/api-keys") == []


async def test_a_key_that_ran_out_is_refused(house: House, anna: Person, clock: FixedClock) -> None:
    program = with_key(house, anna, await makes(anna, expires_in_days=1))
    clock.forward(hours=23, minutes=59)
    assert (await program.get("/accounts")).status_code == 200
    clock.forward(minutes=1)

    for path in ("/accounts", "/imports"):
        assert await program.refused(path) == (401, "session_ended")


async def test_the_last_use_is_seen(house: House, anna: Person, clock: FixedClock) -> None:
    program = with_key(house, anna, await makes(anna))
    clock.forward(minutes=10)
    await program.data("/accounts")
    await (await house.container.get(LaterKeyUses)).settled()

    assert (await anna.data("/me/api-keys"))[0]["last_used_at"] == "2026-03-02T12:10:00Z"


async def test_the_person_is_told_by_mail_and_not_of_the_key(house: House, anna: Person) -> None:
    made = await makes(anna)
    await house.works()

    (mail,) = (await house.container.get(MemoryMailbox)).to("anna@example.no")[-1:]

    assert "API" in mail.subject
    for part in (mail.subject, mail.text, mail.html):
        assert made["key"] not in part
        assert "Spreadsheet" not in part


async def test_a_key_takes_a_fresh_proof(anna: Person, clock: FixedClock) -> None:
    clock.forward(minutes=6)

    refused = await anna.call("POST", "/me/api-keys", json=READS)

    assert (refused.status_code, refused.json()["error"]) == (403, "step_up_required")
    assert await anna.data("/me/api-keys") == []


async def test_revoking_one_does_too(house: House, anna: Person, clock: FixedClock) -> None:
    made = await makes(anna)
    clock.forward(minutes=6)

    refused = await anna.call("DELETE", f"/me/api-keys/{made['id']}")

    assert (refused.status_code, refused.json()["error"]) == (403, "step_up_required")
    assert (await with_key(house, anna, made).get("/accounts")).status_code == 200


async def test_anothers_key_is_not_there(anna: Person, bjorn: Person) -> None:
    made = await makes(anna)

    refused = await bjorn.call("DELETE", f"/me/api-keys/{made['id']}")

    assert (refused.status_code, refused.json()["error"]) == (404, "api_key_not_found")
    assert len(await anna.data("/me/api-keys")) == 1


async def test_twenty_five_keys_and_no_more(anna: Person) -> None:
    for _ in range(25):
        await makes(anna)

    refused = await anna.call("POST", "/me/api-keys", json=READS)

    assert (refused.status_code, refused.json()["error"]) == (422, "too_many_api_keys")


@pytest.mark.parametrize(
    "facts",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": "ledger:read"},
        {"expires_in_days": 0},
        {"expires_in_days": 366},
        {"expires_in_days": 1.5},
        {"expires_in_days": None},
        {"name": ""},
        {"name": "x" * 100_000},
        {"key": "dk_mine"},
    ],
)
async def test_a_wish_that_makes_no_sense_is_refused(anna: Person, facts: dict[str, Any]) -> None:
    refused = await anna.call("POST", "/me/api-keys", json=READS | facts)
    assert refused.status_code == 400
    assert await anna.data("/me/api-keys") == []


async def test_a_key_that_is_none_is_refused_in_one_way(house: House, anna: Person) -> None:
    made = await makes(anna)
    key = made["key"]
    for wrong in (key[:-1], f"{key}A", key.swapcase(), "dk_", f"dk_{'A' * 43}3FjkUc"):
        program = Person(anna.id, house.http, {"authorization": f"Bearer {wrong}"})
        status, error = await program.refused("/accounts")
        assert status == 401
        assert error in {"api_key_invalid", "access_token_invalid"}
