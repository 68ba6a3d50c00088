"""Registering, forgetting, changing and moving over HTTP: what callers send, and are told."""

from typing import Any

import httpx
import pytest

from adapters.memory.database import MemoryDatabase
from adapters.memory.jobs.board import MemoryJobBoard
from adapters.memory.mailbox import MemoryMailbox
from application.shared.clock import Clock
from tests.http.identity.test_identity import ANNA, LOGIN, bearer, registered, signed_in
from tests.http.support import Calling, work
from tests.support.clock import FixedClock
from tests.support.post import tokens_in

Json = dict[str, Any]
EMAIL = LOGIN["email"]
NEW = "five other words of hers"
NOBODYS = "n" * 43


async def mailed(http: httpx.AsyncClient, address: str = EMAIL) -> list[str]:
    """Subjects of what was written there; whatever waits is sent first."""
    return [mail.subject for mail in (await mailbox(http)).to(address)]


async def newest_token(http: httpx.AsyncClient, address: str = EMAIL) -> str:
    return [one for mail in (await mailbox(http)).to(address) for one in tokens_in(mail)][-1]


async def mailbox(http: httpx.AsyncClient) -> MemoryMailbox:
    assert isinstance(http, Calling)
    database = await http.container.get(MemoryDatabase)
    board = MemoryJobBoard(database.tables, await http.container.get(Clock))
    await work(http.container, board)
    found: MemoryMailbox = await http.container.get(MemoryMailbox)
    return found


async def test_a_person_registers_confirms_and_signs_in(http: httpx.AsyncClient) -> None:
    asked = await http.post("/auth/register", json=ANNA)
    too_soon = await http.post("/auth/login", json=LOGIN)
    confirmed = await http.post("/auth/register/confirm", json={"token": await newest_token(http)})
    tokens = (await http.post("/auth/login", json=LOGIN)).json()["data"]
    seen = await http.get("/me", headers=bearer(tokens))

    assert (asked.status_code, asked.json()) == (
        202,
        {"data": {"email": EMAIL, "expires_in": 3600}},
    )
    assert (too_soon.status_code, too_soon.json()["error"]) == (401, "bad_credentials")
    assert confirmed.status_code == 201
    assert seen.json() == confirmed.json()


async def test_known_and_unknown_addresses_are_answered_alike(http: httpx.AsyncClient) -> None:
    await registered(http)

    for path, body in (("/auth/register", ANNA), ("/auth/password/forgot", {})):
        answers = [
            await http.post(path, json=body | {"email": email})
            for email in (EMAIL, "nobody@example.no")
        ]
        for answer in answers:
            assert answer.status_code == 202
            answer.json()["data"].pop("email")
        known, unknown = ({**a.json()["data"], "email": ""} for a in answers)
        assert known == unknown
        assert set(answers[0].headers) == set(answers[1].headers)
    assert await mailed(http) == ["Du har allerede en konto", "Velg et nytt passord"]
    assert await mailed(http, "nobody@example.no") == ["Bekreft e-postadressen din"]


async def test_a_forgotten_password_is_chosen_anew(http: httpx.AsyncClient) -> None:
    tokens = await signed_in(http)
    await http.post("/auth/password/forgot", json={"email": "ANNA@example.no"})
    body = {"token": await newest_token(http), "password": NEW}

    done = await http.post("/auth/password/reset", json=body)
    again = await http.post("/auth/password/reset", json=body)

    assert (done.status_code, set(done.json()["data"])) == (200, {"device_token"})
    assert (again.status_code, again.json()["error"]) == (400, "confirmation_invalid")
    dead = await http.get("/me", headers=bearer(tokens))
    assert (dead.status_code, dead.json()["error"]) == (401, "session_ended")
    assert (await http.post("/auth/login", json=LOGIN)).status_code == 401
    fresh = await http.post("/auth/login", json=LOGIN | {"password": NEW})
    assert fresh.status_code == 200


@pytest.mark.parametrize("path", ["/auth/register/confirm", "/auth/password/reset"])
@pytest.mark.parametrize("token", ["x", NOBODYS, "ø" * 43, "n" * 43 + "\n", "' or 1=1 --" * 4])
async def test_a_token_that_is_none_of_ours_is_refused(
    http: httpx.AsyncClient, path: str, token: str
) -> None:
    body = {"token": token} | ({"password": NEW} if path.endswith("reset") else {})

    answer = await http.post(path, json=body)

    assert (answer.status_code, answer.json()["error"]) == (400, "confirmation_invalid")


