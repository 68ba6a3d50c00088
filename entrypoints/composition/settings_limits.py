"""What keeps guessers out: rates, the lockout, and what passwords cost."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from adapters.passwords.argon2id import DEFAULT_COST, Argon2Cost
from adapters.passwords.breached import BadBreachedFileError, breached_file
from application.shared.limits import DEFAULT_RATES, LimitClass, Limits, Rate
from domain.identity.lockout import DEFAULT_RULES, LockoutRules, Rule
from entrypoints.composition import settings_values as values
from entrypoints.composition.settings_source import SettingsSource

_KIB: Final = 1024
_SPANS: Final = {"s": 1, "min": 60, "hour": 3600, "day": 86_400}
_RATE: Final = re.compile(rf"([0-9]{{1,7}})/({'|'.join(_SPANS)})")
_SHOWN: Final = {
    LimitClass.SIGN_IN: "DALER_LIMIT_SIGN_IN",
    LimitClass.PUBLIC: "DALER_LIMIT_PUBLIC",
    LimitClass.SENSITIVE: "DALER_LIMIT_SENSITIVE",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardSettings:
    limits: Limits = field(default_factory=lambda: Limits(DEFAULT_RATES))
    lockout: LockoutRules = DEFAULT_RULES
    password_cost: Argon2Cost = DEFAULT_COST
    breached_passwords: Path | None = None
    require_second_factor: bool = False
    """Of everybody; staff need one in any case."""


def guard_settings(source: SettingsSource, host: str, public_url: str) -> GuardSettings:
    return GuardSettings(
        limits=_limits(source, host, public_url),
        lockout=_lockout(source),
        password_cost=_cost(source),
        breached_passwords=source.optional("DALER_BREACHED_PASSWORDS", _breached),
        require_second_factor=source.read(
            "DALER_REQUIRE_SECOND_FACTOR", values.one_of("on", "off"), "off"
        )
        == "on",
    )


def _limits(source: SettingsSource, host: str, public_url: str) -> Limits:
    alone = _is_this_machine(host) and _is_this_machine(urlsplit(public_url).hostname or "")
    rates = {}
    for kind, name in _SHOWN.items():
        if (source.text(name) or "").lower() != "off":
            rates[kind] = source.read(name, rate, DEFAULT_RATES[kind])
        elif not alone:
            source.refuse(
                f"{name} is 'off' while others can reach Daler: write a rate such as"
                f" {DEFAULT_RATES[kind].calls}/min, or keep DALER_HOST and DALER_PUBLIC_URL on"
                " this machine"
            )
    return Limits(rates)


def rate(text: str) -> Rate:
    """`10/min`: that many at once, and as many again within that time."""
    found = _RATE.fullmatch(text)
    if found is None or int(found[1]) < 1:
        raise ValueError(f"is {text!r}: write calls per s, min, hour or day, such as 10/min")
    return Rate(int(found[1]), _SPANS[found[2]])


def _lockout(source: SettingsSource) -> LockoutRules:
    pair, account = DEFAULT_RULES.pair, DEFAULT_RULES.account
    minutes = source.read("DALER_LOCKOUT_MINUTES", values.whole(1, 1440), 30)
    return LockoutRules(
        Rule(
            source.read("DALER_LOCKOUT_TRIES", values.whole(1, 100), pair.tries),
            timedelta(minutes=minutes),
            all_at_once=True,
        ),
        Rule(
            source.read("DALER_LOCKOUT_TRIES_PER_HOUR", values.whole(1, 1000), account.tries),
            account.memory,
            all_at_once=False,
        ),
    )


def _cost(source: SettingsSource) -> Argon2Cost:
    # The floors are OWASP's least: whoever wants less wants no argon2id.
    floor = DEFAULT_COST.memory_kib // _KIB
    memory = source.read("DALER_HASH_MEMORY_MIB", values.whole(floor, 4096), floor)
    return Argon2Cost(
        memory_kib=memory * _KIB,
        passes=source.read("DALER_HASH_PASSES", values.whole(1, 100), DEFAULT_COST.passes),
        lanes=source.read("DALER_HASH_LANES", values.whole(1, 64), DEFAULT_COST.lanes),
    )


def _breached(text: str) -> Path:
    path = values.folder(text)
    try:
        with breached_file(path):
            return path
    except BadBreachedFileError as error:
        raise ValueError(f"is {text!r}: that file {error}") from None


def _is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
