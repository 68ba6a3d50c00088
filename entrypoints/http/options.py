from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from application.shared.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpOptions:
    public_url: str
    """How callers reach us, such as `https://api.example.org`; never taken from a request."""
    version: str
    docs: bool = True
    """Whether `/docs` and `/openapi.json` exist."""
    password_login: bool = True
    """Off: routes with `password=True` are gone."""
    require_second_factor: bool = False
    """On: whoever has shown one factor gets at nothing but routes with `one_factor=True`."""
    body_max_bytes: int = 1024 * 1024
    """What a route takes unless it says otherwise with `request_max_body_size`."""
    body_timeout_s: float = 20
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    """Peers whose X-Forwarded-For is believed. Forwarded host and scheme never are."""
    limits: Limits = field(default_factory=Limits)
    """How often callers may call, by the kind that a route says it is."""
    web_origins: tuple[str, ...] = ()
    """Pages elsewhere that may call us and read the answer, each as `https://app.example.org`."""

    @property
    def hsts(self) -> bool:
        """Only an address that is https may promise to stay so."""
        return self.public_url.startswith("https://")
