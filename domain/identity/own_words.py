"""Words that anybody knows who knows the person: a password made of them is no secret."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from domain.identity.email import EmailAddress, one_spelling
from domain.identity.patterns import essence, lookalike
from domain.identity.person import PersonName

PRODUCT: Final = "daler"
_REST_MIN: Final = 6
"""So many signs have to be left that are nobody's name, and neither repeated nor in a row."""
_WORDS: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class OwnWords:
    """The person's own words, and the product's, as lookalikes."""

    words: frozenset[str] = field(repr=False)

    @classmethod
    def of(cls, name: PersonName | None, email: EmailAddress | None) -> Self:
        texts = [PRODUCT]
        if name is not None:
            texts += (name.text, _joined(name.text))
        if email is not None:
            _, _, domain = email.text.rpartition("@")
            texts += (email.local, _joined(email.local), domain.rpartition(".")[0])
        found = (word for text in texts for word in _WORDS.findall(one_spelling(text)))
        return cls(frozenset(lookalike(word) for word in found))

    def make_up(self, password: str) -> bool:
        """Whether too little is left of it without them, spelled either way round."""
        spelled = one_spelling(password)
        covered = set(_covered(lookalike(spelled), self.words))
        rest = "".join(
            sign for at, sign in enumerate(spelled) if at not in covered and sign.isalnum()
        )
        return bool(covered) and len(essence(rest)) < _REST_MIN


def _joined(text: str) -> str:
    return "".join(sign for sign in one_spelling(text) if sign.isalpha())


def _covered(text: str, words: Iterable[str]) -> Iterator[int]:
    for word in words:
        for spelled in (word, word[::-1]):
            at = text.find(spelled)
            while at >= 0:
                yield from range(at, at + len(spelled))
                at = text.find(spelled, at + 1)
