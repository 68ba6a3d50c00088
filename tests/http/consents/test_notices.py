"""What a person reads of their consents over HTTP: what to do, what they were told, and seen."""

from datetime import timedelta

import pytest

from application.connections.consent.jobs import FindDueConsentsJob
from application.connections.jobs import FindOutOfStepJob
from application.connections.ports import BeginHouseTx
from domain.connections.connection import OFFERED_BEFORE
from tests.http.consents.town import ANNA, Json, Town

pytestmark = pytest.mark.postgres

BJORN = {"authorization": "Bearer bjorn"}


async def hour(town: Town) -> None:
    """What the house does every hour."""
    begin = await town.use(BeginHouseTx)  # type: ignore[type-abstract]
    async with begin() as tx:
        await tx.jobs.enqueue(FindDueConsentsJob(user_id=None))
        await tx.jobs.enqueue(FindOutOfStepJob(user_id=None))
        await tx.commit()
    await town.works()


async def everything_is_due(town: Town) -> None:
    """Whatever waits for later: the rhythm above all."""
    async with town.database.begin(None) as tx:
        await tx.db.exec_driver_sql(
            "update jobs set run_at = clock_timestamp() where state = 'ready'"
            " and starts_with(name, 'connections.')"
        )
        await tx.commit()


async def ends_in(town: Town, connection_id: str, left: timedelta) -> None:
    """As if so much of the consent were left: it was given that much earlier."""
    async with town.database.begin(ANNA) as tx:
        await tx.db.exec_driver_sql(
            "update connections set consent_expires_at = $1 where id = $2",
            (town.database.clock.now() + left, connection_id),
        )
        await tx.db.exec_driver_sql(
            "update consent_terms set due_at = $1 where connection_id = $2",
            (town.database.clock.now() + left - OFFERED_BEFORE, connection_id),
        )
        await tx.commit()


async def kinds(town: Town) -> list[str]:
    return [one["kind"] for one in await town.told("/notices")]


async def test_an_offer_is_shown_with_its_day_and_what_to_do_and_told_once(town: Town) -> None:
    connection_id = await town.links("tink")
    await hour(town)
    view = await town.told(f"/connections/{connection_id}")
    assert view["renewal"] == {
        "state": "none",
        "by": None,
        "reason": None,
        "action": None,
        "message": None,
    }
    assert await kinds(town) == []

    await ends_in(town, connection_id, timedelta(days=6))
    for _ in range(3):
        await hour(town)

    (view,) = await town.told("/connections")
    renewal: Json = view["renewal"]
    assert (renewal["state"], renewal["action"]) == ("offered", "renew")
    assert renewal["by"] == view["consent_expires_at"]
    assert renewal["by"][:10] in renewal["message"]
    assert view["needs_action"] is None, "an offer can wait"
    assert await kinds(town) == ["renewal_offered"]


@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_a_login_error_is_shown_with_what_to_do_and_told_once(
    town: Town, provider: str
) -> None:
    connection_id = await town.links(provider)
    await town.street.control("person/anna/login", state="required")
    await town.syncs(connection_id)

    view = await town.told(f"/connections/{connection_id}")
    assert view["needs_action"] == "renew"
    assert view["renewal"]["state"] == "required"
    assert view["renewal"]["reason"] == "bank_wants_sign_in"
    assert "sign in again" in view["renewal"]["message"]
    refused = await town.http.post(f"/connections/{connection_id}/sync")
    assert (refused.status_code, refused.json()["error"]) == (409, "renewal_required")

    await town.renews(provider, connection_id)
    view = await town.told(f"/connections/{connection_id}")
    assert (view["status"], view["renewal"]["state"]) == ("active", "none")
    assert await kinds(town) == ["renewal_required"]


@pytest.mark.parametrize("provider", ["tink", "plaid"])
async def test_after_a_login_error_no_request_reaches_the_provider(
    town: Town, provider: str
) -> None:
    connection_id = await town.links(provider)
    control = town.street.sandbox.control_url
    await town.street.control("person/anna/login", state="expired")
    await town.syncs(connection_id)
    await town.street.browser.delete(f"{control}/requests")

    for _ in range(6):
        await everything_is_due(town)
        await hour(town)
    asked = (await town.street.browser.get(f"{control}/requests")).json()
    assert asked["total"] == 0, asked
    assert await town.audited("connections.synced") == 1

    await town.renews(provider, connection_id)
    await hour(town)
    assert await town.audited("connections.synced") == 2


async def test_notices_are_paged_newest_first_and_seen_once(town: Town) -> None:
    connection_id = await town.links("plaid")
    for _ in range(3):
        await town.street.control("person/anna/login", state="required")
        await town.syncs(connection_id)
        await town.renews("plaid", connection_id)
    await town.lets_go(connection_id)
    everything = [one["id"] for one in await town.told("/notices")]
    assert await kinds(town) == ["disconnected", *["renewal_required"] * 3]

    answer = (await town.http.get("/notices?limit=3")).json()
    cursor = answer["pagination"]["next_cursor"]
    rest = (await town.http.get(f"/notices?limit=3&cursor={cursor}")).json()
    assert [one["id"] for one in (*answer["data"], *rest["data"])] == everything
    assert not rest["pagination"]["has_more"]

    seen = await town.http.post(f"/notices/{everything[0]}/seen")
    assert seen.json()["data"] == {"id": everything[0]}
    first, *others = await town.told("/notices")
    assert first["seen_at"] is not None
    assert {one["seen_at"] for one in others} == {None}
    again = await town.http.post(f"/notices/{everything[0]}/seen")
    assert again.status_code == 200
    assert (await town.told("/notices"))[0]["seen_at"] == first["seen_at"]


async def test_notices_are_nobody_elses(town: Town) -> None:
    connection_id = await town.links("plaid")
    await town.lets_go(connection_id)
    (notice,) = await town.told("/notices")

    assert (await town.http.get("/notices", headers=BJORN)).json()["data"] == []
    answer = await town.http.post(f"/notices/{notice['id']}/seen", headers=BJORN)
    assert (answer.status_code, answer.json()["error"]) == (404, "notice_not_found")
    assert (await town.told("/notices"))[0]["seen_at"] is None
