"""How the text of each setting is read. What cannot be right is refused in words, not passed on.

A parser raises ValueError with the rest of a sentence that begins with the setting's name. It never
repeats the text of a secret, or of an address that may hold one.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

from adapters.crypto.keys import KEY_BYTES, Key, KeyRing
from adapters.outbound.address import base_address
from domain.shared.secret import Secret
from entrypoints.http.origins import origin_of

PORT_MAX: Final = 65_535
# 32 random bytes have about 30 different values; fewer than this never happen by chance.
DIFFERENT_BYTES_MIN: Final = 16
# ISO 8601 without a colon, which is what ends a key's name.
_INSTANT: Final = "%Y%m%dT%H%M%SZ"
HOW_TO_MAKE_A_KEY: Final = "make one with 'openssl rand -base64 32'"


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ValueError(f"is {text!r}: write a host name or an address, such as 127.0.0.1")
    return text


def port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) > PORT_MAX:
        raise ValueError(f"is {text!r}: write a port from 0 (any free one) to {PORT_MAX}")
    return int(text)


def seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,3})?", text) or float(text) <= 0:
        raise ValueError(f"is {text!r}: write a number of seconds above 0, such as 20 or 0.5")
    return float(text)


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not lowest <= int(text) <= highest:
            raise ValueError(f"is {text!r}: write a whole number from {lowest} to {highest}")
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in words:
            raise ValueError(f"is {text!r}: write one of {', '.join(words)}")
        return text.lower()

    return parse


def shaped(pattern: str, example: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is {text!r}: write it like {example}")
        return text

    return parse


def countries(text: str) -> tuple[str, ...]:
    found = tuple(part.strip() for part in text.split(","))
    if not all(re.fullmatch("[A-Z]{2}", part) for part in found):
        raise ValueError(f"is {text!r}: write countries in two capitals, such as NO,SE")
    return found


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError(
            f"is {text!r}: write addresses or networks, such as 10.0.0.0/8,192.0.2.7"
        ) from None


def web_address(text: str) -> str:
    """Where people and browsers find us."""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not a web address: write it like https://api.example.org")
    if parts.query or parts.fragment or parts.username or parts.password:
        raise ValueError("has more than scheme, host and path: write it like https://example.org")
    return text.rstrip("/")


def origins(text: str) -> tuple[str, ...]:
    """Of pages elsewhere, as their browsers write them."""
    found = tuple(part.strip() for part in text.split(","))
    for one in found:
        parts = urlsplit(one)
        known = parts.scheme in {"http", "https"} and parts.hostname and "*" not in one
        if not known or one != origin_of(one):
            raise ValueError(
                "is not a list of origins: write scheme, host and, if it is not the usual one,"
                " port, in small letters: https://app.example.org,http://localhost:5173"
            )
    return found


def provider_address(text: str) -> str:
    try:
        return base_address(text)
    except ValueError as error:
        raise ValueError(f"cannot be called: {error}") from None


def postgres_address(text: str) -> Secret:
    """For SQLAlchemy with asyncpg, whichever of the usual schemes was written."""
    scheme, separator, rest = text.partition("://")
    parts = urlsplit(text)
    if scheme not in {"postgresql", "postgres", "postgresql+asyncpg"} or not separator:
        raise ValueError(
            "is not the address of a PostgreSQL database: write it like"
            " postgresql://daler_app:password@host:5432/daler"
        )
    if parts.path in {"", "/"}:
        raise ValueError("names no database: add it at the end, such as /daler")
    odd = sorted(parse_qs(parts.query).keys() & {"sslmode", "options"})
    if odd:
        raise ValueError(f"has '{odd[0]}', which our driver ignores: write ssl=require instead")
    return Secret(f"postgresql+asyncpg://{rest}")


def redis_address(text: str) -> Secret:
    if urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("is not the address of a Redis: write it like redis://localhost:6379/0")
    return Secret(text)


def provider_secret(text: str) -> Secret:
    if re.search(r"\s", text) or "change-me" in text:
        raise ValueError("is not a secret of the provider: copy it from their console")
    return Secret(text)


def key(text: str) -> Key:
    return _key("1", text)


def ring(text: str) -> KeyRing:
    """`id:base64,id:base64`, newest first; an id may be followed by `@made` or `@made/retired`."""
    keys = []
    for part in text.split(","):
        name, separator, secret = part.strip().partition(":")
        if not separator:
            raise ValueError("is not a ring of keys: write id:base64,id:base64, newest first")
        key_id, _, life = name.partition("@")
        made, _, retired = life.partition("/")
        keys.append(_key(key_id, secret, _instant(made), _instant(retired)))
    try:
        return KeyRing(tuple(keys))
    except ValueError as error:
        raise ValueError(f"is not a ring of keys: {error}") from None


def ring_text(ring: KeyRing) -> str:
    """What `ring` reads as the same ring."""
    return ",".join(f"{key.id}{_life(key)}:{b64encode(key.secret).decode()}" for key in ring)


def key_text(key: Key) -> str:
    return b64encode(key.secret).decode()


def _life(key: Key) -> str:
    if key.made is None and key.retired is None:
        return ""
    made, retired = (f"{at:{_INSTANT}}" if at else "" for at in (key.made, key.retired))
    return f"@{made}/{retired}" if retired else f"@{made}"


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    if re.fullmatch("[0-9]{8}T[0-9]{6}Z", text):
        with suppress(ValueError):  # a 31st of February
            return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)
    raise ValueError(
        "has a key whose dates cannot be read: write them like 1@20260131T120000Z:base64, or"
        " 1@20260131T120000Z/20260731T120000Z:base64 for one that was retired"
    )


def _key(
    key_id: str, text: str, made: datetime | None = None, retired: datetime | None = None
) -> Key:
    try:
        # Both spellings of base64, with and without its padding.
        canonical = text.translate(str.maketrans("-_", "+/")).rstrip("=")
        secret = b64decode(canonical + "=" * (-len(canonical) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"is not base64: {HOW_TO_MAKE_A_KEY}") from None
    if len(secret) != KEY_BYTES:
        raise ValueError(
            f"has {len(secret)} bytes and needs exactly {KEY_BYTES}: {HOW_TO_MAKE_A_KEY}"
        )
    if len(set(secret)) < DIFFERENT_BYTES_MIN:
        raise ValueError(f"is not random: {HOW_TO_MAKE_A_KEY}")
    if made and retired and retired < made:
        raise ValueError("has a key that was retired before it was made: exchange the two dates")
    try:
        return Key(key_id, secret, made, retired)
    except ValueError:
        raise ValueError(
            "has a key whose id is not 1 to 32 letters, digits, '-' or '_': write it like 1:base64"
        ) from None
