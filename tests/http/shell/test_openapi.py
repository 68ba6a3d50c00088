import json
import re
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from dishka.integrations.litestar import DishkaRouter
from litestar import get

from domain.shared.secret import Secret
from entrypoints.http.envelope import Data
from entrypoints.http.openapi import document_of
from entrypoints.http.schemas import SecretInAnswerError
from tests.http.shell.support import OPTIONS, Placed, shell


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(document_of(shell().plans, OPTIONS)))
    return found


async def test_it_is_served(http: httpx.AsyncClient, document: dict[str, Any]) -> None:
    answer = await http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == document


def test_it_says_what_the_shell_enforces(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Order"]["additionalProperties"] is False
    assert schemas["Order"]["properties"]["count"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 100,
    }
    assert schemas["Order"]["properties"]["lines"]["maxItems"] == 50
    assert schemas["Line"]["properties"]["tags"]["maxItems"] == 5
    listing = document["paths"]["/api/v1/orders"]["get"]
    limit = next(p for p in listing["parameters"] if p["name"] == "limit")
    assert limit["schema"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}


def test_money_is_described_as_it_is_written(document: dict[str, Any]) -> None:
    money = document["components"]["schemas"]["Money"]
    assert set(money["properties"]) == {"amount", "currency"}


def test_patterns_are_those_of_ecma(document: dict[str, Any]) -> None:
    assert "\\Z" not in json.dumps(document).replace("\\\\", "\\")


def test_every_operation_has_an_id_and_its_problems(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    ids = [operation["operationId"] for operation in operations]
    assert len(set(ids)) == len(ids)
    problem = {"$ref": "#/components/responses/Problem"}
    for operation in operations:
        assert operation["responses"]["default"] == problem
        assert operation["responses"]["400"] == problem
        assert bool(operation["security"]) is ("401" in operation["responses"])
    content = document["components"]["responses"]["Problem"]["content"]
    assert list(content) == ["application/problem+json"]


def test_every_string_that_is_sent_has_a_longest_length(document: dict[str, Any]) -> None:
    for name in ("Order", "Line", "MoneyIn"):
        for text in _strings(document["components"]["schemas"][name]):
            assert "maxLength" in text


def test_a_secret_cannot_slip_into_an_answer() -> None:
    @get("/leak", public=True)
    async def leak() -> Data[Secret]:
        return Data(Secret("x"))

    with pytest.raises(SecretInAnswerError):
        document_of(shell(routers=[DishkaRouter("/", route_handlers=[leak])]).plans, OPTIONS)


def _strings(schema: object) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [found for one in schema for found in _strings(one)]
    if not isinstance(schema, dict):
        return []
    found = [found for one in schema.values() for found in _strings(one)]
    return [*found, schema] if schema.get("type") == "string" else found


def test_names_of_components_are_short_and_references_find_them() -> None:
    @get(["/views", "/same/views"], public=True, name="views.list")
    async def views() -> Data[Sequence[Placed]]:
        return Data(())

    app = shell(routers=[DishkaRouter("/", route_handlers=[views])])
    document = json.loads(json.dumps(document_of(app.plans, OPTIONS)))
    schemas = document["components"]["schemas"]
    assert "Data_Sequence_Placed__" in schemas
    references = re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(document))
    assert set(references) <= set(schemas)
    ids = {path["get"]["operationId"] for path in document["paths"].values()}
    assert {"views.list", "views.list.2"} <= ids
