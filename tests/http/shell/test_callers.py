import httpx
import pytest

from tests.http.shell.support import SIGNED_IN

JSON = {**SIGNED_IN, "content-type": "application/json"}


@pytest.mark.parametrize(
    "header",
    [None, "", "anna", "Basic anna", "Bearer", "Bearer ", "Bearer a b", "Bearer mallory",
     "Bearer signed-out", "Bearer " + "x" * 9_000, "Bearer \x01"],
)  # fmt: skip
async def test_without_a_living_session_the_answer_is_401(
    http: httpx.AsyncClient, header: str | None
) -> None:
    headers = {} if header is None else {"authorization": header}
    answer = await http.post("/api/v1/sync", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["error"] == "unauthenticated"


async def test_a_hot_read_checks_its_session_by_itself(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/orders", headers={"authorization": "bearer signed-out"})
    assert answer.status_code == 200


async def test_two_authorizations_are_one_too_many(http: httpx.AsyncClient) -> None:
    twice = [("authorization", "Bearer anna"), ("authorization", "Bearer mallory")]
    assert (await http.get("/api/v1/orders", headers=twice)).status_code == 400


async def pay(
    http: httpx.AsyncClient, key: str | None, body: str, query: str = ""
) -> httpx.Response:
    headers = JSON | ({} if key is None else {"idempotency-key": key})
    return await http.post(f"/api/v1/payments{query}", headers=headers, content=body)


async def test_where_a_key_is_required_its_absence_is_told(http: httpx.AsyncClient) -> None:
    answer = await pay(http, None, '{"count":1}')
    assert answer.status_code == 400
    assert answer.json()["details"][0]["field"] == "Idempotency-Key"


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "tab\tbed"])
async def test_a_key_that_is_none_is_refused(http: httpx.AsyncClient, key: str) -> None:
    assert (await pay(http, key, '{"count":1}')).status_code == 400
    answer = await http.post(
        "/api/v1/orders", headers=JSON | {"idempotency-key": key}, content='{"count":1}'
    )
    assert answer.status_code == 400


async def test_the_same_request_has_the_same_hash_and_no_other(http: httpx.AsyncClient) -> None:
    first = (await pay(http, "k", '{"count":1,"exact":true}')).json()["data"]
    spaced = (await pay(http, "k", ' {"exact": true, "count": 1} ')).json()["data"]
    other = (await pay(http, "k", '{"count":2,"exact":true}')).json()["data"]
    assert first == spaced
    assert first != other


async def test_a_replay_says_so(http: httpx.AsyncClient) -> None:
    fresh = await http.post(
        "/api/v1/orders", headers=JSON | {"idempotency-key": "once"}, content='{"count":1}'
    )
    again = await http.post(
        "/api/v1/orders", headers=JSON | {"idempotency-key": "again"}, content='{"count":1}'
    )
    assert "idempotency-replayed" not in fresh.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == fresh.json()
