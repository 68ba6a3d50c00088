"""Whose an address is, as far as counting goes."""

from ipaddress import IPv6Address, ip_address
from typing import Final

_IPV6_PREFIX: Final = 64
"""What one household gets at least: whoever counts single IPv6 addresses counts nothing."""
UNKNOWN: Final = "unknown"


def network_of(address: str | None) -> str:
    """One name for all addresses that one caller has: an IPv4 address, or an IPv6 /64.

    IPv4 written as IPv6 is IPv4. What is no address at all is one caller, `unknown`.
    """
    if not address:
        return UNKNOWN
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return UNKNOWN
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    kept = int(found) >> (128 - _IPV6_PREFIX) << (128 - _IPV6_PREFIX)
    return f"{IPv6Address(kept)}/{_IPV6_PREFIX}"
