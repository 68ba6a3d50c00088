"""Who we are to authenticators: which host passkeys belong to, and which pages may ask for them."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from application.identity.passkeys.ports import RelyingParty
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings_source import SettingsSource
from entrypoints.http.origins import origin_of

NAME: Final = "Daler"
LOCALHOST: Final = "localhost"
_DOMAIN: Final = r"(?=.{1,253}\Z)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*"


def relying_party(
    source: SettingsSource, public_url: str, web_origins: tuple[str, ...]
) -> RelyingParty:
    """Browsers make passkeys for names, never for addresses: at home we are `localhost`."""
    usual, origins = at_home(public_url)
    pages = tuple(dict.fromkeys((*origins, *web_origins)))
    domain = source.read("DALER_PASSKEY_DOMAIN", values.shaped(_DOMAIN, "example.org"), usual)
    if domain != usual and not any(_covers(domain, urlsplit(page).hostname) for page in pages):
        source.refuse(
            f"DALER_PASSKEY_DOMAIN is {domain}, and neither DALER_PUBLIC_URL nor a page of"
            " DALER_WEB_ORIGINS is on it or below it, so no browser would make a passkey"
        )
    return RelyingParty(domain, NAME, pages)


def at_home(public_url: str) -> tuple[str, tuple[str, ...]]:
    """The host of the address and its origin; of a loopback address, `localhost` as well."""
    parts = urlsplit(public_url)
    host, origin = parts.hostname or LOCALHOST, origin_of(public_url)
    if not _is_loopback(host):
        return host, (origin,)
    port = f":{parts.port}" if parts.port is not None else ""
    return LOCALHOST, (origin, origin_of(f"{parts.scheme}://{LOCALHOST}{port}"))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _covers(domain: str, host: str | None) -> bool:
    return host is not None and (host == domain or host.endswith(f".{domain}"))
