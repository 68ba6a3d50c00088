"""Recovery codes: what gets a person in when their phone is gone. Each works once.

120 bits each: nobody guesses one, so that a keyed hash of it is enough to keep (OWASP ASVS 5.0,
6.5.2 asks for a slow one below 112 bits). Letters that look like digits do not occur (Crockford's
base32), and are read as the digits they look like.
"""

import re
from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.secret import Secret

HOW_MANY: Final = 10
LETTERS: Final = 24
GROUP: Final = 4
_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_LOOK_ALIKE: Final = str.maketrans("oil", "011", " -")
_CODE: Final = re.compile(rf"[{_ALPHABET}]{{{LETTERS}}}")


def make(tokens: Sequence[Secret]) -> Sequence[Secret]:
    """A code of each token of 256 bits, in groups that can be read out."""
    return [_grouped(_letters(token)) for token in tokens]


def read_code(typed: Secret, field: str = "recovery_code") -> Secret:
    """The one spelling of a code, however it was typed; `field` is where it stood.

    Raises:
        InvalidFieldsError: it cannot be a code; that is no guess, and costs no try.
    """
    text = typed.reveal()
    # ASCII first: lower() makes an ordinary k of the sign for kelvin.
    plain = text.lower().translate(_LOOK_ALIKE) if text.isascii() else ""
    if not _CODE.fullmatch(plain):
        said = f"type one of your recovery codes: {LETTERS} letters and digits"
        raise InvalidFieldsError(FieldProblem(field, "not_a_code", said))
    return _grouped(plain)


def _letters(token: Secret) -> str:
    number = int.from_bytes(sha256(token.reveal().encode()).digest(), "big")
    return "".join(_ALPHABET[number >> 5 * at & 31] for at in range(LETTERS))


def _grouped(plain: str) -> Secret:
    return Secret("-".join(plain[at : at + GROUP] for at in range(0, LETTERS, GROUP)))
