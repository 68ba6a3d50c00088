"""Which addresses this installation may call: those of its settings, and only over TLS."""

from ipaddress import ip_address
from urllib.parse import urlsplit


def base_address(address: str) -> str:
    """The address without a trailing slash.

    Raises:
        ValueError: it is not a plain https address. On this machine itself http will do.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    # The message must not repeat the address: people paste passwords into them.
    if not host or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("a provider's address is scheme, host and path, nothing else")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError(f"the provider at {host} must be called over https")
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
