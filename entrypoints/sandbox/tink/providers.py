"""The banks that can be chosen. All of them are this one."""

from dataclasses import dataclass

from entrypoints.sandbox.tink.auth import TinkAuth
from entrypoints.sandbox.web import Call, Handler, Reply, json_reply

DEFAULT_PROVIDER = "no-sandbox-fjord"
PROVIDERS = {
    DEFAULT_PROVIDER: "Fjord Sparebank",
    "no-sandbox-nord": "Nordlys Bank",
    "no-sandbox-reise": "Fjord Reisebank",
}


@dataclass(frozen=True, slots=True)
class TinkProviders:
    auth: TinkAuth

    def routes(self) -> list[tuple[str, str, Handler]]:
        return [("GET", "/api/v1/providers/{}", self.listed)]

    async def listed(self, call: Call) -> Reply:
        self.auth.grant(call, "providers:read")
        shown = call.params[0] == "NO" and call.one("includeTestProviders") == "true"
        return json_reply(
            {"providers": [_provider(*found) for found in PROVIDERS.items()] if shown else []}
        )


def _provider(name: str, display: str) -> dict[str, object]:
    return {
        "name": name,
        "displayName": display,
        "type": "TEST",
        "status": "ENABLED",
        "market": "NO",
        "currency": "NOK",
        "credentialsType": "THIRD_PARTY_APP",
        "accessType": "OPEN_BANKING",
        "capabilities": ["CHECKING_ACCOUNTS", "SAVINGS_ACCOUNTS", "CREDIT_CARDS", "TRANSFERS"],
        "financialInstitution": {"id": name, "name": display},
        "multiFactor": True,
        "passwordHelpText": "",
        "popular": True,
    }
