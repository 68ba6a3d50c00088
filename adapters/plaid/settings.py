from dataclasses import dataclass

from adapters.plaid.limits import PlaidLimits
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaidSettings:
    """What Plaid's dashboard shows, and where Plaid is."""

    client_id: str
    secret: Secret
    api_url: str = "https://production.plaid.com"
    client_name: str = "Daler"
    """What Link shows the person; thirty characters at most."""
    language: str = "no"
    country_codes: tuple[str, ...] = ("NO",)
    redirect_uri: str | None = None
    """Registered in the dashboard, for banks that send the person away to sign in."""
    webhook_url: str | None = None
    interactive_deadline_s: float = 10.0
    page_deadline_s: float = 60.0
    limits: PlaidLimits = PlaidLimits.AUTO
