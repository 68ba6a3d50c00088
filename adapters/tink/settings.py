from dataclasses import dataclass

from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TinkSettings:
    """What a Tink Console shows, and where Tink is."""

    client_id: str
    client_secret: Secret
    redirect_uri: str
    """Registered in the Console, letter by letter."""
    api_url: str = "https://api.tink.com"
    link_url: str = "https://link.tink.com"
    webhook_secret: Secret | None = None
    """Of the webhook endpoint; Tink showed it once, when the endpoint was made."""
    market: str = "NO"
    locale: str = "no_NO"
    shown_name: str = "Daler"
    """What Tink Link shows the person as the name of their account with us."""
    interactive_deadline_s: float = 10.0
    """For a whole step that a person waits for, however many calls it takes."""
    page_deadline_s: float = 60.0
    """For a whole page that a job waits for, tokens included."""
    calls_per_minute: int | None = None
    """Tink limits an application and publishes no figure; None: as often as we like."""

    @property
    def interactive_call_s(self) -> float:
        # Half, so that it is the slow call that ends and is counted, not the step around it.
        return self.interactive_deadline_s / 2

    @property
    def page_call_s(self) -> float:
        return self.page_deadline_s / 2
