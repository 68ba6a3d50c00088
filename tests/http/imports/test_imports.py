"""Statement files over HTTP: what is sent, and what is told."""

import json
from uuid import UUID, uuid4

import pytest

from entrypoints.http.imports import FILE_BYTES_MAX
from tests.http.house import House
from tests.http.person import Json, Person
from tests.support.imports import sample

CSV = sample("plain.csv")
MT940 = sample("asn-bank.mt940")
EUR = {"currency": "EUR"}


async def accounts(person: Person) -> dict[str, Json]:
    return {account["name"]: account for account in await person.data("/accounts")}


async def test_asn_bank_from_file_to_balance(house: House, anna: Person) -> None:
    done = await house.imports(anna, MT940)

    report = done["report"]
    assert (done["state"], report["format"]) == ("applied", "mt940")
    assert (report["entries"], report["new"], report["known"]) == (8, 8, 0)
    assert report["statements"][0]["opening"] == {"amount": "444.29"} | EUR
    last = report["statements"][-1]
    assert (last["closing"], last["closing_on"]) == ({"amount": "501.23"} | EUR, "2020-01-31")
    account = (await accounts(anna))["NL81ASNB9999999999"]
    assert account["id"] == last["account_id"]
    assert account["balance"] == {"amount": "501.23"} | EUR
    assert len(await anna.data("/transactions")) == 8


async def test_camt_from_file_to_balance(house: House, anna: Person) -> None:
    done = await house.imports(anna, sample("camt053-v2-two-statements.xml"))

    totals = [one["total"]["amount"] for one in done["report"]["statements"]]
    assert totals == ["8.85", "-7.00"]
    (account,) = (await accounts(anna)).values()
    assert account["balance"] == {"amount": "20.00"} | EUR


async def test_a_csv_goes_where_the_options_say(house: House, anna: Person) -> None:
    options = {
        "account_name": "Everyday",
        "currency": "SEK",
        "csv": {"date": "date", "amount": "#2", "text": ["merchant", "category"]},
    }

    done = await house.imports(anna, CSV, json.dumps(options))

    assert (done["report"]["entries"], done["report"]["new"]) == (4, 4)
    account = (await accounts(anna))["Everyday"]
    assert account["balance"] == {"amount": "924.20", "currency": "SEK"}
    texts = [one["text"] for one in await anna.data("/transactions")]
    assert texts.count("Ruter Transport") == 2


async def test_the_same_file_again_is_known(house: House, anna: Person) -> None:
    await house.imports(anna, CSV)
    again = await house.imports(anna, CSV)

    assert (again["report"]["new"], again["report"]["known"]) == (0, 4)
    assert len(await anna.data("/transactions")) == 4


async def test_what_two_files_tell_otherwise_is_asked_as_a_duplicate(
    house: House, anna: Person
) -> None:
    everyday = json.dumps({"account_name": "Everyday", "currency": "NOK"})
    await house.imports(anna, b"date,amount,text\n2026-03-10,-200.00,Kiwi Oslo\n", everyday)
    await house.imports(anna, b"date,amount,text\n2026-03-10,-201.00,Kiwi Oslo\n", everyday)

    (asked,) = await anna.data("/banking/duplicates")
    assert (asked["evidence"]["between_files"], asked["between_feeds"]) == (True, False)
    assert (asked["pending"]["status"], asked["booked"]["status"]) == ("booked", "booked")
    answer = await anna.call("POST", f"/banking/duplicates/{asked['id']}/confirm")

    assert answer.status_code == 200, answer.text
    (one,) = await anna.data("/transactions")
    assert one["id"] == asked["pending"]["id"]
    assert one["amount"]["amount"] == "-201.00"


async def test_until_it_is_applied_nobody_knows_what_is_new(anna: Person) -> None:
    ticket = (await anna.sends(CSV)).json()["data"]

    waiting = await anna.data(f"/imports/{ticket['import_id']}")

    assert (waiting["state"], waiting["report"]) == ("waiting", None)


