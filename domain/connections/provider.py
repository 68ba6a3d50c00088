from collections.abc import Sequence
from enum import StrEnum

from domain.shared.errors import NotFoundError


class Provider(StrEnum):
    TINK = "tink"
    PLAID = "plaid"


class ProviderUnknownError(NotFoundError):
    code = "provider_unknown"

    def __init__(self, name: str, choices: Sequence[str] = tuple(Provider)) -> None:
        super().__init__(f"{name[:40]!r} is not a provider; choose one of: {', '.join(choices)}")
        self.name = name


def provider_named(name: str) -> Provider:
    """Raises ProviderUnknownError."""
    try:
        return Provider(name)
    except ValueError:
        raise ProviderUnknownError(name) from None
