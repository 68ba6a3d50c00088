"""OpenID Connect's own words, as far as we read them."""

import msgspec


class Metadata(msgspec.Struct, frozen=True):
    """OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Keys(msgspec.Struct, frozen=True):
    """RFC 7517, section 5. A key that cannot be read is passed over, not the whole set."""

    keys: tuple[msgspec.Raw, ...]


class Token(msgspec.Struct, frozen=True):
    access_token: str
    id_token: str
    token_type: str


class Refusal(msgspec.Struct, frozen=True):
    error: str | None = None
