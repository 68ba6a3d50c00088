import httpx
import pytest

from entrypoints.sandbox.server import running_sandbox
from tests.sandbox.clients import Clients, World


async def test_two_banks_run_side_by_side_and_leave_their_ports(world: World) -> None:
    async with running_sandbox(world.options) as one, running_sandbox(world.options) as two:
        async with httpx.AsyncClient() as http:
            answers = [await http.get(sandbox.url) for sandbox in (one, two)]
        port = int(two.url.rsplit(":", 1)[1])
    async with running_sandbox(world.options, port) as again:
        assert again.url == two.url

    assert [a.status_code for a in answers] == [200, 200]
    assert one.url != two.url
    assert two.tink_url == f"{two.url}/tink"
    assert two.plaid_link_url == f"{two.url}/plaid-link"


async def test_link_addresses_lead_back_to_the_bank_itself(world: World) -> None:
    async with (
        running_sandbox(world.options) as sandbox,
        httpx.AsyncClient(base_url=sandbox.url) as http,
    ):
        made = await Clients(http).plaid.ok(
            "/link/token/create",
            client_name="Daler",
            language="no",
            country_codes=["NO"],
            products=["transactions"],
            hosted_link={},
        )
        page = await http.get(made["hosted_link_url"])

    assert made["hosted_link_url"].startswith(f"{sandbox.plaid_link_url}?link_token=")
    assert page.status_code == 200


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/tink/data/v2/accounts", "errorCode"),
        ("/plaid/item/get", "error_code"),
        ("/control/truth", "error"),
    ],
)
async def test_a_query_that_is_no_text_is_a_400_in_everybodys_words(
    bank: Clients, path: str, field: str
) -> None:
    answer = await bank.http.get(f"{path}?person=%ff")

    assert answer.status_code == 400
    assert field in answer.json()


async def test_nobody_lives_elsewhere(bank: Clients) -> None:
    assert (await bank.http.get("/nowhere")).status_code == 404
    assert (await bank.http.get("/tink-link/1.0/nowhere")).status_code == 404
    assert (await bank.http.post("/plaid-link")).status_code == 405


@pytest.mark.parametrize(
    "query",
    [
        {"person": "anna", "provider": "other"},
        {"person": "anna", "provider": "tink", "link": "x"},
        {"person": "Æ", "provider": "tink"},
        {"person": "anna", "provider": "tink", "since": "x"},
    ],
)
async def test_the_truth_must_be_asked_for_properly(bank: Clients, query: dict[str, str]) -> None:
    assert (await bank.http.get("/control/truth", params=query)).status_code in (400, 404)


async def test_the_truth_of_many_is_streamed_whole(bank: Clients) -> None:
    await bank.plaid.link("many-2000")

    whole = await bank.truth("many-2000", "plaid")
    late = await bank.truth("many-2000", "plaid", since="2026-01-01")

    assert whole["counts"]["booked"] == len(whole["transactions"]) == 2000
    assert [r for r in whole["transactions"] if r["date"] >= "2026-01-01"] == late["transactions"]
    for account in whole["accounts"]:
        booked = [r for r in whole["transactions"] if r["account_id"] == account["id"]]
        total = sum(r["amount_minor"] for r in booked)
        assert account["booked_minor"] == account["opening_minor"] + total
