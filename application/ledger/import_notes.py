"""What a person is told of an import in words."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

WORD_MAX: Final = 200
WORDS_TOLD_MAX: Final = 20


def home_currency_taken(currency: str) -> str:
    return f"where the file names no currency, {currency} was taken, the currency you count in"


def nameless(account: str) -> str:
    """Files that name no account share one; two banks' files must not mix unseen."""
    return (
        f"the file names no account, so it goes to {account!r}, as every such file; to keep"
        " accounts apart, send `account_name` (any name) or `account_id` in `options`"
    )


def unknown_words(words: Counter[str]) -> Sequence[str]:
    told = [
        f"category {word[:WORD_MAX]!r} is not known; {count} transactions are uncategorised, with"
        " the word as their note"
        for word, count in words.most_common(WORDS_TOLD_MAX)
    ]
    more = len(words) - len(told)
    return [*told, f"and {more} more categories are not known"] if more > 0 else told
