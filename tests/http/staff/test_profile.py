"""What people say about themselves, over the real application."""

from typing import Any

import pytest

from tests.http.staff.office import Office

DEFAULTS = {
    "security": {"email": True, "in_app": True},
    "sync_problems": {"email": False, "in_app": True},
    "consent_expiry": {"email": True, "in_app": True},
    "weekly_summary": {"email": False, "in_app": True},
    "product_news": {"email": False, "in_app": False},
}


async def test_a_profile_is_changed_in_part(office: Office) -> None:
    anna = await office.person()

    changed = await anna.data("PATCH", "/me", json={"name": "Anna Berg", "locale": "EN-gb"})
    again = await anna.data("PATCH", "/me", json={"currency": "EUR", "time_zone": "UTC"})
    same = await anna.data("PATCH", "/me", json={})

    assert (changed["name"], changed["locale"], changed["currency"]) == (
        "Anna Berg",
        "en-GB",
        "NOK",
    )
    assert (again["name"], again["currency"], again["time_zone"]) == ("Anna Berg", "EUR", "UTC")
    assert same == again == await anna.data("GET", "/me")


@pytest.mark.parametrize(
    ("body", "problems"),
    [
        ({"name": ""}, [("name", "missing")]),
        ({"name": " \t "}, [("name", "missing")]),
        ({"name": "a\u202eb"}, [("name", "bad_character")]),
        ({"locale": ""}, [("locale", "unknown_locale")]),
        ({"locale": "nb_NO"}, [("locale", "unknown_locale")]),
        ({"time_zone": ""}, [("time_zone", "unknown_time_zone")]),
        ({"time_zone": "../../etc/passwd"}, [("time_zone", "unknown_time_zone")]),
        ({"time_zone": "Europe/oslo"}, [("time_zone", "unknown_time_zone")]),
        ({"currency": "nok"}, [("currency", "unknown_currency")]),
        ({"currency": ""}, [("currency", "unknown_currency")]),
        (
            {"name": "a\u202eb", "currency": "XXX"},
            [("name", "bad_character"), ("currency", "unknown_currency")],
        ),
    ],
)
async def test_what_cannot_be_is_refused_with_its_reason(
    memory: Office, body: dict[str, str], problems: list[tuple[str, str]]
) -> None:
    anna = await memory.person()
    before = await anna.data("GET", "/me")

    answer = await anna.call("PATCH", "/me", json=body)

    assert answer.status_code == 422, answer.text
    assert [(one["field"], one["error"]) for one in answer.json()["details"]] == problems
    assert await anna.data("GET", "/me") == before


@pytest.mark.parametrize(
    "body",
    [
        {"name": None},
        {"name": 7},
        {"email": "other@example.no"},
        {"role": "admin"},
        {"status": "active"},
        {"name": "a" * 500},
        {"time_zone": "a" * 65},
        [],
    ],
)
async def test_what_is_not_theirs_to_say_is_refused(memory: Office, body: object) -> None:
    anna = await memory.person()

    answer = await anna.call("PATCH", "/me", json=body)

    assert answer.status_code == 400, answer.text


async def test_notifications_have_defaults_and_are_chosen_one_by_one(office: Office) -> None:
    anna = await office.person()

    before = await anna.data("GET", "/me/settings")
    weekly = {"notifications": {"weekly_summary": {"email": True}}}
    changed = await anna.data("PATCH", "/me/settings", json=weekly)

    assert before == {"notifications": DEFAULTS, "always_on": ["security"]}
    assert changed["notifications"]["weekly_summary"] == {"email": True, "in_app": True}
    assert changed == await anna.data("GET", "/me/settings")
    assert await anna.data("PATCH", "/me/settings", json={}) == changed
    assert await anna.data("PATCH", "/me/settings", json={"notifications": {}}) == changed


async def test_security_notices_stay_on(office: Office) -> None:
    anna = await office.person()
    off = {"notifications": {"security": {"email": False}, "weekly_summary": {"email": True}}}

    answer = await anna.call("PATCH", "/me/settings", json=off)

    assert answer.status_code == 422
    assert answer.json()["details"] == [
        {
            "field": "notifications.security.email",
            "error": "always_on",
            "message": "security notices cannot be turned off",
        }
    ]
    assert (await anna.data("GET", "/me/settings"))["notifications"] == DEFAULTS
    on = {"notifications": {"security": {"email": True}}}
    assert (await anna.data("PATCH", "/me/settings", json=on))["notifications"] == DEFAULTS


@pytest.mark.parametrize(
    "body",
    [
        {"notifications": None},
        {"notifications": {"gossip": {"email": True}}},
        {"notifications": {"security": {"pigeon": True}}},
        {"notifications": {"weekly_summary": {"email": "yes"}}},
        {"notifications": {"weekly_summary": True}},
        {"theme": "dark"},
    ],
)
async def test_settings_that_do_not_exist_are_refused(memory: Office, body: Any) -> None:  # noqa: ANN401 - JSON
    anna = await memory.person()

    assert (await anna.call("PATCH", "/me/settings", json=body)).status_code == 400
    assert (await anna.data("GET", "/me/settings"))["notifications"] == DEFAULTS
