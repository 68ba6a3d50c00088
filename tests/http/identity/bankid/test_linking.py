"""An account that BankID opens from now on, or no longer."""

from adapters.memory.identity.tables import PEOPLE
from tests.http.identity.bankid.town import Town, another_person, told_off
from tests.support.bankid import Browser, bearer


async def test_a_person_links_bankid_and_gets_in_with_it(town: Town) -> None:
    token = await town.joins()
    linked = await town.links(token)
    again = await town.links(token)
    came_in = await town.signs_in()

    assert linked.json()["data"]["linked"] is True
    assert again.status_code == 200
    me = (await town.http.get("/me", headers=bearer(came_in))).json()["data"]
    assert me["email"] == "bo@example.no"
    assert me["name"] == "Bo"


async def test_somebody_elses_bankid_cannot_be_linked(town: Town) -> None:
    await town.signs_in()
    token = await town.joins()
    before = town.kept()

    assert told_off(await town.links(token)) == (409, "bankid_taken")
    assert town.kept().of(PEOPLE) == before.of(PEOPLE)
    status = await town.http.get("/me/bankid", headers={"authorization": f"Bearer {token}"})
    assert status.json()["data"]["linked"] is False


async def test_a_second_bankid_does_not_take_the_place_of_the_first(town: Town) -> None:
    token = await town.joins()
    await town.links(token)
    town.issuer.person = another_person(town.issuer)

    assert told_off(await town.links(token)) == (409, "another_bankid_linked")


async def test_who_has_a_bankid_linked_cannot_take_somebody_elses_either(town: Town) -> None:
    await town.signs_in()
    token = await town.joins()
    anna, town.issuer.person = town.issuer.person, another_person(town.issuer)
    await town.links(token)
    town.issuer.person = anna

    assert told_off(await town.links(token)) == (409, "bankid_taken")


async def test_linking_needs_a_proof_of_the_last_five_minutes(town: Town) -> None:
    token = await town.joins()
    town.clock.forward(minutes=6)

    answer = await town.http.post("/me/bankid", headers={"authorization": f"Bearer {token}"})

    assert told_off(answer) == (403, "step_up_required")


async def test_who_signed_out_meanwhile_links_nothing(town: Town) -> None:
    token = await town.joins()
    address = await town.browser.asks_to_link(token)
    await town.http.post("/auth/logout", headers={"authorization": f"Bearer {token}"})

    answer = await town.browser.returns(town.issuer.visit(address))

    assert told_off(answer) == (401, "session_ended")
    came_in = await town.signs_in()
    assert (await town.http.get("/me", headers=bearer(came_in))).json()["data"]["email"] is None


async def test_an_address_that_another_was_talked_into_opening_links_nothing(town: Town) -> None:
    """The cookie stayed with whoever asked: nobody's BankID ends up on a stranger's account."""
    address = await town.browser.asks_to_link(await town.joins())
    victim = Browser(town.http)
    before = town.kept()

    answer = await victim.returns(town.issuer.visit(address))

    assert told_off(answer) == (400, "bankid_state_invalid")
    assert town.kept() == before


async def test_bankid_is_unlinked_when_a_password_remains(town: Town) -> None:
    token = await town.joins()
    await town.links(token)
    headers = {"authorization": f"Bearer {token}"}

    assert (await town.http.delete("/me/bankid", headers=headers)).status_code == 204
    assert told_off(await town.http.delete("/me/bankid", headers=headers)) == (
        404,
        "bankid_not_linked",
    )
    came_in = await town.signs_in()
    assert (await town.http.get("/me", headers=bearer(came_in))).json()["data"]["email"] is None


async def test_the_last_way_in_stays(town: Town) -> None:
    headers = bearer(await town.signs_in())

    answer = await town.http.delete("/me/bankid", headers=headers)

    assert told_off(answer) == (409, "last_way_in")
    assert (await town.signs_in()).status_code == 200


async def test_what_is_wrong_on_the_way_to_a_link_leaves_its_trace_and_no_link(town: Town) -> None:
    headers = {"authorization": f"Bearer {await town.joins()}"}
    town.issuer.token["nonce"] = "of another browser"
    address = await town.browser.asks_to_link(headers["authorization"][7:])

    answer = await town.browser.returns(town.issuer.visit(address))

    assert told_off(answer) == (401, "bankid_token_invalid")
    chains = town.database.tables.rows["audit_chains"].values()
    noted = [entry for chain in chains for entry in chain if "link_refused" in entry.action]
    assert len(noted) == 1
    status = await town.http.get("/me/bankid", headers=headers)
    assert status.json()["data"]["linked"] is False
