"""What the OpenAPI document says of every operation and every type, so that clients can be made."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

import pytest

from entrypoints.http.schemas import ONE_OF, PLAIN_NAMES
from tests.architecture.test_routes import document

Json = dict[str, Any]

INSTANTS: Final = re.compile(r"(?:.*_)?(?:at|since|until|by)|as_of")
"""How instants are called; some of these may be days as well."""
DAYS: Final = re.compile(r"(?:.*_)?on")
WRITTEN: Final = {"date-time", "date"}


@pytest.fixture(scope="module")
def whole() -> Json:
    return document()


def operations(whole: Json) -> Iterator[tuple[str, Json]]:
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def fields(whole: Json) -> Iterator[tuple[str, str, Json]]:
    for name, component in whole["components"]["schemas"].items():
        for field, schema in component.get("properties", {}).items():
            for one in (schema, *schema.get("anyOf", ())):
                yield name, field, one


def test_every_instant_says_that_it_is_one(whole: Json) -> None:
    texts = [
        (name, field, one.get("format"))
        for name, field, one in fields(whole)
        if one.get("type") == "string" and INSTANTS.fullmatch(field)
    ]
    assert len(texts) > 40
    assert [one for one in texts if one[2] not in WRITTEN] == []


def test_every_day_says_that_it_is_one(whole: Json) -> None:
    texts = [
        (name, field, one.get("format"))
        for name, field, one in fields(whole)
        if one.get("type") == "string" and DAYS.fullmatch(field)
    ]
    assert texts
    assert [one for one in texts if one[2] != "date"] == []


def test_every_month_is_written_alike(whole: Json) -> None:
    months = [one for _, field, one in fields(whole) if field == "month"]
    assert len(months) > 3
    assert {one.get("pattern") for one in months} == {months[0]["pattern"]}
    assert re.search(months[0]["pattern"], "2026-03")
    assert not re.search(months[0]["pattern"], "2026-03-01")


def test_no_module_shows_in_the_name_of_a_type(whole: Json) -> None:
    names = list(whole["components"]["schemas"])
    assert [name for name in names if "." in name] == []
    assert set(PLAIN_NAMES.values()) <= set(names), "a plain name that nothing is called by"


def test_no_answer_may_be_anything(whole: Json) -> None:
    assert [name for name in whole["components"]["schemas"] if "Any" in name.split("_")] == []
    for name, operation in operations(whole):
        for status, answer in operation["responses"].items():
            for content in answer.get("content", {}).values():
                assert content["schema"], f"{name} {status}"


def test_what_is_one_of_a_few_says_of_which(whole: Json) -> None:
    schemas = whole["components"]["schemas"]
    for (name, field), few in ONE_OF.items():
        schema = schemas[name]["properties"][field]
        told = [one["enum"] for one in (schema, *schema.get("anyOf", ())) if "enum" in one]
        assert told == [[str(one) for one in few]], f"{name}.{field}"
    assert "running" in schemas["SyncRunView"]["properties"]["outcome"]["enum"]


def test_every_reference_finds_what_it_names(whole: Json) -> None:
    named = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(whole))
    assert set(named) <= set(whole["components"]["schemas"])


def test_whatever_has_an_id_in_its_path_may_not_be_there(whole: Json) -> None:
    for name, operation in operations(whole):
        if "{" in name:
            assert "404" in operation["responses"], name


def test_whatever_needs_a_session_may_find_none(whole: Json) -> None:
    for name, operation in operations(whole):
        if operation["security"]:
            assert {"401", "403"} <= operation["responses"].keys(), name


def test_whoever_proves_who_they_are_may_fail_to(whole: Json) -> None:
    ways_in = [
        (name, operation)
        for name, operation in operations(whole)
        if any("Tokens" in text for text in _answers(operation))
    ]
    assert len(ways_in) > 7
    for name, operation in ways_in:
        assert "401" in operation["responses"], name


def test_whatever_takes_two_bounds_may_be_given_them_the_wrong_way_round(whole: Json) -> None:
    ranges = [
        (name, operation)
        for name, operation in operations(whole)
        if {"from", "to"} <= {one["name"] for one in operation["parameters"]}
    ]
    assert len(ranges) > 4
    for name, operation in ranges:
        assert "422" in operation["responses"], name


def _answers(operation: Json) -> Iterator[str]:
    for answer in operation["responses"].values():
        yield json.dumps(answer.get("content", {}))