async def test_a_dry_run_only_tells(house: House, anna: Person) -> None:
    done = await house.imports(anna, CSV, '{"dry_run": true}')

    assert (done["state"], done["dry_run"], done["report"]["new"]) == ("checked", True, 4)
    assert done["report"]["statements"][0]["account_id"] is None
    assert await anna.data("/accounts") == []


async def test_a_damaged_file_is_refused_with_its_line(house: House, anna: Person) -> None:
    damaged = CSV + b"2025-02-30,-1.00,Food,Somewhere\n"

    done = await house.imports(anna, damaged)

    assert (done["state"], done["report"]) == ("refused", None)
    assert done["refusal"]["error"] == "statement_refused"
    assert done["refusal"]["details"][0]["field"].startswith("line 6")
    assert await anna.data("/transactions") == []


async def test_the_job_can_be_followed(house: House, anna: Person, bjorn: Person) -> None:
    job_id = (await anna.sends(CSV)).json()["data"]["job_id"]
    before = await anna.data(f"/jobs/{job_id}")
    await house.works()
    after = await anna.data(f"/jobs/{job_id}")

    assert (before["name"], before["state"]) == ("ledger.import_statement", "ready")
    assert (after["state"], after["attempts"], after["error"]) == ("done", 1, None)
    assert after["finished_at"] is not None
    stranger = await bjorn.call("GET", f"/jobs/{job_id}")
    assert (stranger.status_code, stranger.json()["error"]) == (404, "job_not_found")


async def test_imports_are_listed_newest_first(house: House, anna: Person) -> None:
    sent = [(await house.imports(anna, CSV))["id"] for _ in range(3)]

    first = (await anna.call("GET", "/imports?limit=2")).json()
    cursor = first["pagination"]["next_cursor"]
    rest = (await anna.call("GET", f"/imports?limit=2&cursor={cursor}")).json()

    assert [one["id"] for one in first["data"] + rest["data"]] == sent[::-1]
    assert rest["pagination"]["has_more"] is False


async def test_another_persons_import_and_account_are_not_there(
    house: House, anna: Person, bjorn: Person
) -> None:
    done = await house.imports(anna, CSV)
    account_id = done["report"]["statements"][0]["account_id"]

    import_of_anna = await bjorn.call("GET", f"/imports/{done['id']}")
    into_annas_account = await bjorn.sends(CSV, json.dumps({"account_id": account_id}))
    nowhere = await anna.sends(CSV, json.dumps({"account_id": str(uuid4())}))

    assert (import_of_anna.status_code, import_of_anna.json()["error"]) == (404, "import_not_found")
    assert into_annas_account.status_code == nowhere.status_code == 404
    assert (await bjorn.call("GET", "/imports")).json()["data"] == []


