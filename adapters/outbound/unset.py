from dataclasses import dataclass
from datetime import datetime

from typing_extensions import override

from application.connections.gateway import (
    BankGateway,
    FetchedPage,
    Granted,
    LinkRequest,
    LinkReturn,
    LinkStart,
    ProviderMisconfiguredError,
)
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class UnsetGateway(BankGateway):
    """Stands where a provider would be whose credentials nobody has set."""

    provider: str

    @property
    @override
    def exchange_is_repeatable(self) -> bool:
        return True

    @override
    async def begin_link(self, request: LinkRequest) -> LinkStart:
        raise self._unset()

    @override
    async def complete_link(self, back: LinkReturn) -> Granted:
        raise self._unset()

    @override
    async def fetch(self, access: Secret, cursor: str | None, position: str | None) -> FetchedPage:
        raise self._unset()

    @override
    async def consent_expires_at(self, access: Secret) -> datetime | None:
        raise self._unset()

    @override
    async def revoke(self, access: Secret) -> None:
        raise self._unset()

    def _unset(self) -> ProviderMisconfiguredError:
        name = self.provider.upper()
        return ProviderMisconfiguredError(
            self.provider,
            f"none are set: an administrator sets DALER_{name}_CLIENT_ID and its secret",
        )
