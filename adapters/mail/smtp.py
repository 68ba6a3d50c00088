"""Mails through a mail server."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final, cast

import aiosmtplib
from aiosmtplib import SMTP
from typing_extensions import override

from adapters.mail.message import as_address, message_of
from adapters.mail.settings import Sender, SmtpServer
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

PERMANENT: Final = 500
_NO_SUCH_ADDRESS: Final = 553
_REFUSALS: Final = (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused)
"""The server has answered, and the answer was no: nothing was handed over."""


@dataclass(frozen=True, slots=True)
class SmtpMailer(Mailer):
    server: SmtpServer
    sender: Sender
    ids: NewIds
    clock: Clock
    trust: ssl.SSLContext | None = None
    """Whose certificates are believed; None: those that this machine believes."""

    @override
    async def send(self, mail: Mail) -> None:
        try:
            message = message_of(mail, self.sender, self.ids.one(), self.clock.now())
            to = as_address(mail.to.text).addr_spec
        except ValueError as error:
            raise MailRefusedError(_NO_SUCH_ADDRESS) from error
        said = False
        try:
            async with asyncio.timeout(self.server.deadline_s), self._connected() as client:
                said = True
                await self._deliver(client, message, to)
        except (OSError, TimeoutError, aiosmtplib.SMTPException) as error:
            # What the server said may quote the address: it goes no further.
            raise MailUnavailableError(
                maybe_taken=said and not isinstance(error, _REFUSALS)
            ) from error

    def _client(self) -> SMTP:
        return SMTP(
            hostname=self.server.host,
            port=self.server.port,
            use_tls=self.server.implicit_tls,
            start_tls=self.server.start_tls,
            tls_context=self.trust,
            # Of our own: looking up this machine's name blocks, and is nobody's business.
            local_hostname=self.sender.address.rpartition("@")[2],
            timeout=self.server.deadline_s,
        )

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[SMTP]:
        client = self._client()
        try:
            await client.connect()
            transport = cast("asyncio.WriteTransport | None", client.transport)
            try:
                if self.server.user is not None and self.server.password is not None:
                    await client.login(self.server.user, self.server.password.reveal())
                yield client
            finally:
                if transport is not None:
                    # All is said: closing in style would wait for the other side once more.
                    transport.abort()
                    await asyncio.sleep(0)
        finally:
            client.close()

    async def _deliver(self, client: SMTP, message: EmailMessage, to: str) -> None:
        """Only what concerns this one mail is final; what we got wrong may be put right."""
        try:
            await client.send_message(message, sender=self.sender.address, recipients=[to])
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code
            if code >= PERMANENT:
                raise MailRefusedError(code) from error
            raise
        except aiosmtplib.SMTPDataError as error:
            if error.code >= PERMANENT:
                raise MailRefusedError(error.code) from error
            raise
        except aiosmtplib.SMTPNotSupported as error:
            raise MailRefusedError(_NO_SUCH_ADDRESS) from error
        with suppress(OSError, TimeoutError, aiosmtplib.SMTPException):
            await client.quit()  # it was taken: how one parts does not matter any more


@dataclass(frozen=True, slots=True)
class NoKeptMails(KeptMails):
    """Mails that were sent are not here."""

    @override
    async def newest(self, limit: int) -> Sequence[KeptMail]:
        return ()