async def test_the_same_key_imports_once_whatever_the_boundary(anna: Person) -> None:
    key = {"Idempotency-Key": "k-1"}
    first = await anna.sends(CSV, '{"account_name": "A"}', headers=key)
    again = await anna.sends(CSV, '{"account_name": "A"}', headers=key)
    other = await anna.sends(CSV, '{"account_name": "B"}', headers=key)

    assert first.request.headers["content-type"] != again.request.headers["content-type"]
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert (other.status_code, other.json()["error"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(
    ("file", "says"),
    [(b"", "empty"), (b"%PDF-1.4", "a PDF"), (b"PK\x03\x04abc", "a ZIP archive")],
)
async def test_what_is_no_statement_is_refused_at_once(
    anna: Person, file: bytes, says: str
) -> None:
    answer = await anna.sends(file)

    assert (answer.status_code, answer.json()["error"]) == (422, "statement_refused")
    assert says in answer.json()["message"]


@pytest.mark.parametrize(
    ("options", "field", "error"),
    [
        ("{", "", "bad_json"),
        ('{"colour": "red"}', "options.colour", "unknown"),
        ('{"account_id": "x"}', "options.account_id", "invalid"),
        ('{"account_name": " "}', "options.account_name", "blank"),
        ('{"currency": "XXQ"}', "options.currency", "unknown_currency"),
        ('{"currency": "nok"}', "options.currency", "pattern"),
        ('{"csv": {"sign": "up"}}', "options.csv.sign", "choice"),
        ('{"csv": {"fixed_currency": "QQQ"}}', "options.csv.fixed_currency", "unknown_currency"),
        ('{"csv": {"skip_lines": -1}}', "options.csv.skip_lines", "range"),
        ('{"dry_run": true, "dry_run": false}', "options.dry_run", "duplicate"),
        ("[]", "options", "type"),
    ],
)
async def test_options_that_make_no_sense_are_named(
    anna: Person, options: str, field: str, error: str
) -> None:
    answer = await anna.sends(CSV, options)

    assert answer.status_code == 400
    problem = answer.json()
    if field:
        assert (problem["details"][0]["field"], problem["details"][0]["error"]) == (field, error)
    else:
        assert problem["error"] == error


async def test_only_forms_are_taken(anna: Person) -> None:
    raw = await anna.call("POST", "/imports", content=CSV, headers={"content-type": "text/csv"})
    bare = {"content-type": "multipart/form-data"}
    no_boundary = await anna.call("POST", "/imports", content=CSV, headers=bare)
    cut = await anna.call(
        "POST",
        "/imports",
        content=b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nda',
        headers={"content-type": "multipart/form-data; boundary=b"},
    )

    assert (raw.status_code, raw.json()["error"]) == (415, "unsupported_media_type")
    assert (no_boundary.status_code, cut.status_code) == (400, 400)


async def test_a_form_has_one_file_and_no_strangers(anna: Person) -> None:
    none = await anna.call("POST", "/imports", files={"options": (None, "{}")})
    two = await anna.call("POST", "/imports", files=[("file", CSV), ("file", CSV)])
    stranger = await anna.call("POST", "/imports", files={"file": CSV, "note": (None, "hi")})

    told = [
        (
            answer.status_code,
            answer.json()["details"][0]["field"],
            answer.json()["details"][0]["error"],
        )
        for answer in (none, two, stranger)
    ]
    assert told == [(400, "file", "missing"), (400, "file", "duplicate"), (400, "note", "unknown")]


async def test_a_file_that_is_too_large_is_not_taken(anna: Person) -> None:
    answer = await anna.sends(b"1" * (FILE_BYTES_MAX + 1))

    assert (answer.status_code, answer.json()["error"]) == (413, "body_too_large")


async def test_strangers_import_nothing(house: House) -> None:
    answer = await house.http.post("/imports", files={"file": CSV})

    assert answer.status_code == 401


async def test_the_form_is_documented_as_it_is_checked(house: House) -> None:
    document = (await house.http.get("http://daler.test/openapi.json")).json()

    body = document["paths"]["/api/v1/imports"]["post"]["requestBody"]["content"]
    form = body["multipart/form-data"]["schema"]
    options = document["components"]["schemas"][form["properties"]["options"]["$ref"][21:]]
    assert form["required"] == ["file"]
    assert set(options["properties"]) == {
        "account_id",
        "account_name",
        "currency",
        "csv",
        "dry_run",
    }


async def test_a_file_goes_to_one_account(anna: Person) -> None:
    options = {"account_id": str(UUID(int=1)), "account_name": "Everyday"}

    answer = await anna.sends(CSV, json.dumps(options))

    assert answer.status_code == 400, answer.text
    assert [one["field"] for one in answer.json()["details"]] == ["options.account_name"]


async def test_options_that_are_no_json_are_named(anna: Person) -> None:
    assert "`options` is not JSON" in (await anna.sends(CSV, "no json")).json()["message"]
