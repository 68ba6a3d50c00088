"""Exact money: whole minor units and an ISO 4217 currency."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final, Self

from typing_extensions import override

from domain.shared.errors import MalformedError, RuleError

_OTHER_DIGITS: Final[Mapping[int, str]] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_TWO_DIGITS: Final = (
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
    "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
    "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD "
    "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW "
    "ZWG ANG BGN CUC HRK SLL ZWL"
)
MINOR_DIGITS: Final[Mapping[str, int]] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    **{code: digits for digits, codes in _OTHER_DIGITS.items() for code in codes.split()},
}
"""How many decimals each ISO 4217 currency has (list one, with recent leavers still in files)."""

MINOR_MAX: Final = 10**16
"""More than any account holds, and sums of hundreds of entries of it still fit in 64 bits."""

# `\Z`, not `$`: a trailing line break is not an amount.
_AMOUNT: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,4})?\Z", re.ASCII)


class CurrencyMismatchError(RuleError):
    code = "currency_mismatch"

    def __init__(self, one: str, other: str) -> None:
        super().__init__(f"{one} and {other} cannot be added up without a rate")
        self.one, self.other = one, other


class UnknownCurrencyError(MalformedError):
    code = "unknown_currency"

    def __init__(self, currency: str) -> None:
        super().__init__(f"{currency[:12]!r} is not an ISO 4217 currency code such as NOK or EUR")
        self.currency = currency


class BadAmountError(MalformedError):
    code = "bad_amount"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text[:40]!r} is not an amount: {why}")
        self.text, self.why = text, why


@dataclass(frozen=True, slots=True)
class Money:
    """An exact signed amount in minor units: `Money(-1050, "EUR")` is 10.50 euro spent."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        # Programmer errors, not user errors: parse and round before you get here.
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, got {self.minor!r}")
        if self.currency not in MINOR_DIGITS:
            raise ValueError(f"not an ISO 4217 code: {self.currency!r}")

    @classmethod
    def parse(cls, text: str, currency: str) -> Self:
        """Read `-129.90`: ASCII digits, a point, no more decimals than the currency has.

        Raises:
            BadAmountError, UnknownCurrencyError: with what was wrong.
        """
        if not _AMOUNT.match(text):
            raise BadAmountError(text, "write it like -129.90")
        return cls.exactly(Decimal(text), currency)

    @classmethod
    def exactly(cls, amount: Decimal, currency: str) -> Self:
        """The amount in major units, which must be a whole number of minor units.

        Raises:
            BadAmountError, UnknownCurrencyError: with what was wrong.
        """
        digits = digits_of(currency)
        if not amount.is_finite():
            raise BadAmountError(str(amount), "it is not a finite number")
        if amount and amount.adjusted() + digits > 16:  # noqa: PLR2004 - the digits of MINOR_MAX
            raise BadAmountError(str(amount), "it is too large")
        minor = amount.scaleb(digits)
        whole = int(minor)
        if whole != minor:
            raise BadAmountError(str(amount), f"{currency} has {digits} decimals")
        if abs(whole) > MINOR_MAX:
            raise BadAmountError(str(amount), "it is too large")
        return cls(whole, currency)

    def __add__(self, other: Self) -> Self:
        if self.currency != other.currency:
            raise CurrencyMismatchError(self.currency, other.currency)
        return replace(self, minor=self.minor + other.minor)

    def __sub__(self, other: Self) -> Self:
        return self + -other

    def __neg__(self) -> Self:
        return replace(self, minor=-self.minor)

    def split(self, parts: int) -> tuple[Self, ...]:
        """Share out without losing a cent; the first shares take the remainder."""
        share, remainder = divmod(self.minor, parts)
        return tuple(replace(self, minor=share + (i < remainder)) for i in range(parts))

    @property
    def amount(self) -> str:
        """Major units as people and JSON write them: `-129.90`, `1500` yen, `0.005` dinar."""
        digits = MINOR_DIGITS[self.currency]
        if not digits:
            return str(self.minor)
        whole, fraction = divmod(abs(self.minor), 10**digits)
        return f"{'-' if self.minor < 0 else ''}{whole}.{fraction:0{digits}d}"

    @override
    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def digits_of(currency: str) -> int:
    """How many decimals the currency has. Raises UnknownCurrencyError."""
    try:
        return MINOR_DIGITS[currency]
    except KeyError:
        raise UnknownCurrencyError(currency) from None
