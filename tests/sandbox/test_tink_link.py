from datetime import timedelta

from tests.sandbox.clients import BACK, Clients, World

CONSENTS = "provider-consents:read,provider-consents:write,credentials:read,credentials:write"


async def consents(bank: Clients) -> list[dict[str, object]]:
    token = await bank.tink.user_token(scope=CONSENTS)
    found = await bank.tink.get("/api/v1/provider-consents", token)
    listed: list[dict[str, object]] = found.json()["providerConsents"]
    return listed


async def delegate_code(bank: Clients) -> str:
    await bank.tink.create_user()
    return str((await bank.tink.delegate()).json()["code"])


async def test_the_person_comes_back_with_credentials_and_state(
    world: World, bank: Clients
) -> None:
    back = await bank.tink.visit(await delegate_code(bank), "anna")

    assert back["state"] == "s t/1"
    [consent] = await consents(bank)
    assert consent["credentialsId"] == back["credentials_id"]
    assert consent["status"] == "UPDATED"
    expiry = (world.now + timedelta(days=90)).timestamp() * 1000
    assert consent["sessionExpiryDate"] == expiry


async def test_a_delegate_code_opens_one_session(bank: Clients) -> None:
    code = await delegate_code(bank)
    await bank.tink.visit(code, "anna")

    again = await bank.tink.visit(code, "anna")

    assert again["error"] == "BAD_REQUEST"
    assert again["state"] == "s t/1"


async def test_outcomes_other_than_agreement(bank: Clients) -> None:
    outcomes = {
        person: (await bank.tink.visit(await delegate_code(bank), person))["error"]
        for person in ("cancel", "locked", "broken", "../etc")
    }

    assert outcomes == {
        "cancel": "USER_CANCELLED",
        "locked": "AUTHENTICATION_ERROR",
        "broken": "TEMPORARY_ERROR",
        "../etc": "AUTHENTICATION_ERROR",
    }
    assert await consents(bank) == []


async def test_a_visitor_gets_a_page_that_loads_nothing(bank: Clients) -> None:
    query = {
        "client_id": "sandbox-tink-client",
        "redirect_uri": BACK,
        "authorization_code": await delegate_code(bank),
        "state": '"><script>',
    }
    page = await bank.http.get("/tink-link/1.0/transactions/connect-accounts", params=query)

    assert page.status_code == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "<script" not in page.text
    assert 'value="anna"' in page.text
    chosen = query | {"test": "true", "input_username": "anna", "another": "berit"}
    back = await bank.http.get("/tink-link/1.0/transactions/connect-accounts", params=chosen)
    assert back.status_code == 302
    assert (await bank.control("GET", "/links"))["tink"][0]["person"] == "berit"


async def test_an_unknown_client_sends_nobody_anywhere(bank: Clients) -> None:
    query = {"client_id": "stranger", "redirect_uri": BACK, "authorization_code": "x"}
    page = await bank.http.get("/tink-link/1.0/transactions/connect-accounts", params=query)

    assert page.status_code == 400
    assert "location" not in page.headers


async def test_a_consent_runs_out_and_is_renewed_under_the_same_name(bank: Clients) -> None:
    name = (await bank.tink.visit(await delegate_code(bank), "anna"))["credentials_id"]
    await bank.control("POST", "/advance", days=91)
    [expired] = await consents(bank)

    code = (await bank.tink.delegate()).json()["code"]
    back = await bank.tink.visit(code, "anna", "update-consent", credentials_id=name)

    assert expired["status"] == "SESSION_EXPIRED"
    assert expired["detailedError"] == {
        "type": "AUTHORIZATION_ERROR",
        "displayMessage": "Log in to your bank again.",
        "details": {"reason": "SESSION_EXPIRED", "retryable": False},
    }
    assert back["credentials_id"] == name
    assert [c["status"] for c in await consents(bank)] == ["UPDATED"]


async def test_extending_moves_the_end_but_not_of_what_has_ended(bank: Clients) -> None:
    name = (await bank.tink.visit(await delegate_code(bank), "anna"))["credentials_id"]
    [before] = await consents(bank)
    token = await bank.tink.user_token(scope=CONSENTS)
    path, wanted = "/api/v1/provider-consents:extend", {"credentialsId": name}

    await bank.control("POST", "/advance", days=30)
    assert (await bank.tink.post(path, token, wanted)).status_code == 200

    [after] = await consents(bank)
    assert int(str(after["sessionExpiryDate"])) - int(str(before["sessionExpiryDate"])) == (
        timedelta(days=30).total_seconds() * 1000
    )
    await bank.control("POST", "/person/anna/login", state="required")
    assert (await bank.tink.post(path, token, wanted)).status_code == 400


async def test_one_users_credentials_are_not_anothers(bank: Clients) -> None:
    name = (await bank.tink.visit(await delegate_code(bank), "anna"))["credentials_id"]
    await bank.tink.create_user("u-2")
    code = (await bank.tink.delegate("u-2")).json()["code"]

    back = await bank.tink.visit(code, "anna", "update-consent", credentials_id=name)

    assert back["error"] == "BAD_REQUEST"
    token = await bank.tink.user_token("u-2", CONSENTS)
    assert (await bank.tink.get(f"/api/v1/credentials/{name}", token)).status_code == 404


async def test_deleted_credentials_take_the_accounts_along(bank: Clients) -> None:
    token = await bank.tink.link("anna")
    [link] = (await bank.control("GET", "/links"))["tink"]
    writer = await bank.tink.user_token(scope=CONSENTS)

    headers = {"authorization": f"Bearer {writer}"}
    gone = await bank.http.delete(f"/tink/api/v1/credentials/{link['link']}", headers=headers)

    assert gone.status_code == 204
    assert await bank.tink.accounts(token) == []


async def test_the_market_lists_its_test_banks_to_who_asks(bank: Clients) -> None:
    token = await bank.tink.client_token("providers:read")

    shown = await bank.tink.get("/api/v1/providers/NO", token, includeTestProviders="true")
    hidden = await bank.tink.get("/api/v1/providers/NO", token)

    assert "no-sandbox-fjord" in [p["name"] for p in shown.json()["providers"]]
    assert hidden.json() == {"providers": []}
