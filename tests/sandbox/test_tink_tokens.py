import pytest

from tests.sandbox.clients import DATA, Clients, World


async def test_tokens_are_asked_for_with_a_form_and_never_with_json(bank: Clients) -> None:
    fields = {"client_id": "sandbox-tink-client", "grant_type": "client_credentials"}
    answer = await bank.http.post("/tink/api/v1/oauth/token", json=fields)

    assert answer.status_code == 415
    assert {"errorMessage", "errorCode"} <= answer.json().keys()
    assert answer.headers["x-request-id"]


async def test_a_client_token_says_how_long_it_lives(bank: Clients) -> None:
    answer = await bank.tink.token(grant_type="client_credentials", scope="user:create,a:b")

    assert answer.json() | {"access_token": ""} == {
        "access_token": "",
        "token_type": "bearer",
        "expires_in": 1800,
        "scope": "user:create,a:b",
    }


@pytest.mark.parametrize(
    ("fields", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"scope": "user:create authorization:grant"}, 400, "invalid_scope"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": "authorization_code", "code": "x"}, 400, "invalid_grant"),
    ],
)
async def test_a_bad_token_request_is_refused(
    bank: Clients, fields: dict[str, str], status: int, error: str
) -> None:
    answer = await bank.tink.token(
        **{"grant_type": "client_credentials", "scope": "user:create"} | fields
    )

    assert (answer.status_code, answer.json()["error"]) == (status, error)


async def test_a_known_external_id_conflicts(bank: Clients) -> None:
    first = await bank.tink.create_user("u-9")
    second = await bank.tink.create_user("u-9")

    assert first.json()["external_user_id"] == "u-9"
    assert second.status_code == 409


@pytest.mark.parametrize("wanted", [{"market": "no"}, {"locale": "nb"}, {"retention_class": "x"}])
async def test_a_user_needs_a_market_that_exists(bank: Clients, wanted: dict[str, str]) -> None:
    assert (await bank.tink.create_user(**wanted)).status_code == 400


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"id_hint": "Łukasz"}, 400),
        ({"id_hint": ""}, 400),
        ({"actor_client_id": "somebody"}, 400),
        ({"external_user_id": "nobody"}, 404),
        ({"user_id": "both"}, 400),
    ],
)
async def test_a_bad_delegation_is_refused(
    bank: Clients, fields: dict[str, str], status: int
) -> None:
    await bank.tink.create_user()

    assert (await bank.tink.delegate(**fields)).status_code == status


async def test_a_code_works_once_and_only_for_whom_it_was_made(bank: Clients) -> None:
    await bank.tink.create_user()
    delegated = (await bank.tink.delegate()).json()["code"]
    token = await bank.tink.client_token("authorization:grant")
    path = "/api/v1/oauth/authorization-grant"
    answer = await bank.tink.form(path, token, external_user_id="u-1", scope=DATA)
    code = answer.json()["code"]

    answers = [
        await bank.tink.token(grant_type="authorization_code", code=one)
        for one in (delegated, code, code)
    ]

    assert [a.status_code for a in answers] == [400, 200, 400]
    assert answers[1].json()["expires_in"] == 7200


async def test_codes_and_tokens_grow_old(world: World, bank: Clients) -> None:
    await bank.tink.create_user()
    token = await bank.tink.client_token("authorization:grant")
    user_token = await bank.tink.user_token()
    path = "/api/v1/oauth/authorization-grant"
    fields = {"external_user_id": "u-1", "scope": DATA}
    code = (await bank.tink.form(path, token, **fields)).json()["code"]

    world.wait(minutes=31)

    exchange = await bank.tink.token(grant_type="authorization_code", code=code)
    assert exchange.json()["error"] == "invalid_grant"
    assert (await bank.tink.form(path, token, **fields)).status_code == 401
    assert (await bank.tink.get("/data/v2/accounts", user_token)).status_code == 200
    world.wait(hours=2)
    assert (await bank.tink.get("/data/v2/accounts", user_token)).status_code == 401


async def test_a_token_without_the_scope_is_forbidden(bank: Clients) -> None:
    await bank.tink.create_user()
    token = await bank.tink.user_token(scope="accounts:read")

    assert (await bank.tink.get("/data/v2/accounts", token)).status_code == 200
    assert (await bank.tink.get("/data/v2/transactions", token)).status_code == 403
    assert (await bank.tink.get("/data/v2/accounts", "nonsense")).status_code == 401


async def test_revoking_everything_ends_old_tokens_but_not_new_ones(
    world: World, bank: Clients
) -> None:
    token = await bank.tink.link("tom")
    revoke = await bank.tink.client_token("authorization:revoke")
    world.wait(seconds=1)

    answer = await bank.tink.form("/api/v1/oauth/revoke-all", revoke, external_user_id="u-1")

    assert answer.status_code == 204
    assert (await bank.tink.get("/data/v2/accounts", token)).status_code == 401
    world.wait(seconds=1)
    fresh = await bank.tink.user_token()
    assert (await bank.tink.get("/data/v2/accounts", fresh)).status_code == 200


async def test_a_deleted_user_is_gone_with_all_consents(bank: Clients) -> None:
    await bank.tink.link("tom")
    token = await bank.tink.user_token(scope="user:delete,accounts:read")

    assert (await bank.tink.post("/api/v1/user/delete", token, {})).status_code == 204

    assert (await bank.tink.get("/data/v2/accounts", token)).status_code == 401
    assert (await bank.tink.delegate()).status_code == 404
    assert (await bank.control("GET", "/links"))["tink"] == []


async def test_the_clients_trace_id_comes_back(bank: Clients) -> None:
    answer = await bank.http.get("/tink/nowhere", headers={"x-client-trace-id": "t-1"})

    assert answer.status_code == 404
    assert answer.headers["x-client-trace-id"] == "t-1"
