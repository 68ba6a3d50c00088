from dataclasses import dataclass, field

from typing_extensions import override

from application.identity.mail.mails import Mail, Mailer
from domain.identity.email import EmailAddress
from domain.shared.errors import DalerError


@dataclass(slots=True)
class MemoryMailbox(Mailer):
    """Everybody's mail, in the order that it came."""

    mails: list[Mail] = field(default_factory=list)
    trouble: DalerError | None = None
    """Raised instead of taking the next mail."""

    @override
    async def send(self, mail: Mail) -> None:
        if self.trouble is not None:
            trouble, self.trouble = self.trouble, None
            raise trouble
        self.mails.append(mail)

    def to(self, address: str) -> list[Mail]:
        wanted = EmailAddress.parse(address)
        return [mail for mail in self.mails if mail.to == wanted]
