"""How Plaid says no."""

from entrypoints.sandbox.web import RefusalError, json_reply


def refusal(
    error_type: str, code: str, message: str, status: int = 400, display: str | None = None
) -> RefusalError:
    return RefusalError(json_reply(error_object(error_type, code, message, display), status))


def error_object(
    error_type: str, code: str, message: str, display: str | None = None
) -> dict[str, object]:
    return {
        "error_type": error_type,
        "error_code": code,
        "error_code_reason": None,
        "error_message": message,
        "display_message": display,
        "documentation_url": "https://plaid.com/docs/errors/",
        "suggested_action": None,
        "causes": [],
    }


def missing(*names: str) -> RefusalError:
    message = f"the following required fields are missing: {', '.join(names)}"
    return refusal("INVALID_REQUEST", "MISSING_FIELDS", message)


def invalid_field(message: str) -> RefusalError:
    return refusal("INVALID_REQUEST", "INVALID_FIELD", message)


def invalid_access_token() -> RefusalError:
    message = "could not find matching access token"
    return refusal("INVALID_INPUT", "INVALID_ACCESS_TOKEN", message)


def login_required_object() -> dict[str, object]:
    return error_object(
        "ITEM_ERROR",
        "ITEM_LOGIN_REQUIRED",
        "the login details of this item have changed and a user login is required",
        "Log in to your bank again.",
    )


def login_required() -> RefusalError:
    return RefusalError(json_reply(login_required_object(), 400))
