import pytest

from tests.sandbox.clients import BACK, Clients, Json, World, plaid_minor

LINK: Json = {
    "client_name": "Daler",
    "language": "no",
    "country_codes": ["NO"],
    "user": {"client_user_id": "u-1"},
    "products": ["transactions"],
}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"client_name": None}, "MISSING_FIELDS"),
        ({"client_name": "D" * 31}, "INVALID_FIELD"),
        ({"language": "nb"}, "INVALID_FIELD"),
        ({"country_codes": ["XX"]}, "INVALID_FIELD"),
        ({"country_codes": "NO"}, "INVALID_FIELD"),
        ({"products": []}, "MISSING_FIELDS"),
        ({"products": ["magic"]}, "INVALID_PRODUCT"),
        ({"webhook": "nowhere"}, "INVALID_FIELD"),
        ({"transactions": {"days_requested": 731}}, "INVALID_FIELD"),
        ({"transactions": {"days_requested": True}}, "INVALID_FIELD"),
        ({"user": "u-1"}, "INVALID_FIELD"),
    ],
)
async def test_a_bad_link_token_request_is_refused(bank: Clients, change: Json, code: str) -> None:
    assert await bank.plaid.refused("/link/token/create", **LINK | change) == code


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MISSING_FIELDS"),
        ({"plaid-client-id": "x", "plaid-secret": "y"}, "INVALID_API_KEYS"),
    ],
)
async def test_the_client_must_be_known(bank: Clients, headers: dict[str, str], code: str) -> None:
    answer = await bank.http.post("/plaid/item/get", json={}, headers=headers)

    assert (answer.status_code, answer.json()["error_code"]) == (400, code)


async def test_client_and_secret_may_stand_in_the_body(bank: Clients) -> None:
    keys = {"client_id": "sandbox-plaid-client", "secret": "sandbox-plaid-secret"}

    answer = await bank.http.post("/plaid/link/token/create", json=LINK | keys)

    assert answer.status_code == 200
    assert answer.json()["link_token"].startswith("link-sandbox-")


async def test_a_public_token_is_exchanged_once_and_soon(world: World, bank: Clients) -> None:
    tokens = [
        (await bank.plaid.visit(await bank.plaid.link_token(), "anna", state="s/1"))
        for _ in range(2)
    ]
    exchange = "/item/public_token/exchange"

    first = await bank.plaid.ok(exchange, public_token=tokens[0]["public_token"])
    again = await bank.plaid.refused(exchange, public_token=tokens[0]["public_token"])
    world.wait(minutes=31)
    late = await bank.plaid.refused(exchange, public_token=tokens[1]["public_token"])

    assert first["access_token"].startswith("access-sandbox-")
    assert (again, late) == ("INVALID_PUBLIC_TOKEN", "INVALID_PUBLIC_TOKEN")
    assert tokens[0]["state"] == "s/1"


async def test_a_visitor_chooses_and_is_shown_the_token_when_there_is_no_way_back(
    bank: Clients,
) -> None:
    query = {"link_token": await bank.plaid.link_token(redirect_uri=None)}

    page = await bank.http.get("/plaid-link", params=query)
    query["input_username"] = "anna"
    shown = await bank.http.get("/plaid-link", params=query)
    plain = await bank.http.get("/plaid-link", params=query, headers={"accept": "application/json"})

    assert 'value="bjorn"' in page.text
    assert "public-sandbox-" in shown.text
    assert plain.json()["public_token"].startswith("public-sandbox-")


async def test_cancelling_comes_back_without_a_token(bank: Clients) -> None:
    back = await bank.plaid.visit(await bank.plaid.link_token(), "cancel")

    assert back["error"] == "USER_CANCELLED"
    assert "public_token" not in back


async def test_a_broken_login_is_mended_in_update_mode_under_the_same_token(
    bank: Clients,
) -> None:
    token = (await bank.plaid.link("anna"))["access_token"]
    await bank.plaid.ok("/sandbox/item/reset_login", access_token=token)
    broken = await bank.plaid.refused("/transactions/sync", access_token=token)
    shown = await bank.plaid.ok("/item/get", access_token=token)

    with_products = await bank.plaid.refused("/link/token/create", **LINK, access_token=token)
    update = await bank.plaid.link_token(access_token=token, products=None)
    back = await bank.plaid.visit(update, "anna")

    assert broken == shown["item"]["error"]["error_code"] == "ITEM_LOGIN_REQUIRED"
    assert with_products == "INVALID_FIELD"
    assert "public_token" not in back
    assert (await bank.plaid.ok("/item/get", access_token=token))["item"]["error"] is None
    await bank.plaid.ok("/transactions/sync", access_token=token)


