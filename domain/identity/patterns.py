"""What is left of a password once the habits are taken away that every guesser knows.

Letters swapped for figures, one thing over and over, `12345` and `qwerty`: none of it makes a
password harder to guess, so none of it counts.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from typing import Final

from domain.identity.email import one_spelling

_LOOKS_LIKE: Final = str.maketrans(
    {
        **dict.fromkeys("1!|l¡", "i"),
        **dict.fromkeys("0øº", "o"),
        **dict.fromkeys("4@æ", "a"),
        **dict.fromkeys("3€", "e"),
        **dict.fromkeys("5$§", "s"),
        **dict.fromkeys("7+", "t"),
        "8": "b",
        "9": "g",
        "2": "z",
        "ð": "d",
        "đ": "d",
        "ł": "i",
    }
)
_ROWS: Final = ("1234567890+", "qwertyuiopå", "asdfghjkløæ", "zxcvbnm", "qwertz", "azerty")
_RUN_MIN: Final = 3
_PADDING_MAX: Final = 4
"""A year, or a few figures: everybody adds those."""


def lookalike(text: str) -> str:
    """Each sign as the plain letter that it looks like; as many signs as before."""
    plain = (unicodedata.normalize("NFD", sign)[0] for sign in text)
    return "".join(plain).translate(_LOOKS_LIKE)


def essence(text: str) -> str:
    """One round of what is repeated, one sign of every run such as `aaaa`, `4321` or `qwerty`."""
    return "".join(run[0] if len(run) >= _RUN_MIN else run for run in _runs(_one_round(text)))


def cores(password: str) -> frozenset[str]:
    """What guessers look up when they try a list with the usual trimmings, as lookalikes."""
    spelled = one_spelling(password)
    bare = "".join(sign for sign in spelled if sign.isalnum())
    whole = {spelled, bare, _one_round(spelled), _one_round(bare)}
    found = whole | {_trimmed(text) for text in whole}
    found |= {_one_round(text) for text in found}
    return frozenset(lookalike(text) for text in found)


def _one_round(text: str) -> str:
    """`abcabcab` is `abc`; the last round may be cut short."""
    for length in range(1, len(text) // 2 + 1):
        if all(text[at] == text[at - length] for at in range(length, len(text))):
            return text[:length]
    return text


def _runs(text: str) -> Iterator[str]:
    """The text in pieces, each as long as it goes on in one way."""
    start, ways = 0, frozenset[str]()
    for at in range(1, len(text)):
        here = _ways(text[at - 1], text[at])
        goes_on = here if at - start == 1 else here & ways
        if goes_on:
            ways = goes_on
        else:
            yield text[start:at]
            start, ways = at, frozenset()
    if text:
        yield text[start:]


def _ways(one: str, other: str) -> frozenset[str]:
    """In which ways the second sign follows from the first."""
    step = ord(other) - ord(one)
    ways = {f"alphabet {step}"} if step in (-1, 0, 1) else set()
    for row in _ROWS:
        ways |= {f"{row} 1"} if one + other in row else set()
        ways |= {f"{row} -1"} if other + one in row else set()
    return frozenset(ways)


def _trimmed(text: str) -> str:
    """Without figures and signs before and after the letters, if those are no more than padding."""
    letters = [at for at, sign in enumerate(text) if sign.isalpha()]
    if not letters:
        return text
    first, last = letters[0], letters[-1] + 1
    padding = _figures(text[:first], text[last:])
    return text[first:last] if len(padding) <= _PADDING_MAX else text


def _figures(*pieces: str) -> Sequence[str]:
    return [s for piece in pieces for s in essence("".join(s for s in piece if s.isalnum()))]
