"""A mail as RFC 5322 spells it, with both bodies."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from uuid import UUID

from adapters.mail.settings import Sender
from application.identity.mail.mails import Mail


def message_of(mail: Mail, sender: Sender, message_id: UUID, at: datetime) -> EmailMessage:
    """Headers are set through the standard library's policy, which refuses line breaks in them.

    Raises:
        ValueError: the address cannot be spelled in a mail.
    """
    to = as_address(mail.to.text)
    shown = as_address(sender.address, sender.name)
    message = EmailMessage(policy=SMTP if to.username.isascii() else SMTPUTF8)
    message["From"] = shown
    message["To"] = to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    # Of our own making: the default tells the world this machine's name.
    message["Message-ID"] = f"<{message_id}@{shown.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday replies
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def as_address(text: str, name: str = "") -> Address:
    """Raises ValueError. A domain in another script is spelled as its registry knows it."""
    local, _, domain = text.rpartition("@")
    return Address(name, local, domain.encode("idna").decode("ascii"))
