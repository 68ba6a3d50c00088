"""How often Plaid lets a client call, a minute: for one Item and for all of a client's."""

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from adapters.outbound.budget import Figures, Published

# https://plaid.com/docs/errors/rate-limit-exceeded/, as it was in spring 2026.
PRODUCTION: Final = Published(
    {
        "/accounts/get": Figures(for_one=15, for_all=15_000),
        "/accounts/balance/get": Figures(for_one=5, for_all=1_200),
        "/item/get": Figures(for_one=15, for_all=5_000),
        "/item/remove": Figures(for_one=30, for_all=2_000),
        "/transactions/sync": Figures(for_one=50, for_all=2_500),
        "/transactions/refresh": Figures(for_one=2, for_all=100),
        "/institutions/get_by_id": Figures(for_all=50),
    },
    # Nothing is published for what is left; as much as the least of the counts for all would be
    # too little for a busy evening, so this only keeps a loop of ours from running wild.
    Figures(for_all=1_000),
)
SANDBOX: Final = Published(
    {
        **PRODUCTION.by_endpoint,
        "/transactions/sync": Figures(for_one=50, for_all=1_000),
        "/accounts/balance/get": Figures(for_one=25, for_all=100),
    },
    PRODUCTION.others,
)


class PlaidLimits(StrEnum):
    AUTO = "auto"
    """Those of the host that is called; none where it is not Plaid's, as with the sandbox bank."""
    PRODUCTION = "production"
    SANDBOX = "sandbox"
    OFF = "off"


def published(limits: PlaidLimits, api_url: str) -> Published | None:
    """The figures to keep to; None for as often as we like."""
    host = urlsplit(api_url).hostname or ""
    match limits:
        case PlaidLimits.PRODUCTION:
            return PRODUCTION
        case PlaidLimits.SANDBOX:
            return SANDBOX
        case PlaidLimits.AUTO if host.endswith(".plaid.com"):
            return SANDBOX if host.startswith("sandbox.") else PRODUCTION
        case _:
            return None
