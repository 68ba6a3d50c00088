from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

Networks = Sequence[IPv4Network | IPv6Network]


def client_ip(peer: str, headers: Sequence[tuple[bytes, bytes]], trusted: Networks) -> str:
    """Who really calls: the nearest hop that is no proxy of ours.

    X-Forwarded-For is read from the right, because anybody can write its left end, and only
    when the peer itself is a proxy we know.
    """
    if not trusted or not _is_one_of(peer, trusted):
        return peer
    hops = [
        hop.strip()
        for name, value in headers
        if name == b"x-forwarded-for"
        for hop in value.decode("latin-1").split(",")
    ]
    for hop in reversed(hops):
        if not _is_address(hop):
            return peer
        peer = hop
        if not _is_one_of(hop, trusted):
            return hop
    return peer


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _is_one_of(text: str, networks: Networks) -> bool:
    if not _is_address(text):
        return False
    address = ip_address(text)
    return any(address in network for network in networks)
