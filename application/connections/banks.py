from collections.abc import Mapping
from dataclasses import dataclass

from application.connections.gateway import BankGateway
from domain.connections.provider import Provider


@dataclass(frozen=True, slots=True)
class Banks:
    """The gateway of each provider."""

    gateways: Mapping[Provider, BankGateway]

    def of(self, provider: Provider) -> BankGateway:
        return self.gateways[provider]
