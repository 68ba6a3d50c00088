"""What staff see of personal data that they need to recognise, not to know."""

from ipaddress import ip_address, ip_network

from domain.identity.email import EmailAddress


def masked_email(email: EmailAddress) -> str:
    """`a***@e***.no`: enough to compare with what somebody says on the telephone."""
    local, _, domain = email.text.rpartition("@")
    name, _, end = domain.rpartition(".")
    return f"{local[:1]}***@{name[:1]}***.{end}"


def masked_address(address: str) -> str | None:
    """The network that it lies in: `192.0.2.0/24`, `2001:db8::/32`; None when it is no address."""
    try:
        version = ip_address(address).version
        return str(ip_network(f"{address}/{24 if version == 4 else 32}", strict=False))  # noqa: PLR2004 - IP versions
    except ValueError:
        return None
