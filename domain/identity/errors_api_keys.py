from domain.shared.errors import NotFoundError, RuleError, UnauthenticatedError
from domain.shared.ids import SessionId


class ApiKeyInvalidError(UnauthenticatedError):
    code = "api_key_invalid"

    def __init__(self) -> None:
        super().__init__("this API key is mistyped, or not one of ours")


class ApiKeyNotFoundError(NotFoundError):
    code = "api_key_not_found"

    def __init__(self, key_id: SessionId) -> None:
        super().__init__(f"there is no API key {key_id}")
        self.key_id = key_id


class TooManyApiKeysError(RuleError):
    code = "too_many_api_keys"

    def __init__(self, limit: int) -> None:
        super().__init__(f"you have {limit} API keys, which is the most there can be: revoke one")
        self.limit = limit
