"""How mails leave: what DALER_SMTP_URL and DALER_MAIL_FROM can say, and what they cannot."""

import pytest

from adapters.mail.settings import Sender, SmtpServer
from domain.shared.secret import Secret
from entrypoints.composition.settings import read_settings
from entrypoints.composition.settings_source import SettingsError
from tests.settings.test_settings import SECRETS, SERVER, problems

FROM = {"DALER_MAIL_FROM": "Daler <no-reply@example.org>"}


@pytest.mark.parametrize(
    ("text", "server"),
    [
        (
            "smtps://daler:p%40ss%2Fword@mail.example.org",
            SmtpServer("mail.example.org", 465, True, False, "daler", Secret("p@ss/word")),
        ),
        ("smtp://mail.example.org", SmtpServer("mail.example.org", 587, False, True)),
        (
            "smtp://mailpit:1025/?starttls=off",
            SmtpServer("mailpit", 1025, False, False),
        ),
        ("smtp://[::1]:25", SmtpServer("::1", 25, False, True)),
    ],
)
def test_a_mail_server_is_read(text: str, server: SmtpServer) -> None:
    settings = read_settings({**SERVER, **FROM, "DALER_SMTP_URL": text}).mail

    assert settings.server == server
    assert settings.sender == Sender("no-reply@example.org", "Daler")
    assert not settings.missed


@pytest.mark.parametrize(
    "text",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://mail.example.org:notaport",
        "smtp://mail.example.org:99999",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org?tls=off",
        "smtp://mail.example.org#x",
        "smtp://hunter2@mail.example.org",
        "smtp://daler:hunter2@mail.example.org?starttls=off",
        "smtps://daler:hunter2@[mail.example.org",
    ],
)
def test_what_is_no_mail_server_is_refused_without_repeating_it(text: str) -> None:
    (problem,) = problems({**SERVER, **FROM, "DALER_SMTP_URL": text})

    assert problem.startswith("DALER_SMTP_URL ")
    assert "hunter2" not in problem


@pytest.mark.parametrize(
    ("text", "sender"),
    [
        ("no-reply@example.org", Sender("no-reply@example.org")),
        ("Daler AS <no-reply@example.org>", Sender("no-reply@example.org", "Daler AS")),
        ("Dåler <no-reply@example.org>", Sender("no-reply@example.org", "Dåler")),
    ],
)
def test_a_sender_is_read(text: str, sender: Sender) -> None:
    assert read_settings({**SERVER, "DALER_MAIL_FROM": text}).mail.sender == sender


@pytest.mark.parametrize(
    "text",
    [
        "Daler",
        "no-reply@localhost",
        "Daler <no-reply@example.org",
        "a@example.org, b@example.org",
        "Daler\r\nBcc: eve@example.org <no-reply@example.org>",
        'Da"ler <no-reply@example.org>',
    ],
)
def test_what_is_no_sender_is_refused(text: str) -> None:
    (problem,) = problems({**SERVER, "DALER_MAIL_FROM": text})

    assert problem.startswith("DALER_MAIL_FROM ")


def test_a_mail_server_needs_a_sender() -> None:
    (problem,) = problems({**SERVER, "DALER_SMTP_URL": "smtp://mail.example.org"})

    assert problem.startswith("DALER_MAIL_FROM is missing")


def test_without_a_mail_server_mails_are_kept_in_a_folder() -> None:
    server, embedded = read_settings(SERVER).mail, read_settings(SECRETS).mail

    assert server.server is embedded.server is None
    assert server.folder.name == embedded.folder.name == "mail"
    assert server.missed, "somebody should be told"
    assert not embedded.missed


def test_settings_that_are_printed_show_no_password() -> None:
    url = "smtps://daler:hunter2@mail.example.org"

    assert "hunter2" not in repr(read_settings({**SERVER, **FROM, "DALER_SMTP_URL": url}))
    with pytest.raises(SettingsError) as caught:
        read_settings({**SERVER, "DALER_SMTP_URL": url})
    assert "hunter2" not in str(caught.value)
