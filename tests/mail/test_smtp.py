"""Mails through a mail server, over real sockets; servers that fail in all the usual ways."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.mail.settings import Sender, SmtpServer
from adapters.mail.smtp import NoKeptMails, SmtpMailer
from application.identity.mail.mails import Mail, MailRefusedError, MailUnavailableError
from domain.identity.email import EmailAddress
from domain.shared.secret import Secret
from tests.faults.street import a_free_port
from tests.mail.server import PASSWORD, USER, Certificate, Desk, a_certificate, a_mail_server
from tests.support.clock import CountedIds, FixedClock

MAIL = Mail(
    to=EmailAddress("anna@example.no"),
    subject="Bekreft e-postadressen på nytt",
    text="Hei på deg.\n",
    html="<p>Hei på deg.</p>\n",
)
SENDER = Sender("no-reply@daler.example", "Daler")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return a_certificate(tmp_path_factory.mktemp("mail"))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def port(desk: Desk, certificate: Certificate) -> Iterator[int]:
    with a_mail_server(desk, starttls=certificate.served) as port:
        yield port


def at(port: int, *, tls: bool = False, start_tls: bool = True) -> SmtpServer:
    return SmtpServer("127.0.0.1", port, implicit_tls=tls, start_tls=start_tls and not tls)


def mailer(server: SmtpServer, trust: ssl.SSLContext | None = None) -> SmtpMailer:
    return SmtpMailer(server, SENDER, CountedIds(), FixedClock(), trust)


async def test_a_mail_arrives_encrypted_with_both_bodies(
    desk: Desk, port: int, certificate: Certificate
) -> None:
    await mailer(at(port), certificate.trusted).send(MAIL)

    (message,), (envelope,) = desk.taken, desk.envelopes
    assert desk.encrypted == [True]
    assert (envelope.mail_from, envelope.rcpt_tos) == (SENDER.address, [MAIL.to.text])
    assert (message["From"], message["To"]) == ("Daler <no-reply@daler.example>", MAIL.to.text)
    assert message["Subject"] == MAIL.subject
    for kind, said in (("plain", MAIL.text), ("html", MAIL.html)):
        body = message.get_body((kind,))
        assert body is not None
        assert body.get_content().replace("\r\n", "\n") == said


async def test_it_signs_in_where_it_has_to(desk: Desk, port: int, certificate: Certificate) -> None:
    known = replace(at(port), user=USER, password=Secret(PASSWORD))
    await mailer(known, certificate.trusted).send(MAIL)
    assert desk.users == [USER]

    stranger = replace(known, password=Secret("wrong"))
    with pytest.raises(MailUnavailableError):
        await mailer(stranger, certificate.trusted).send(MAIL)
    assert len(desk.taken) == 1


async def test_tls_from_the_first_byte(desk: Desk, certificate: Certificate) -> None:
    with a_mail_server(desk, tls=certificate.served) as port:
        await mailer(at(port, tls=True), certificate.trusted).send(MAIL)

    assert desk.encrypted == [True]


async def test_a_certificate_that_nobody_vouches_for_is_not_spoken_to(
    desk: Desk, port: int, certificate: Certificate
) -> None:
    with pytest.raises(MailUnavailableError):
        await mailer(at(port)).send(MAIL)
    with a_mail_server(desk, tls=certificate.served) as other, pytest.raises(MailUnavailableError):
        await mailer(at(other, tls=True)).send(MAIL)

    assert desk.taken == []


async def test_a_server_that_hides_that_it_can_encrypt_gets_nothing(desk: Desk) -> None:
    with a_mail_server(desk) as port:
        with pytest.raises(MailUnavailableError):
            await mailer(at(port)).send(MAIL)
        assert desk.taken == []

        await mailer(at(port, start_tls=False)).send(MAIL)
        assert desk.encrypted == [False], "only where it was said that it may be so"


@pytest.mark.parametrize(
    ("told", "error"),
    [
        ({"to_recipient": "550 no such user anna"}, MailRefusedError),
        ({"to_recipient": "450 try again later"}, MailUnavailableError),
        ({"to_content": "554 looks like spam"}, MailRefusedError),
        ({"to_content": "451 disk full"}, MailUnavailableError),
        ({"to_sender": "550 you may not send as this"}, MailUnavailableError),
        ({"to_sender": "421 closing"}, MailUnavailableError),
    ],
    ids=str,
)
async def test_only_what_concerns_this_one_mail_is_final(
    desk: Desk, told: dict[str, str], error: type[Exception]
) -> None:
    for name, answer in told.items():
        setattr(desk, name, answer)
    with a_mail_server(desk) as port, pytest.raises(error) as refused:
        await mailer(at(port, start_tls=False)).send(MAIL)

    assert "anna" not in str(refused.value), "what the server said goes no further"
    assert desk.taken == []


@pytest.mark.parametrize(
    "told",
    [
        {"to_sender": "421 closing"},
        {"to_recipient": "450 try again later"},
        {"to_content": "451 disk full"},
    ],
    ids=str,
)
async def test_a_server_that_said_no_has_surely_not_taken_the_mail(
    desk: Desk, told: dict[str, str]
) -> None:
    for name, answer in told.items():
        setattr(desk, name, answer)
    with a_mail_server(desk) as port, pytest.raises(MailUnavailableError) as refused:
        await mailer(at(port, start_tls=False)).send(MAIL)

    assert not refused.value.maybe_taken


async def test_a_server_that_falls_silent_over_the_mail_may_have_taken_it() -> None:
    async with a_silence() as port:
        hasty = replace(at(port, start_tls=False), deadline_s=0.5)
        with pytest.raises(MailUnavailableError) as silent:
            await mailer(hasty).send(MAIL)

    assert silent.value.maybe_taken


async def test_an_address_that_the_server_cannot_spell_is_refused(desk: Desk) -> None:
    foreign = replace(MAIL, to=EmailAddress.parse("åse@example.no"))
    with a_mail_server(desk, utf8=False) as port, pytest.raises(MailRefusedError):
        await mailer(at(port, start_tls=False)).send(foreign)

    with a_mail_server(desk) as port:
        await mailer(at(port, start_tls=False)).send(foreign)
    assert [one.rcpt_tos for one in desk.envelopes] == [["åse@example.no"]]


async def test_no_header_can_be_smuggled_in(desk: Desk) -> None:
    with a_mail_server(desk) as port:
        for bad in (
            replace(MAIL, to=EmailAddress("anna@example.no\r\nBcc: eve@example.no")),
            replace(MAIL, subject="Hello\r\nBcc: eve@example.no"),
        ):
            with pytest.raises(MailRefusedError):
                await mailer(at(port, start_tls=False)).send(bad)

    assert desk.taken == []


async def test_nobody_listens() -> None:
    with pytest.raises(MailUnavailableError) as nobody:
        await mailer(at(a_free_port())).send(MAIL)

    assert not nobody.value.maybe_taken


@asynccontextmanager
async def a_silence() -> AsyncIterator[int]:
    """A server that takes all of a mail, and never says whether it has."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        try:
            while line := await reader.readline():
                if line[:4].upper().strip() == b"DATA":
                    writer.write(b"354 go on\r\n")
                    await reader.read()  # to the end of all things
                    break
                writer.write(b"250 fine\r\n")
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def a_bore(greeting: bytes, pause_s: float) -> AsyncIterator[int]:
    """A server that never comes to the point."""

    async def bore(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(greeting)
                await writer.drain()
                await asyncio.sleep(pause_s)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(bore, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize("greeting", [b"", b"220-still thinking\r\n", b"x"])
async def test_a_server_that_drips_is_left_after_the_deadline(greeting: bytes) -> None:
    async with a_bore(greeting, 0.05) as port:
        slow = replace(at(port, start_tls=False), deadline_s=0.3)
        with pytest.raises(MailUnavailableError):
            await mailer(slow).send(MAIL)


async def test_mails_that_were_sent_are_not_here() -> None:
    assert await NoKeptMails().newest(10) == ()


def test_a_server_that_is_printed_shows_no_password(tmp_path: Path) -> None:
    server = SmtpServer(str(tmp_path), 25, True, False, "u", Secret("hidden"))

    assert "hidden" not in repr(server)