async def test_rotation_and_removal_end_a_token(bank: Clients) -> None:
    old = (await bank.plaid.link("anna"))["access_token"]

    rotated = await bank.plaid.ok("/item/access_token/invalidate", access_token=old)
    new = rotated["new_access_token"]

    assert await bank.plaid.refused("/item/get", access_token=old) == "INVALID_ACCESS_TOKEN"
    await bank.plaid.ok("/item/remove", access_token=new)
    assert await bank.plaid.refused("/accounts/get", access_token=new) == "ITEM_NOT_FOUND"


async def test_debt_on_a_card_is_positive_and_sums_agree(bank: Clients) -> None:
    item = await bank.plaid.link("bjorn")
    accounts = (await bank.plaid.ok("/accounts/get", access_token=item["access_token"]))["accounts"]

    truth = {a["id"]: a for a in (await bank.truth("bjorn", "plaid"))["accounts"]}
    for account in accounts:
        told = truth[account["account_id"]]
        current = plaid_minor(account["balances"]["current"], "NOK")
        sign = -1 if account["type"] == "credit" else 1
        assert current == sign * told["booked_minor"]
    [card] = [a for a in accounts if a["type"] == "credit"]
    assert card["balances"]["current"] > 0
    assert card["balances"]["limit"] == 50_000


async def test_a_person_without_accounts_has_none_to_show(bank: Clients) -> None:
    token = (await bank.plaid.link("ingen"))["access_token"]

    assert await bank.plaid.refused("/accounts/get", access_token=token) == "NO_ACCOUNTS"


async def test_public_tokens_without_link_and_a_webhook_to_be_changed(bank: Clients) -> None:
    made = await bank.plaid.ok(
        "/sandbox/public_token/create",
        institution_id="ins_109508",
        initial_products=["transactions"],
        options={"override_username": "kari"},
    )
    item = await bank.plaid.ok("/item/public_token/exchange", public_token=made["public_token"])
    fire = {"access_token": item["access_token"], "webhook_code": "ERROR"}

    no_address = await bank.plaid.refused("/sandbox/item/fire_webhook", **fire)
    changed = await bank.plaid.ok(
        "/item/webhook/update", access_token=item["access_token"], webhook=BACK
    )

    assert no_address == "SANDBOX_WEBHOOK_INVALID"
    assert changed["item"]["webhook"] == BACK
    assert (await bank.plaid.ok("/sandbox/item/fire_webhook", **fire))["webhook_fired"] is True


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/transactions/sync", b"{"),
        ("/transactions/sync", b"[]"),
        ("/transactions/sync", b'{"access_token":"\\ud800"}'),
        ("/transactions/sync", b"[" * 100_000),
        ("/item/get", b'{"access_token":7}'),
        ("/item/public_token/exchange", '{"public_token":"æ"}'.encode()),
        ("/nowhere", b"{}"),
    ],
)
async def test_nonsense_is_a_4xx_in_plaids_words(bank: Clients, path: str, body: bytes) -> None:
    headers = {
        "plaid-client-id": "sandbox-plaid-client",
        "plaid-secret": "sandbox-plaid-secret",
        "content-type": "application/json",
    }
    answer = await bank.http.post(f"/plaid{path}", content=body, headers=headers)

    assert 400 <= answer.status_code < 500
    assert {"error_type", "error_code", "request_id"} <= answer.json().keys()


async def test_the_mask_is_the_end_of_the_number_that_tink_shows(bank: Clients) -> None:
    token = (await bank.plaid.link("kari"))["access_token"]
    masks = [
        a["mask"] for a in (await bank.plaid.ok("/accounts/get", access_token=token))["accounts"]
    ]

    accounts = await bank.tink.accounts(await bank.tink.link("kari"))

    assert [a["identifiers"]["iban"]["iban"][-4:] for a in accounts] == masks
