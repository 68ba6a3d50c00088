"""Every operation asks who calls, and believes no session or key that has ended, however it did."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import pytest

from application.identity.ports import BeginIdentityTx
from application.identity.staff.ban_person import BanPerson, BanPersonCommand
from application.identity.staff.lock_person import LockPerson, LockPersonCommand
from application.identity.staff.staff import CommandLine
from application.shared.clock import Clock
from domain.identity.person import PersonStatus
from domain.identity.reason import Reason
from domain.identity.session import Ended
from domain.shared.ids import UserId
from tests.security.operations import Operation, operations
from tests.security.town import Days, Someone, Town

pytestmark = pytest.mark.postgres

GUARDED = [operation for operation in operations() if operation.secured]
AGED: Final = """
    update sessions
       set created_at = now() - interval '9 days', last_used_at = now() - interval '9 days',
           proved_at = now() - interval '9 days', idle_expires_at = now() - interval '1 second',
           expires_at = now() + interval '1 day' * $2
     where id = $1
"""


def named(operation: Operation) -> str:
    return f"{operation.id} {operation.template}"


@dataclass(frozen=True, slots=True)
class Out:
    """Somebody who was let in until a moment ago: on a device, and with a key."""

    device: Someone
    program: Someone


async def let_in(town: Town, word: str) -> Out:
    device = await town.welcome(f"{word}-out")
    out = Out(device, await town.with_key(device))
    for one in (out.device, out.program):
        await town.ok("GET", "/api/v1/me", one)
    return out


async def logs_out(town: Town, out: Out) -> Out:
    await town.ok("POST", "/api/v1/auth/logout", out.device)
    await revokes(town, out)
    return out


async def is_signed_out_elsewhere(town: Town, out: Out) -> Out:
    other = await town.signed_in(out.device)
    gone = out.device.session["session_id"]
    await town.ok("DELETE", f"/api/v1/me/sessions/{gone}", other)
    await revokes(town, out)
    return out


async def is_signed_out_with_all_others(town: Town, out: Out) -> Out:
    await town.ok("DELETE", "/api/v1/me/sessions", await town.signed_in(out.device))
    await revokes(town, out)
    return out


async def revokes(town: Town, out: Out) -> None:
    """From another device, for this one may be out already."""
    other = await town.signed_in(out.device)
    await town.ok("DELETE", f"/api/v1/me/api-keys/{out.program.session['id']}", other)


async def resets_the_password(town: Town, out: Out) -> Out:
    email = {"email": out.device.email}
    await town.ok("POST", "/api/v1/auth/password/forgot", json=email)
    await town.work()
    token = await town.mailed_token(out.device)
    chosen = {"token": token, "password": "nine other words that nobody has said"}
    await town.ok("POST", "/api/v1/auth/password/reset", json=chosen)
    return out


async def id_of(town: Town, out: Out) -> UserId:
    me = await town.ok("GET", "/api/v1/me", out.device)
    return UserId(UUID(me["data"]["id"]))


async def is_banned(town: Town, out: Out) -> Out:
    ban = await town.container.get(BanPerson)
    await ban(BanPersonCommand(CommandLine(), await id_of(town, out), Reason.SUSPECTED_FRAUD))
    return out


async def is_locked(town: Town, out: Out) -> Out:
    lock = await town.container.get(LockPerson)
    await lock(LockPersonCommand(CommandLine(), await id_of(town, out), Reason.ASKED_BY_PERSON))
    return out


async def is_deleted(town: Town, out: Out) -> Out:
    begin, clock = await town.container.get(BeginIdentityTx), await town.container.get(Clock)
    user_id = await id_of(town, out)
    async with begin(user_id) as tx:
        person = await tx.people.hold(user_id)
        await tx.people.save(replace(person, status=PersonStatus.DELETED))
        await tx.sessions.end_all(Ended.DELETED, clock.now())
        await tx.commit()
    return out


async def is_away_for_too_long(town: Town, out: Out) -> Out:
    """And the key's last day is over."""
    await town.admin.execute(AGED, UUID(out.device.session["session_id"]), 5)
    await town.admin.execute(AGED, UUID(out.program.session["id"]), 0)
    return out


