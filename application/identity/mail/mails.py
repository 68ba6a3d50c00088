"""Mails: what a letter says is for its templates, how it gets there for the mailer."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, Self

from domain.identity.confirmation import LIFETIME, Letter
from domain.identity.email import EmailAddress
from domain.shared.errors import RuleError, UnavailableError
from domain.shared.secret import Secret


class MailUnavailableError(UnavailableError):
    """`maybe_taken`: the mail may have been handed over before that was known."""

    code = "mail_unavailable"

    def __init__(self, *, maybe_taken: bool = True) -> None:
        super().__init__("mails cannot be sent right now")
        self.maybe_taken = maybe_taken


class MailRefusedError(RuleError):
    """The other side will never take this mail; trying again would not help."""

    code = "mail_refused"

    def __init__(self, status: int) -> None:
        super().__init__(f"the mail was refused for good (SMTP {status})")
        self.status = status


@dataclass(frozen=True, slots=True)
class Mail:
    to: EmailAddress
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


class MailOutcome(StrEnum):
    SENT = "sent"
    NOT_WANTED = "not_wanted"
    """There is nobody to write to, or the time for it has passed."""
    TOO_MANY = "too_many"
    REFUSED = "refused"
    UNSURE = "unsure"
    """It may have been sent, and one that must not come twice is not sent again."""


class Mailer(Protocol):
    @abstractmethod
    async def send(self, mail: Mail) -> None:
        """Hand the mail over to whoever delivers it.

        Raises:
            UnavailableError: it may be tried again; it may even have been handed over, unless
                a MailUnavailableError says that it surely was not.
            MailRefusedError: it will never be taken.
        """


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail that lies here, for who runs Daler without a mail server."""

    at: str
    to: str
    subject: str
    text: str = field(repr=False)
    token: str | None = field(repr=False)


class KeptMails(Protocol):
    @abstractmethod
    async def newest(self, limit: int) -> Sequence[KeptMail]:
        """The newest one last; none where mails are really sent."""


class Letters(Protocol):
    @abstractmethod
    def write(
        self,
        letter: Letter,
        to: EmailAddress,
        locale: str,
        token: Secret | None,
        until: date | None = None,
    ) -> Mail:
        """The mail in the person's language. Nothing that a stranger typed is repeated in it.

        `token` is for the letters that carry one, `until` for those that speak of a day.
        """


@dataclass(frozen=True, slots=True)
class MailPromised:
    """What whoever asked is told, whoever the address belongs to."""

    email: str = field(repr=False)
    expires_in: int
    """Seconds that the token is good for, once its mail is written."""

    @classmethod
    def to(cls, email: EmailAddress) -> Self:
        return cls(email.text, int(LIFETIME.total_seconds()))
