"""What Plaid's documentation says can go wrong, and what is to be done about each of it.

Written down from the documentation, not from the adapter: this is what the adapter has to fit.
"""

from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.outbound.remedy import Remedy
from tests.providers.server import Answer, told

ITEM, INSTITUTION, API = "ITEM_ERROR", "INSTITUTION_ERROR", "API_ERROR"
INPUT, LIMIT, TRANSACTIONS = "INVALID_INPUT", "RATE_LIMIT_EXCEEDED", "TRANSACTIONS_ERROR"


@dataclass(frozen=True, slots=True)
class Case:
    code: str
    kind: str
    remedy: Remedy
    status: int = 400
    wait_s: float | None = None
    """How long the job has to wait at the least."""

    @property
    def answer(self) -> Answer:
        return told(self.body, self.status)

    @property
    def body(self) -> dict[str, object]:
        return {
            "error_type": self.kind,
            "error_code": self.code,
            "error_message": "for developers only",
            "display_message": None,
            "error_code_reason": None,
            "suggested_action": None,
            "documentation_url": "https://plaid.com/docs",
            "causes": [],
            "request_id": "r-1",
        }

    @override
    def __str__(self) -> str:
        return f"{self.code}-{self.kind}-{self.status}"


CONDITIONS: Final = [
    Case("ITEM_LOGIN_REQUIRED", ITEM, Remedy.SIGN_IN),
    Case("ACCESS_NOT_GRANTED", ITEM, Remedy.SIGN_IN),
    Case("ADDITIONAL_CONSENT_REQUIRED", INPUT, Remedy.SIGN_IN),
    Case("USER_PERMISSION_REVOKED", ITEM, Remedy.SIGN_IN),
    Case("ITEM_NOT_FOUND", ITEM, Remedy.LINK_ANEW),
    Case("INVALID_ACCESS_TOKEN", INPUT, Remedy.LINK_ANEW),
    Case("INVALID_PUBLIC_TOKEN", INPUT, Remedy.LINK_AGAIN),
    Case("INVALID_API_KEYS", INPUT, Remedy.ALARM),
    Case("UNAUTHORIZED_ENVIRONMENT", "INVALID_REQUEST", Remedy.ALARM),
    Case("INVALID_PRODUCT", INPUT, Remedy.ALARM),
    Case("INSTITUTION_DOWN", INSTITUTION, Remedy.RETRY),
    Case("INSTITUTION_NOT_RESPONDING", INSTITUTION, Remedy.RETRY),
    Case("INTERNAL_SERVER_ERROR", API, Remedy.RETRY, 500),
    Case("PLANNED_MAINTENANCE", API, Remedy.RETRY, 503),
    Case("INSTITUTION_NO_LONGER_SUPPORTED", INSTITUTION, Remedy.TELL),
    Case("PRODUCTS_NOT_SUPPORTED", ITEM, Remedy.TELL),
    Case("NO_ACCOUNTS", ITEM, Remedy.TELL),
    Case("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION", TRANSACTIONS, Remedy.BEGIN_AFRESH),
]

LIMITS: Final = [
    *(
        Case(code, LIMIT, Remedy.SLOW_DOWN, status, 60)
        for code in (
            "TRANSACTIONS_SYNC_LIMIT",
            "BALANCE_LIMIT",
            "ACCOUNTS_LIMIT",
            "ITEM_GET_LIMIT",
            "RATE_LIMIT",
            "INSTITUTION_RATE_LIMIT",
            "A_LIMIT_OF_TOMORROW",
        )
        # The type says what it is, whatever the status; the status, whatever the type.
        for status in (429, 400)
    ),
    Case("CREDITS_EXHAUSTED", LIMIT, Remedy.SLOW_DOWN, 429, 3600),
    Case("SOMETHING_NEW", "SOMETHING_ELSE", Remedy.SLOW_DOWN, 429, 60),
]

TYPES: Final = {
    "INVALID_REQUEST": Remedy.RETRY,
    "INVALID_RESULT": Remedy.RETRY,
    "INVALID_INPUT": Remedy.RETRY,
    "INSTITUTION_ERROR": Remedy.RETRY,
    "RATE_LIMIT_EXCEEDED": Remedy.SLOW_DOWN,
    "API_ERROR": Remedy.RETRY,
    "ITEM_ERROR": Remedy.RETRY,
    "ASSET_REPORT_ERROR": Remedy.RETRY,
    "BASE_REPORT_ERROR": Remedy.RETRY,
    "RECAPTCHA_ERROR": Remedy.LINK_AGAIN,
    "OAUTH_ERROR": Remedy.LINK_AGAIN,
    "PAYMENT_ERROR": Remedy.RETRY,
    "BANK_TRANSFER_ERROR": Remedy.RETRY,
    "INCOME_VERIFICATION_ERROR": Remedy.RETRY,
    "MICRODEPOSITS_ERROR": Remedy.RETRY,
    "SANDBOX_ERROR": Remedy.RETRY,
    "PARTNER_ERROR": Remedy.RETRY,
    "SIGNAL_ERROR": Remedy.RETRY,
    "TRANSACTIONS_ERROR": Remedy.RETRY,
    "TRANSACTION_ERROR": Remedy.RETRY,
    "TRANSFER_ERROR": Remedy.RETRY,
    "CHECK_REPORT_ERROR": Remedy.RETRY,
    "CONSUMER_REPORT_ERROR": Remedy.RETRY,
    "USER_ERROR": Remedy.RETRY,
}
"""All that there are, for a code that nobody knows."""

UNKNOWN: Final = [
    *(
        Case("SOMETHING_NEW", kind, remedy, wait_s=60 if remedy is Remedy.SLOW_DOWN else None)
        for kind, remedy in TYPES.items()
    ),
    Case("SOMETHING_NEW", "SOMETHING_ELSE", Remedy.RETRY),
    Case("SOMETHING_NEW", API, Remedy.RETRY, 500),
]
ALL: Final = [*CONDITIONS, *LIMITS, *UNKNOWN]

BODIES: Final = {
    "no JSON": Answer(400, b"<html>Bad Request</html>"),
    "nothing": Answer(500, b""),
    "a list": Answer(400, b"[]"),
    "codes that are no text": told({"error_code": 7, "error_type": ["x"]}, 400),
    "no codes": told({"error_code": None, "error_type": None}, 401),
    "a page that is not there": Answer(404, b"not found"),
    "a gateway in the way": Answer(502, b"<html>Bad Gateway</html>"),
}
"""Answers that say nothing: an accident, never the end of somebody's link."""
