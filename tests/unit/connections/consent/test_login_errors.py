"""From every login error that the providers' pages list to a connection that waits in silence."""

from itertools import product

import pytest

from adapters.outbound.remedy import Remedy
from adapters.plaid.problems import CODES, WITHDRAWN, item_problem
from adapters.tink import shapes
from adapters.tink.consent import problem_of
from domain.connections.connection import ConnectionStatus
from domain.shared.notices import NoticeKind
from tests.unit.connections.consent.told import Told

WAITS_FOR_THE_PERSON = {Remedy.SIGN_IN, Remedy.TELL, Remedy.LINK_ANEW}
PLAID = [code for code, remedy in CODES.items() if remedy in WAITS_FOR_THE_PERSON]
TINK_STATUSES = ["AUTHENTICATION_ERROR", "SESSION_EXPIRED", "PERMANENT_ERROR"]
TINK_REASONS = {
    "USER_LOGIN_ERROR": [
        "THIRD_PARTY_AUTHENTICATION_UNAVAILABLE",
        "STATIC_CREDENTIALS_INCORRECT",
        "DYNAMIC_CREDENTIALS_INCORRECT",
        "DYNAMIC_CREDENTIALS_FLOW_CANCELLED",
        "DYNAMIC_CREDENTIALS_FLOW_TIMEOUT",
        "USER_NOT_A_CUSTOMER",
        "USER_BLOCKED",
        "USER_CONCURRENT_LOGINS",
    ],
    "AUTHORIZATION_ERROR": ["ACTION_NOT_PERMITTED", "SESSION_EXPIRED", "USER_ACTION_REQUIRED"],
    "ACCOUNT_INFORMATION_ERROR": ["NO_ACCOUNTS"],
}
TINK = [
    (status, kind, reason)
    for status, (kind, reasons) in product(TINK_STATUSES, TINK_REASONS.items())
    for reason in reasons
]


async def leads_to_silence(told: Told, error: BaseException) -> None:
    await told.links()
    before = told.world.bank.requests
    told.world.bank.lapsed = error
    await told.syncs()
    await told.hours(30)

    assert told.connection.status is ConnectionStatus.REQUIRES_RENEWAL
    assert told.world.bank.requests == before + 1, "once, to be refused, and never again"
    assert len(told.kinds) == 1


def test_the_list_has_all_that_a_sign_in_or_a_new_link_is_the_answer_to() -> None:
    assert set(PLAID) >= {
        "ITEM_LOGIN_REQUIRED",
        "ACCESS_NOT_GRANTED",
        "ADDITIONAL_CONSENT_REQUIRED",
        "USER_PERMISSION_REVOKED",
        "ITEM_NOT_FOUND",
        "INVALID_ACCESS_TOKEN",
    }


@pytest.mark.parametrize("code", PLAID)
async def test_of_plaid(told: Told, code: str) -> None:
    error = item_problem(code)
    assert error is not None

    await leads_to_silence(told, error)

    withdrawn = told.kinds == [NoticeKind.ACCESS_WITHDRAWN_AT_BANK]
    assert withdrawn is (code in WITHDRAWN)


@pytest.mark.parametrize(("status", "kind", "reason"), TINK)
async def test_of_tink(told: Told, status: str, kind: str, reason: str) -> None:
    said = shapes.DetailedError(type=kind, details=shapes.ErrorDetails(reason, retryable=False))
    error = problem_of(shapes.Consent(credentials_id="c-1", status=status, detailed_error=said))
    assert error is not None

    await leads_to_silence(told, error)

    assert told.kinds == [NoticeKind.RENEWAL_REQUIRED]


async def test_of_tink_when_the_credentials_are_gone(told: Told) -> None:
    error = problem_of(shapes.Consent(credentials_id="c-1", status="DELETED"))
    assert error is not None

    await leads_to_silence(told, error)

    assert told.kinds == [NoticeKind.ACCESS_WITHDRAWN_AT_BANK]
