r"""Types for what callers send. Every string has a longest length; every amount is a string.

Routes name these in their request Structs and query parameters. `\Z` instead of `$` keeps a
trailing line break out; the OpenAPI document spells it `$`, which means the same there.
"""

from typing import Annotated, Final

import msgspec

from domain.shared.errors import FieldProblem
from domain.shared.money import BadAmountError, Money, UnknownCurrencyError
from entrypoints.http.problem import InvalidRequestError

AMOUNT_PATTERN: Final = r"^-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,4})?\Z"
CURRENCY_PATTERN: Final = r"^[A-Z]{3}\Z"
BASE64URL_PATTERN: Final = r"^[A-Za-z0-9_-]+\Z"
MONTH_PATTERN: Final = r"^(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])\Z"
WORD_PATTERN: Final = r"^[a-z0-9][a-z0-9_.-]*\Z"

PATTERN_WORDS: Final = {
    AMOUNT_PATTERN: "write it as a string like -129.90",
    CURRENCY_PATTERN: "write three capital letters such as NOK",
    BASE64URL_PATTERN: "write it in base64url, without padding",
    MONTH_PATTERN: "write a month like 2026-03",
    WORD_PATTERN: "use lower-case letters, digits, dots, dashes and underscores",
}
"""What to tell a person instead of a regular expression."""

AmountIn = Annotated[
    str,
    msgspec.Meta(
        pattern=AMOUNT_PATTERN,
        max_length=21,
        description="Major units with a point, at most as many decimals as the currency has.",
        examples=["-129.90"],
    ),
]
CurrencyIn = Annotated[
    str,
    msgspec.Meta(
        pattern=CURRENCY_PATTERN,
        min_length=3,
        max_length=3,
        description="ISO 4217.",
        examples=["NOK"],
    ),
]
Word = Annotated[str, msgspec.Meta(pattern=WORD_PATTERN, max_length=80)]
ShortText = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
LongText = Annotated[str, msgspec.Meta(max_length=4_000)]
Email = Annotated[str, msgspec.Meta(min_length=3, max_length=254, examples=["anna@example.org"])]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=4_096)]
"""An opaque string: a state, a refresh token, a provider's code."""


class MoneyIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    amount: AmountIn
    currency: CurrencyIn

    def money(self, field: str = "amount") -> Money:
        """The exact amount; `field` is where it stands in the request.

        Raises:
            InvalidRequestError: naming the field, when the currency is unknown or has fewer
                decimals than were sent.
        """
        return money_of(self.amount, self.currency, field)


def money_of(amount: str, currency: str, field: str = "amount") -> Money:
    """Raises InvalidRequestError, naming `field`."""
    try:
        return Money.parse(amount, currency)
    except BadAmountError as error:
        raise InvalidRequestError(FieldProblem(field, error.code, error.why)) from error
    except UnknownCurrencyError as error:
        raise InvalidRequestError(FieldProblem(field, error.code, str(error))) from error
