import re
import unicodedata
from dataclasses import dataclass, field
from typing import Final, Self

from typing_extensions import override

from domain.shared.errors import FieldProblem, InvalidFieldsError

LENGTH_MAX: Final = 254
"""RFC 5321: a path of 256 octets, without its angle brackets."""
_LOCAL_MAX: Final = 64

# Letters of any script; what mail programs quote or split on is left out on purpose.
_ATOM: Final = r"[^\W_]|[!#$%&'*+/=?^_`{|}~-]"
_LOCAL: Final = re.compile(rf"(?:{_ATOM})+(?:\.(?:{_ATOM})+)*\Z")
_LABEL: Final = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_DOMAIN: Final = re.compile(rf"(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}\Z")


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address in its one spelling, so that a person is found however they type it."""

    text: str = field(repr=False)

    @classmethod
    def parse(cls, typed: str) -> Self:
        """Raises InvalidFieldsError with what is wrong, under the name `email`."""
        if len(typed) > 4 * LENGTH_MAX:  # before any work is put into it
            raise _invalid("too_long", f"an e-mail address has at most {LENGTH_MAX} characters")
        text = one_spelling(typed)
        local, at, domain = text.rpartition("@")
        octets = len(text.encode(errors="replace"))
        if octets > LENGTH_MAX or len(local.encode(errors="replace")) > _LOCAL_MAX:
            raise _invalid("too_long", f"an e-mail address has at most {LENGTH_MAX} characters")
        if not at or not _LOCAL.match(local) or not _DOMAIN.match(domain):
            raise _invalid("not_an_email", "write an e-mail address such as anna@example.no")
        return cls(text)

    @property
    def local(self) -> str:
        return self.text.rpartition("@")[0]

    @override
    def __str__(self) -> str:
        return "***"


def one_spelling(typed: str) -> str:
    """Compatibility forms and case folded away, until nothing changes any more."""
    text = typed.strip()
    while (folded := unicodedata.normalize("NFKC", text).casefold().strip()) != text:
        text = folded
    return text


def _invalid(error: str, message: str) -> InvalidFieldsError:
    return InvalidFieldsError(FieldProblem("email", error, message))
