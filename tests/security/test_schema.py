"""The OpenAPI document is believed: schemathesis sends what it allows, and what it does not."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CheckFunction

from tests.security.operations import ENDS_SESSIONS, Operation, document, operations
from tests.security.town import Days

pytestmark = pytest.mark.postgres

SCHEMA: Final = schemathesis.openapi.from_dict(document())
GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE
EXCLUDED: Final[Sequence[CheckFunction]] = (
    # Sends requests of its own; tests/security/test_sessions.py asks the same of every operation.
    schemathesis.checks.ignored_auth,
    # Rules beyond any schema (a currency that exists, an account of one's own) refuse with 422.
    schemathesis.checks.positive_data_acceptance,
)
TOO_MUCH: Final = {413, 414, 431}
"""Refused by size before anybody looked; schemathesis does not count these as refusals."""
SPARED: Final = {*ENDS_SESSIONS, "imports.request"}
"""The last one's form has tests of its own."""
FUZZ: Final = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def cases() -> Sequence[Any]:
    found = []
    for operation in operations():
        if operation.id in SPARED:
            continue
        name = f"{operation.id} {operation.template}"
        found.append(pytest.param(operation, GOOD, id=f"{name} as described"))
        if operation.path_names or operation.query_names or operation.media_type:
            found.append(pytest.param(operation, BAD, id=f"{name} not as described"))
    return found


@pytest.mark.parametrize(("operation", "mode"), cases())
def test_the_document_says_what_happens(
    days: Days, operation: Operation, mode: GenerationMode
) -> None:
    """Statuses, media types, bodies and headers of every answer; what is not allowed is refused."""
    described = SCHEMA[operation.template][operation.method]

    @FUZZ
    @given(case=described.as_strategy(generation_mode=mode))
    def check(case: "schemathesis.Case[Any]") -> None:
        request = case.as_transport_kwargs(
            base_url="http://daler.test", headers=dict(days.clumsy.headers)
        )
        request.pop("cookies", None)
        if isinstance(request.get("data"), bytes | str):
            request["content"] = request.pop("data")
        answer = days.run(days.town.http.request(**request))
        excluded = list(EXCLUDED)
        if answer.status_code in TOO_MUCH:
            excluded.append(schemathesis.checks.negative_data_rejection)
        case.validate_response(answer, excluded_checks=excluded)

    check()
