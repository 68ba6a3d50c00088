import httpx
import pytest

from tests.http.shell.support import SIGNED_IN


async def ask(http: httpx.AsyncClient, query: str) -> httpx.Response:
    return await http.get(f"/api/v1/orders?{query}", headers=SIGNED_IN)


@pytest.mark.parametrize(
    ("query", "field", "error"),
    [
        ("limit=0", "limit", "range"),
        ("limit=201", "limit", "range"),
        ("limit=x", "limit", "type"),
        ("limit=", "limit", "type"),
        ("limit=1_0", "limit", "type"),
        ("limit=10&limit=10", "limit", "duplicate"),
        ("LIMIT=10", "LIMIT", "unknown"),
        ("li%6dit=10&limit=11", "limit", "duplicate"),
        ("sort=asc", "sort", "unknown"),
        ("colour=green", "colour", "choice"),
        ("text=" + "x" * 21, "text", "length"),
        ("text=%00", "text", "characters"),
        ("text=%ff", "text", "characters"),
        ("text=%ed%a0%80", "text", "characters"),
        ("tag=a&tag=b&tag=c&tag=d", "tag", "length"),
        ("from=2026-02-30", "from", "invalid"),
        ("first=2026-02-28", "first", "unknown"),
    ],
)
async def test_each_wrong_parameter_is_named(
    http: httpx.AsyncClient, query: str, field: str, error: str
) -> None:
    answer = await ask(http, query)
    assert answer.status_code == 400, answer.text
    assert {d["field"]: d["error"] for d in answer.json()["details"]} == {field: error}


async def test_all_of_them_at_once(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "limit=500&colour=green")
    assert {d["field"] for d in answer.json()["details"]} == {"limit", "colour"}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("colour=green", "colour: write one of blue, red"),
        ("from=2026-02", "from: write a day like 2026-03-01"),
        ("limit=x", "limit: expected integer, got string"),
    ],
)
async def test_it_is_said_what_to_write_instead(
    http: httpx.AsyncClient, query: str, message: str
) -> None:
    assert (await ask(http, query)).json()["message"] == message


async def test_a_query_has_its_length(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "text=" + "x" * 8_200)
    assert (answer.status_code, answer.json()["error"]) == (414, "query_too_long")


async def test_declared_parameters_pass(http: httpx.AsyncClient) -> None:
    answer = await ask(http, "limit=2&colour=red&text=a+b%20%C3%A6=&tag=a&tag=b&")
    assert answer.json()["data"] == [0, 1]


async def test_pages_follow_each_other_to_the_end(http: httpx.AsyncClient) -> None:
    seen: list[int] = []
    query = "limit=50"
    while True:
        page = (await ask(http, query)).json()
        seen += page["data"]
        cursor = page["pagination"]["next_cursor"]
        assert page["pagination"]["has_more"] is (cursor is not None)
        if cursor is None:
            break
        query = f"limit=50&cursor={cursor}"
    assert seen == list(range(120))


async def test_a_cursor_is_good_for_its_own_list_only(http: httpx.AsyncClient) -> None:
    cursor = (await ask(http, "limit=5")).json()["pagination"]["next_cursor"]
    flipped = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for query in (f"cursor={cursor}&colour=red", f"cursor={flipped}", "cursor=x", "cursor=æ",
                  f"cursor={cursor}AAAA", "cursor=" + "A" * 40):  # fmt: skip
        answer = await ask(http, query)
        assert (answer.status_code, answer.json()["error"]) == (400, "bad_cursor")
        assert answer.json()["details"][0]["field"] == "cursor"
    assert (await ask(http, f"cursor={cursor}&limit=7")).status_code == 200
