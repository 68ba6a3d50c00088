"""Mails in a folder: for machines without a mail server."""

import stat
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from adapters.mail.folder import MailFolder
from adapters.mail.settings import Sender
from application.identity.mail.mails import Mail, MailRefusedError, MailUnavailableError
from domain.identity.email import EmailAddress
from tests.support.clock import NOON, CountedIds, FixedClock

TOKEN = "t" * 43
MAIL = Mail(
    to=EmailAddress("anna@example.no"),
    subject="Bekreft adressen på nytt",
    text=f"Hei på deg.\n\n{TOKEN}\n\n{'lang ' * 60}\n",
    html="<p>Hei på deg.</p>",
)
SENDER = Sender("no-reply@daler.example", "Daler")


@pytest.fixture
def folder(tmp_path: Path, clock: FixedClock, ids: CountedIds) -> MailFolder:
    return MailFolder(tmp_path / "mail", SENDER, ids, clock)


async def test_a_mail_is_a_file_that_only_its_owner_reads(folder: MailFolder) -> None:
    await folder.send(MAIL)

    (path,) = folder.folder.iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.folder.stat().st_mode) == 0o700
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (message["From"], message["To"]) == ("Daler <no-reply@daler.example>", MAIL.to.text)
    assert message["Subject"] == MAIL.subject
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@daler.example>")
    assert message.get_content_type() == "multipart/alternative"


async def test_what_was_sent_is_read_again_newest_last(
    folder: MailFolder, clock: FixedClock
) -> None:
    await folder.send(MAIL)
    clock.forward(seconds=1)
    await folder.send(replace(MAIL, subject="Second", text="No token here.\n"))

    first, second = await folder.newest(10)

    assert (first.to, first.subject, first.token) == (MAIL.to.text, MAIL.subject, TOKEN)
    assert first.text == MAIL.text
    assert (second.subject, second.token) == ("Second", None)
    assert [one.subject for one in await folder.newest(1)] == ["Second"]


async def test_an_empty_folder_has_no_mails(folder: MailFolder) -> None:
    assert await folder.newest(10) == []


async def test_what_is_older_than_a_week_is_swept(folder: MailFolder, clock: FixedClock) -> None:
    await folder.send(MAIL)
    (folder.folder / "notes.txt").write_text("somebody else's")
    clock.at = NOON + timedelta(days=7)
    await folder.send(MAIL)
    assert len(await folder.newest(10)) == 2
    clock.forward(seconds=1)
    await folder.send(MAIL)

    assert len(await folder.newest(10)) == 2
    assert (folder.folder / "notes.txt").exists()


async def test_a_folder_that_cannot_be_written_is_tried_again_later(
    folder: MailFolder, tmp_path: Path
) -> None:
    (tmp_path / "mail").write_text("in the way")

    with pytest.raises(MailUnavailableError):
        await folder.send(MAIL)


@pytest.mark.parametrize(
    "changed",
    [
        replace(MAIL, to=EmailAddress("anna@example.no\r\nBcc: eve@example.no")),
        replace(MAIL, to=EmailAddress("anna@example.no>\r\n\r\nHello")),
        replace(MAIL, subject="Hello\r\nBcc: eve@example.no"),
        replace(MAIL, subject="Hello\nBcc: eve@example.no"),
        replace(MAIL, to=EmailAddress(f"anna@{'x' * 70}.no")),
    ],
    ids=["address", "body", "subject", "line feed", "label"],
)
async def test_no_header_can_be_smuggled_in(folder: MailFolder, changed: Mail) -> None:
    """Addresses like these are refused long before; this is the last wall."""
    with pytest.raises(MailRefusedError):
        await folder.send(changed)

    assert await folder.newest(10) == []


@pytest.mark.parametrize(
    ("address", "spelled"),
    [
        ("o'brien+daler@example.no", "o'brien+daler@example.no"),
        ("kari@blåbær.no", "kari@xn--blbr-roah.no"),
        ("åse@example.no", "åse@example.no"),
    ],
)
async def test_addresses_of_all_kinds(folder: MailFolder, address: str, spelled: str) -> None:
    await folder.send(replace(MAIL, to=EmailAddress.parse(address)))

    assert [one.to for one in await folder.newest(1)] == [spelled]
