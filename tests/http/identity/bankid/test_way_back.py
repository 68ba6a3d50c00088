"""What a browser brings back from BankID, and what it must not."""

import pytest

from tests.http.identity.bankid.town import Town, told_off
from tests.support.bankid import Browser
from tests.support.bankid_issuer import (
    REALM,
)


async def test_a_cookie_is_missing_or_anothers(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    other = Browser(town.http)
    await other.leaves()
    before = town.kept()

    for browser in (Browser(town.http), other, Browser(town.http, cookie="made-up")):
        assert told_off(await browser.returns(brought)) == (400, "bankid_state_invalid")

    assert town.kept() == before
    assert "/token" not in [path.removeprefix(REALM) for path in town.server.paths()]
    assert (await town.browser.returns(brought)).status_code == 200, "nobody can use it up"


async def test_a_way_back_works_once(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    assert (await town.browser.returns(brought)).status_code == 200

    assert told_off(await town.browser.returns(brought)) == (409, "bankid_state_used")


async def test_a_way_back_runs_out_after_ten_minutes(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    town.clock.forward(minutes=10)

    assert told_off(await town.browser.returns(brought)) == (410, "bankid_state_expired")


async def test_states_of_two_browsers_cannot_be_mixed_up(town: Town) -> None:
    mine = town.issuer.visit(await town.browser.leaves())
    other = Browser(town.http)
    theirs = town.issuer.visit(await other.leaves())

    answer = await town.browser.returns(mine | {"code": theirs["code"]})

    assert told_off(answer) == (422, "bankid_refused"), "PKCE binds the code to its browser"


async def test_a_code_works_once(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves())
    await town.browser.returns(brought)
    again = town.issuer.visit(await town.browser.leaves())

    answer = await town.browser.returns(again | {"code": brought["code"]})

    assert told_off(answer) == (422, "bankid_refused")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("access_denied", (422, "bankid_cancelled")),
        ("login_required", (422, "bankid_refused")),
        ("<script>alert(1)</script>", (422, "bankid_refused")),
        ("server_error", (503, "bankid_unavailable")),
        ("temporarily_unavailable", (503, "bankid_unavailable")),
        ("invalid_scope", (503, "bankid_misconfigured")),
    ],
)
async def test_an_error_is_looked_at_before_anything_is_sent(
    town: Town, error: str, expected: tuple[int, str]
) -> None:
    brought = town.issuer.visit(await town.browser.leaves(), error=error)
    before = town.kept()

    answer = await town.browser.returns(brought | {"error_description": "Anna 01010150740"})

    assert told_off(answer) == expected
    assert "<script>" not in answer.text
    assert "Anna" not in answer.text
    assert town.kept() == before
    assert f"{REALM}/token" not in town.server.paths()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (400, "invalid_request")),
        ("code=1", (400, "invalid_request")),
        ("state=", (400, "bankid_state_invalid")),
        ("state=%00", (400, "bankid_state_invalid")),
        ("state=%ff%fe", (400, "bankid_state_invalid")),
        ("state=" + "x" * 4_000, (400, "bankid_state_invalid")),
        ("state=a&state=b", (400, "invalid_request")),
        ("state=a&code=" + "x" * 4_097, (400, "invalid_request")),
        ("state=a&code=%0d%0a", (400, "invalid_request")),
        ("state=a&" + "b=c&" * 40, (400, "invalid_request")),
        ("state=a&code=b", (400, "bankid_state_invalid")),
        ("x=" + "y" * 9_000, (414, "query_too_long")),
    ],
)
async def test_what_no_issuer_sends_is_refused(
    town: Town, query: str, expected: tuple[int, str]
) -> None:
    await town.browser.leaves()
    before = town.kept()

    assert told_off(await town.browser.returns(query)) == expected
    assert town.kept() == before


async def test_another_issuers_answer_is_not_taken_for_this_ones(town: Town) -> None:
    brought = town.issuer.visit(await town.browser.leaves(), iss="https://evil.example.org")

    assert told_off(await town.browser.returns(brought)) == (401, "bankid_token_invalid")
    assert f"{REALM}/token" not in town.server.paths()


async def test_an_issuer_that_promised_to_name_itself_has_to(town: Town) -> None:
    town.issuer.metadata["authorization_response_iss_parameter_supported"] = True
    address = await town.browser.leaves()

    answer = await town.browser.returns(town.issuer.visit(address))

    assert told_off(answer) == (401, "bankid_token_invalid")
    named = town.issuer.visit(await town.browser.leaves(), iss=town.issuer.name)
    assert (await town.browser.returns(named)).status_code == 200
