"""What a password has to be, and where its hash lives.

Length is counted in code points after NFKC, as NIST 800-63B asks: an `å` typed on one keyboard
is the same `å` on another. There are no rules of composition.
"""

import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NewType, Self
from uuid import UUID

from domain.identity.email import EmailAddress, one_spelling
from domain.identity.own_words import OwnWords
from domain.identity.patterns import essence
from domain.identity.person import PersonName
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.ids import UserId
from domain.shared.secret import Secret

LENGTH_ALONE: Final = 15
"""As the only factor."""
LENGTH_WITH_ANOTHER: Final = 8
"""Beside a second factor."""
LENGTH_MAX: Final = 128
_TYPED_MAX: Final = 4 * LENGTH_MAX
_ESSENCE_MIN: Final = 5
"""So many signs have to be left once repeats and rows such as `12345` count as one."""

CredentialId = NewType("CredentialId", UUID)
PasswordHash = NewType("PasswordHash", str)
"""In PHC string format: algorithm, parameters, salt, hash."""


def normalised(typed: Secret) -> Secret | None:
    """The spelling that is hashed; None for what cannot be anybody's password."""
    text = typed.reveal()
    if len(text) > _TYPED_MAX or not _is_text(text):
        return None
    text = unicodedata.normalize("NFKC", text)
    return Secret(text) if len(text) <= LENGTH_MAX else None


def choose(
    typed: Secret, name: PersonName | None, email: EmailAddress | None, *, alone: bool = True
) -> Secret:
    """The password as it is hashed, if it may be one, as far as that can be seen without a list.

    `alone`: the person has no second factor.

    Raises:
        InvalidFieldsError: with the reason, under the name `password`.
    """
    if not _is_text(typed.reveal()):
        raise invalid("bad_character", "a password is made of characters that can be written")
    password = normalised(typed)
    if password is None:
        raise invalid("too_long", f"a password has at most {LENGTH_MAX} characters")
    text = password.reveal()
    least = LENGTH_ALONE if alone else LENGTH_WITH_ANOTHER
    if len(text) < least:
        raise invalid("too_short", f"use at least {least} characters; a few words will do")
    spelled = one_spelling(text)
    if email is not None and spelled in {email.text, email.local}:
        raise invalid("is_email", "a password must not be your e-mail address")
    if name is not None and spelled == one_spelling(name.text):
        raise invalid("is_name", "a password must not be your name")
    if OwnWords.of(name, email).make_up(text):
        raise invalid(
            "own_words",
            "this is made of your name, your e-mail address or our name: add a few other words",
        )
    if len(essence(spelled)) < _ESSENCE_MIN:
        raise invalid("too_simple", "this is one thing over and over: use a few different words")
    return password


def suffices_alone(password: Secret) -> bool:
    """Whether it is long enough to be the only factor; asked when it is chosen."""
    return len(password.reveal()) >= LENGTH_ALONE


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordCredential:
    user_id: UserId
    id: CredentialId
    hash: PasswordHash = field(repr=False)
    created_at: datetime
    changed_at: datetime
    """When the person last chose one; hashing it again with new parameters is not a change."""
    suffices_alone: bool
    """Whether it was chosen long enough to be the only factor; its hash does not tell."""

    def rehashed(self, to: PasswordHash) -> Self:
        return replace(self, hash=to)


def _is_text(text: str) -> bool:
    # NUL ends strings in other people's code, and a lone surrogate has no bytes at all.
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def invalid(error: str, message: str) -> InvalidFieldsError:
    """Why a password cannot be chosen."""
    return InvalidFieldsError(FieldProblem("password", error, message))
