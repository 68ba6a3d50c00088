"""What Tink's documentation says can go wrong, and what is to be done about each of it.

Written down from the documentation, not from the adapter: this is what the adapter has to fit.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.outbound.remedy import Remedy
from adapters.tink.redirects import Advice

STATUSES: Final = {
    "CREATED": Remedy.LOOK_AGAIN,
    "AUTHENTICATING": Remedy.LOOK_AGAIN,
    "AWAITING_MOBILE_BANKID_AUTHENTICATION": Remedy.LOOK_AGAIN,
    "AWAITING_SUPPLEMENTAL_INFORMATION": Remedy.LOOK_AGAIN,
    "AWAITING_THIRD_PARTY_APP_AUTHENTICATION": Remedy.LOOK_AGAIN,
    "UPDATING": Remedy.LOOK_AGAIN,
    "UPDATED": Remedy.READ,
    "AUTHENTICATION_ERROR": Remedy.SIGN_IN,
    "TEMPORARY_ERROR": Remedy.RETRY,
    "PERMANENT_ERROR": Remedy.TELL,
    "SESSION_EXPIRED": Remedy.SIGN_IN,
    "DELETED": Remedy.LINK_ANEW,
}
"""All twelve that a consent can have, when no reason is given."""

REASONS: Final = {
    "UNKNOWN_ERROR": (None,),
    "TINK_SIDE_ERROR": ("TINK_INTERNAL_SERVER_ERROR", "AUTHENTICATION_METHOD_NOT_SUPPORTED"),
    "PROVIDER_ERROR": (
        "PROVIDER_UNAVAILABLE",
        "LICENSED_PARTY_REJECTED",
        "UNKNOWN_PROVIDER_ERROR",
    ),
    "USER_LOGIN_ERROR": (
        "THIRD_PARTY_AUTHENTICATION_UNAVAILABLE",
        "STATIC_CREDENTIALS_INCORRECT",
        "DYNAMIC_CREDENTIALS_INCORRECT",
        "DYNAMIC_CREDENTIALS_FLOW_CANCELLED",
        "DYNAMIC_CREDENTIALS_FLOW_TIMEOUT",
        "USER_NOT_A_CUSTOMER",
        "USER_BLOCKED",
        "USER_CONCURRENT_LOGINS",
    ),
    "AUTHORIZATION_ERROR": ("ACTION_NOT_PERMITTED", "SESSION_EXPIRED", "USER_ACTION_REQUIRED"),
    "ACCOUNT_INFORMATION_ERROR": ("NO_ACCOUNTS",),
}
"""All types of a `detailedError`, with all the reasons that each of them has."""


@dataclass(frozen=True, slots=True)
class Reason:
    kind: str
    name: str | None

    def error(self, *, retryable: bool) -> dict[str, object]:
        details = {"reason": self.name, "retryable": retryable}
        return {
            "type": self.kind,
            "displayMessage": "for people, in any language",
            "details": None if self.name is None else details,
        }

    @property
    def shown(self) -> str:
        return self.name or self.kind

    @override
    def __str__(self) -> str:
        return f"{self.kind}/{self.name or '-'}"


ALL_REASONS: Final = [Reason(kind, name) for kind, names in REASONS.items() for name in names]


def remedy_of(status: str, reason: Reason, *, retryable: bool) -> Remedy:
    """What a status asks for once its reason is known."""
    if status in {"TEMPORARY_ERROR", "AUTHENTICATION_ERROR", "SESSION_EXPIRED", "PERMANENT_ERROR"}:
        if reason.name == "NO_ACCOUNTS":
            return Remedy.TELL
        of_others = reason.kind in {"PROVIDER_ERROR", "TINK_SIDE_ERROR"}
        if retryable and of_others and status in {"AUTHENTICATION_ERROR", "PERMANENT_ERROR"}:
            return Remedy.RETRY
    return STATUSES[status]


HTTP: Final = (400, 401, 403, 404, 409, 429, 500, 502, 503)
_ACCIDENTS: Final = {
    400: Remedy.RETRY,
    401: Remedy.ALARM,
    403: Remedy.ALARM,
    404: Remedy.RETRY,
    409: Remedy.RETRY,
    429: Remedy.SLOW_DOWN,
    500: Remedy.RETRY,
    502: Remedy.RETRY,
    503: Remedy.RETRY,
}
_VOID: Final = dict.fromkeys((400, 404, 409), Remedy.BEGIN_AFRESH)
CALLS: Final[Mapping[str, Mapping[int, Remedy]]] = {
    "POST /api/v1/oauth/token": _ACCIDENTS | dict.fromkeys((400, 404, 409), Remedy.ALARM),
    "POST /api/v1/user/create": _ACCIDENTS | {400: Remedy.ALARM, 409: Remedy.READ},
    "POST /api/v1/oauth/authorization-grant": _ACCIDENTS | {404: Remedy.LINK_ANEW},
    "POST /api/v1/oauth/authorization-grant/delegate": _ACCIDENTS,
    "GET /api/v1/provider-consents": _ACCIDENTS,
    "GET /data/v2/accounts": _ACCIDENTS,
    "GET /data/v2/accounts?pageToken": _ACCIDENTS | _VOID,
    "GET /data/v2/transactions": _ACCIDENTS | _VOID,
    "DELETE /api/v1/credentials/{id}": _ACCIDENTS | {404: Remedy.READ},
}
"""What each call's refusal asks for. A `READ` is what was wanted anyway: a user that is there
already, credentials that are not."""

TOKEN_ERRORS: Final = {
    "invalid_client": Remedy.ALARM,
    "unauthorized_client": Remedy.ALARM,
    "invalid_scope": Remedy.ALARM,
    "invalid_request": Remedy.ALARM,
    "unsupported_grant_type": Remedy.ALARM,
    # A code lives for moments and works once: the next try gets another.
    "invalid_grant": Remedy.RETRY,
}
"""Either in OAuth's shape or in Tink's own."""


def token_shapes(code: str) -> Mapping[str, dict[str, object]]:
    return {
        "OAuth": {"error": code, "error_description": "for developers only"},
        "Tink": {"errorMessage": "for developers only", "errorCode": code},
        "both": {"error": code, "errorCode": code, "errorDetails": {"new": 1}},
    }


REDIRECTS: Final = [
    ({"error": "USER_CANCELLED"}, Advice.NOTHING, ""),
    ({"error": "USER_CANCELLED", "error_reason": "X"}, Advice.NOTHING, ""),
    ({"error": "AUTHENTICATION_ERROR"}, Advice.AGAIN, "AUTHENTICATION_ERROR"),
    (
        {"error": "AUTHENTICATION_ERROR", "error_type": "USER_LOGIN_ERROR"},
        Advice.AGAIN,
        "USER_LOGIN_ERROR",
    ),
    (
        {
            "error": "AUTHENTICATION_ERROR",
            "error_type": "USER_LOGIN_ERROR",
            "error_reason": "DYNAMIC_CREDENTIALS_FLOW_TIMEOUT",
        },
        Advice.AGAIN,
        "DYNAMIC_CREDENTIALS_FLOW_TIMEOUT",
    ),
    ({"error": "TEMPORARY_ERROR", "message": "<b>hi</b>"}, Advice.LATER, "TEMPORARY_ERROR"),
    ({"error": "INTERNAL_ERROR", "tracking_id": "t"}, Advice.LATER, "INTERNAL_ERROR"),
    (
        {"error": "BAD_REQUEST", "error_reason": "INVALID_STATE_REDIRECT_URI"},
        Advice.ADMINISTRATOR,
        "INVALID_STATE_REDIRECT_URI",
    ),
    (
        {"error": "BAD_REQUEST", "error_reason": "INVALID_STATE_PERMANENT_USER_FLAG"},
        Advice.ADMINISTRATOR,
        "INVALID_STATE_PERMANENT_USER_FLAG",
    ),
    (
        {"error": "BAD_REQUEST", "error_reason": "INVALID_STATE_REFRESH_CREDENTIALS_RATE_LIMITED"},
        Advice.LATER,
        "INVALID_STATE_REFRESH_CREDENTIALS_RATE_LIMITED",
    ),
    (
        {"error": "BAD_REQUEST", "error_reason": "INVALID_PARAMETER_MARKET"},
        Advice.ADMINISTRATOR,
        "INVALID_PARAMETER_MARKET",
    ),
    ({"error": "BAD_REQUEST"}, Advice.ADMINISTRATOR, "BAD_REQUEST"),
    ({"error": "SOMETHING_NEW", "credentials": "c1"}, Advice.AGAIN, "SOMETHING_NEW"),
    ({"error": "<script>alert(1)</script>"}, Advice.AGAIN, "scriptalert1script"),
    ({"error": "\N{COLLISION SYMBOL}"}, Advice.AGAIN, "UNKNOWN"),
]
"""What Tink Link brings back instead of a link: advice, and the reason that is shown."""
