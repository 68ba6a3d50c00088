import io
import json

import pytest

from domain.shared.errors import (
    DalerError,
    FieldProblem,
    InvalidFieldsError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)
from entrypoints.http.problem import headers_of, problem_of, status_of
from tests.http.shell.support import Faults, client, shell


def every_error(base: type[DalerError] = DalerError) -> list[type[DalerError]]:
    return [e for sub in base.__subclasses__() for e in (sub, *every_error(sub))]


@pytest.mark.parametrize("error", every_error(), ids=lambda error: error.__qualname__)
def test_every_error_has_a_status_and_a_code_of_its_own_family(error: type[DalerError]) -> None:
    assert 400 <= status_of(error) <= 503
    assert status_of(error) != 500
    assert error.code.isascii()
    assert error.code == error.code.lower()


def test_details_travel_field_by_field() -> None:
    error = InvalidFieldsError(FieldProblem("lines[3].amount", "too_small", "at least 1.00"))
    problem = problem_of(error, "r")
    assert (problem.status, problem.error) == (422, "invalid_fields")
    assert problem.details[0].field == "lines[3].amount"


def test_who_may_come_back_is_told_when() -> None:
    assert headers_of(TooManyError("slow down", 7)) == [(b"retry-after", b"7")]
    assert headers_of(UnavailableError("bank is down"))[0][0] == b"retry-after"
    assert headers_of(UnauthenticatedError("who?"))[0][0] == b"www-authenticate"


class OddError(BaseException):
    """Not even an Exception."""


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("secret-canary"),
        RecursionError("secret-canary"),
        MemoryError("secret-canary"),
        OddError("secret-canary"),
        ExceptionGroup("secret-canary", [ValueError("secret-canary")]),
        UnicodeDecodeError("utf-8", b"secret-canary", 0, 1, "secret-canary"),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_the_unforeseen_is_a_500_that_tells_nothing_but_where_to_look(
    error: BaseException, logs: io.StringIO
) -> None:
    async with client(shell(faults=Faults(error))) as http:
        answer = await http.get("/api/v1/boom")
        assert (await http.get("/health/live")).status_code == 200
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["error"] == "internal"
    assert problem["request_id"] == answer.headers["x-request-id"]
    assert "canary" not in answer.text
    lines = [json.loads(line) for line in logs.getvalue().splitlines()]
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert failed["exception"][0]["type"] == type(error).__name__
    assert failed["request_id"] == problem["request_id"]
    assert "support.py" in failed["exception"][0]["at"][-1]
    assert "canary" not in json.dumps(lines)


async def test_an_error_of_ours_keeps_its_code_and_sentence() -> None:
    async with client(shell(faults=Faults(TooManyError("three a minute", 20)))) as http:
        answer = await http.get("/api/v1/boom")
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "20"
    assert answer.json() == {
        "type": "about:blank",
        "title": "Too Many Requests",
        "status": 429,
        "error": "too_many",
        "message": "three a minute",
        "details": [],
        "request_id": answer.headers["x-request-id"],
    }