async def test_a_token_runs_out(http: httpx.AsyncClient, clock: FixedClock) -> None:
    await http.post("/auth/register", json=ANNA)
    token = await newest_token(http)
    clock.forward(hours=1)

    answer = await http.post("/auth/register/confirm", json={"token": token})

    assert (answer.status_code, answer.json()["error"]) == (410, "confirmation_expired")


async def test_a_password_is_changed_with_the_current_one(http: httpx.AsyncClient) -> None:
    mine = await signed_in(http)
    other = (await http.post("/auth/login", json=LOGIN)).json()["data"]
    body = {"current_password": LOGIN["password"], "new_password": NEW}

    wrong = await http.post(
        "/me/password", json=body | {"current_password": NEW}, headers=bearer(mine)
    )
    weak = await http.post(
        "/me/password", json=body | {"new_password": "short"}, headers=bearer(mine)
    )
    done = await http.post("/me/password", json=body, headers=bearer(mine))

    assert (wrong.status_code, wrong.json()["error"]) == (401, "bad_credentials")
    assert (weak.status_code, weak.json()["error"]) == (422, "invalid_fields")
    assert [(d["field"], d["error"]) for d in weak.json()["details"]] == [
        ("new_password", "too_short")
    ]
    assert done.status_code == 204
    assert (await http.get("/me", headers=bearer(mine))).status_code == 200
    assert (await http.get("/me", headers=bearer(other))).status_code == 401
    assert (await mailed(http))[-1] == "Passordet ditt er endret"


async def test_a_first_password_is_for_who_has_none(http: httpx.AsyncClient) -> None:
    mine = await signed_in(http)

    answer = await http.put("/me/password", json={"password": NEW}, headers=bearer(mine))

    assert (answer.status_code, answer.json()["error"]) == (409, "password_already_set")


async def test_an_address_is_changed_and_confirmed(http: httpx.AsyncClient) -> None:
    mine, new = await signed_in(http), "anna@new.example"

    asked = await http.post("/me/email", json={"email": "Anna@New.example"}, headers=bearer(mine))
    body = {"token": await newest_token(http, new)}
    stranger = await http.post("/me/email/confirm", json=body)
    done = await http.post("/me/email/confirm", json=body, headers=bearer(mine))

    assert (asked.status_code, asked.json()["data"]["email"]) == (202, new)
    assert stranger.status_code == 401
    assert (done.status_code, done.json()["data"]["email"]) == (200, new)
    assert (await http.get("/me", headers=bearer(mine))).json() == done.json()
    assert (await http.post("/auth/login", json=LOGIN | {"email": new})).status_code == 200
    assert len(await mailed(http)) == 2, "the former address is told, twice"


async def test_an_old_session_does_not_move_anybody(
    http: httpx.AsyncClient, clock: FixedClock
) -> None:
    mine = await signed_in(http)
    clock.forward(minutes=5, seconds=1)

    moving = await http.post("/me/email", json={"email": "a@b.example"}, headers=bearer(mine))
    setting = await http.put("/me/password", json={"password": NEW}, headers=bearer(mine))

    for answer in (moving, setting):
        assert (answer.status_code, answer.json()["error"]) == (403, "step_up_required")
    assert await mailed(http, "a@b.example") == []


async def test_the_same_address_is_no_change(http: httpx.AsyncClient) -> None:
    mine = await signed_in(http)

    answer = await http.post("/me/email", json={"email": EMAIL.upper()}, headers=bearer(mine))

    assert (answer.status_code, answer.json()["error"]) == (422, "email_unchanged")


async def test_no_answer_holds_a_token_or_a_password(http: httpx.AsyncClient) -> None:
    await http.post("/auth/register", json=ANNA)
    token = await newest_token(http)
    answers = [
        await http.post("/auth/register/confirm", json={"token": token}),
        await http.post("/auth/register/confirm", json={"token": token}),
        await http.post("/auth/password/reset", json={"token": token, "password": NEW}),
    ]

    assert [answer.status_code for answer in answers] == [201, 400, 400]
    for answer in answers:
        assert token not in answer.text
        assert NEW not in answer.text
