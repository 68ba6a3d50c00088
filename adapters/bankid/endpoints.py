"""Where the issuer's endpoints are: as its discovery document says, and only if that is its own."""

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from adapters.bankid.shapes import Metadata
from adapters.outbound.address import base_address, is_loopback
from adapters.outbound.call import GarbledAnswerError

DISCOVERY = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True)
class Endpoint:
    base: str
    """Scheme, host and port."""
    path: str
    """The rest, query included."""

    @property
    def address(self) -> str:
        return self.base + self.path


@dataclass(frozen=True, slots=True)
class Endpoints:
    """All that we need to know of an issuer, checked."""

    authorization: Endpoint
    token: Endpoint
    keys: Endpoint
    userinfo: Endpoint | None
    basic: bool
    """Whether our secret goes in a header; else in the form."""
    names_itself: bool
    """Says who it is when it sends people back (RFC 9207)."""

    @classmethod
    def of(cls, found: Metadata, issuer: str) -> Self:
        """Raises GarbledAnswerError: not this issuer's, or not fit to be called."""
        # Letter by letter (Discovery 1.0, 4.3): else one issuer could speak for another.
        if found.issuer != issuer:
            raise GarbledAnswerError("a discovery document of another issuer")
        methods = found.token_endpoint_auth_methods_supported
        if not {"client_secret_basic", "client_secret_post"} & set(methods):
            raise GarbledAnswerError("no way to say who we are that we know")
        userinfo = found.userinfo_endpoint
        return cls(
            authorization=endpoint(found.authorization_endpoint, issuer),
            token=endpoint(found.token_endpoint, issuer),
            keys=endpoint(found.jwks_uri, issuer),
            userinfo=None if userinfo is None else endpoint(userinfo, issuer),
            basic="client_secret_basic" in methods,
            names_itself=found.authorization_response_iss_parameter_supported,
        )


def endpoint(address: str, issuer: str) -> Endpoint:
    """Raises GarbledAnswerError: not to be called.

    An issuer that is called over TLS cannot point to this machine.
    """
    try:
        parts = urlsplit(address)
        base = base_address(f"{parts.scheme}://{parts.netloc}")
        host = parts.hostname or ""
    except ValueError:
        raise GarbledAnswerError("an endpoint that cannot be called") from None
    secure = issuer.startswith("https:")
    if parts.fragment or (secure and (parts.scheme != "https" or is_loopback(host))):
        raise GarbledAnswerError("an endpoint that must not be called")
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    if not path.isascii() or not path.isprintable() or " " in path:
        raise GarbledAnswerError("an endpoint that cannot be called")
    return Endpoint(base, path)
