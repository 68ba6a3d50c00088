from dataclasses import dataclass, field
from typing import Self

from domain.identity import password as passwords
from domain.identity.email import EmailAddress
from domain.identity.person import PersonName
from domain.shared.errors import FieldProblem, InvalidFieldsError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class SigningUp:
    """What somebody wrote to become a person here, found to be right as a whole."""

    name: PersonName
    email: EmailAddress
    password: Secret = field(repr=False)

    @classmethod
    def parse(cls, name: str, email: str, password: Secret) -> Self:
        """Raises InvalidFieldsError with everything that is wrong, not just the first thing."""
        problems: list[FieldProblem] = []
        called = address = chosen = None
        try:
            called = PersonName.parse(name)
        except InvalidFieldsError as error:
            problems += error.problems
        try:
            address = EmailAddress.parse(email)
        except InvalidFieldsError as error:
            problems += error.problems
        try:
            chosen = passwords.choose(password, called, address)
        except InvalidFieldsError as error:
            problems += error.problems
        if called is None or address is None or chosen is None:
            raise InvalidFieldsError(*problems)
        return cls(called, address, chosen)
