"""Mails as files in a folder, where nobody runs a mail server: one `.eml` each."""

import asyncio
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Final
from uuid import UUID

from typing_extensions import override

from adapters.mail.message import message_of
from adapters.mail.settings import Sender
from application.identity.mail.mails import (
    KeptMail,
    KeptMails,
    Mail,
    Mailer,
    MailRefusedError,
    MailUnavailableError,
)
from application.shared.chance import NewIds
from application.shared.clock import Clock

KEPT: Final = timedelta(days=7)
_NO_SUCH_ADDRESS: Final = 553
"""What a mail server would say (RFC 5321)."""
_TOKEN: Final = re.compile(r"^([A-Za-z0-9_-]{43,64})$", re.MULTILINE)
_NAME: Final = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True, slots=True)
class MailFolder(Mailer, KeptMails):
    """Readable by its owner only: tokens are in there. Whatever is older than a week goes."""

    folder: Path
    sender: Sender
    ids: NewIds
    clock: Clock

    @override
    async def send(self, mail: Mail) -> None:
        at, mail_id = self.clock.now(), self.ids.one()
        try:
            message = message_of(mail, self.sender, mail_id, at)
        except ValueError as error:
            raise MailRefusedError(_NO_SUCH_ADDRESS) from error
        try:
            await asyncio.to_thread(self._keep, message, mail_id, at)
        except OSError as error:
            raise MailUnavailableError(maybe_taken=False) from error

    @override
    async def newest(self, limit: int) -> Sequence[KeptMail]:
        return await asyncio.to_thread(lambda: list(self._read(limit)))

    def _keep(self, message: EmailMessage, mail_id: UUID, at: datetime) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sweep(at)
        path = self.folder / f"{at:{_NAME}}-{mail_id}.eml"
        draft = path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(message.as_bytes())
        draft.rename(path)

    def _sweep(self, now: datetime) -> None:
        oldest = f"{now - KEPT:{_NAME}}"
        for path in self.folder.glob("*-*.*"):
            if path.name < oldest:
                path.unlink(missing_ok=True)

    def _read(self, limit: int) -> Iterator[KeptMail]:
        for path in sorted(self.folder.glob("*.eml"))[-limit:]:
            message = message_from_bytes(path.read_bytes(), EmailMessage, policy=SMTP)
            body = message.get_body(("plain",))
            text = "" if body is None else body.get_content().replace("\r\n", "\n")
            found = _TOKEN.search(text)
            yield KeptMail(
                at=str(message["Date"]),
                to=str(message["To"]),
                subject=str(message["Subject"]),
                text=text,
                token=None if found is None else found[1],
            )