WAYS: Final[Mapping[str, Callable[[Town, Out], Awaitable[Out]]]] = {
    "logged out": logs_out,
    "signed out by another device": is_signed_out_elsewhere,
    "signed out with all others": is_signed_out_with_all_others,
    "password reset": resets_the_password,
    "banned": is_banned,
    "locked": is_locked,
    "deleted": is_deleted,
    "expired": is_away_for_too_long,
}


@pytest.fixture(scope="module", params=WAYS, ids=lambda way: way.replace(" ", "-"))
def gone(days: Days, request: pytest.FixtureRequest) -> Out:
    async def leave() -> Out:
        out = await let_in(days.town, request.param.replace(" ", "-"))
        return await WAYS[request.param](days.town, out)

    return days.run(leave())


@pytest.fixture(scope="module")
def narrow(days: Days) -> Mapping[str | None, Someone]:
    """By scope, a key that has every other one."""

    async def make() -> Mapping[str | None, Someone]:
        person = await days.town.welcome("narrow-out")
        scopes = {operation.scope for operation in GUARDED}
        return {one: await days.town.with_key(person, without=one) for one in scopes}

    return days.run(make())


def test_there_is_something_to_guard() -> None:
    assert len(GUARDED) > 20
    assert len([one for one in GUARDED if one.scope is not None]) > 20


@pytest.mark.parametrize("operation", GUARDED, ids=named)
def test_a_session_that_ended_is_refused_at_once(
    days: Days, gone: Out, operation: Operation
) -> None:
    answer = days.run(days.town.call(**operation.request(), who=gone.device))

    assert answer.status_code == 401, answer.text
    assert answer.json()["error"] == "session_ended"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("operation", GUARDED, ids=named)
def test_a_key_that_ended_is_refused_at_once(days: Days, gone: Out, operation: Operation) -> None:
    answer = days.run(days.town.call(**operation.request(), who=gone.program))

    if operation.scope is None:
        assert (answer.status_code, answer.json()["error"]) == (403, "not_for_api_keys")
    else:
        assert (answer.status_code, answer.json()["error"]) == (401, "session_ended")


def test_its_refresh_token_brings_nothing_back(days: Days, gone: Out) -> None:
    body = {"refresh_token": gone.device.session["refresh_token"]}
    answer = days.run(days.town.call("POST", "/api/v1/auth/refresh", json=body))

    assert answer.status_code == 401
    assert answer.json()["error"] == "session_ended"


@pytest.mark.parametrize("operation", GUARDED, ids=named)
def test_without_a_genuine_token_there_is_nothing(days: Days, operation: Operation) -> None:
    genuine = days.anna.session["access_token"]
    head, payload, signature = genuine.split(".")
    for header in (
        "",
        "Bearer",
        "Bearer nonsense",
        f"Basic {genuine}",
        f"Bearer {head}.{payload}.{signature[::-1]}",
        f"Bearer {head}.{payload}.",
        f"Bearer eyJhbGciOiJub25lIn0.{payload}.",
        f"Bearer {days.anna.session['refresh_token']}",
        "Bearer dk_nobodys",
        f"Bearer dk_{'A' * 43}3FjkUc",
    ):
        answer = days.run(days.town.call(**operation.request(), headers={"authorization": header}))
        assert answer.status_code == 401, (header[:20], answer.text)


@pytest.mark.parametrize("operation", GUARDED, ids=named)
def test_a_key_without_any_scope_that_it_needs_is_refused(
    days: Days, narrow: Mapping[str | None, Someone], operation: Operation
) -> None:
    program = narrow[operation.scope]

    answer = days.run(days.town.call(**operation.request(), who=program))

    error = "not_for_api_keys" if operation.scope is None else "scope_missing"
    assert (answer.status_code, answer.json()["error"]) == (403, error)


def test_the_others_devices_stay(days: Days, gone: Out) -> None:
    assert gone.device.session["access_token"] != days.anna.session["access_token"]
    days.run(days.town.ok("GET", "/api/v1/me", days.anna))
