"""What mails say, in both languages, as text and as HTML."""

import html
import re

import pytest

from adapters.mail.letters import jinja_letters
from application.identity.mail.mails import Mail
from domain.identity.confirmation import Letter
from domain.identity.email import EmailAddress
from domain.shared.secret import Secret

TO = EmailAddress("anna@example.no")
TOKEN = "x" * 43
HOME = "https://daler.example/app"
ALL = [(letter, locale) for letter in Letter for locale in ("nb-NO", "en-GB")]


def written(letter: Letter, locale: str, home: str = HOME) -> Mail:
    token = Secret(TOKEN) if letter.carries_a_token else None
    return jinja_letters(home).write(letter, TO, locale, token)


@pytest.mark.parametrize(("letter", "locale"), ALL)
def test_every_letter_is_there_in_both_languages(letter: Letter, locale: str) -> None:
    mail = written(letter, locale)

    assert 5 < len(mail.subject) < 70
    assert mail.subject.splitlines() == [mail.subject]
    assert len(mail.text) > 100
    assert "{{" not in mail.subject + mail.text + mail.html


@pytest.mark.parametrize(("letter", "locale"), ALL)
def test_text_and_html_say_the_same(letter: Letter, locale: str) -> None:
    mail = written(letter, locale)
    body = mail.html.partition("<body")[2].partition(">")[2]
    shown = html.unescape(re.sub(r"<[^>]+>", " ", body))

    assert shown.split() == mail.text.split()


@pytest.mark.parametrize("letter", [letter for letter in Letter if letter.carries_a_token])
def test_a_token_stands_alone_and_behind_the_mark_in_the_link(letter: Letter) -> None:
    mail = written(letter, "en")

    assert mail.text.splitlines().count(TOKEN) == 1
    (link,) = re.findall(r"https://\S+", mail.text)
    address, _, token = link.partition("#")
    assert address.startswith(f"{HOME}/account/")
    assert token == TOKEN, "a fragment, which browsers send to no server"
    assert f'href="{link}"' in mail.html


@pytest.mark.parametrize("letter", [letter for letter in Letter if not letter.carries_a_token])
def test_a_notice_has_no_token(letter: Letter) -> None:
    mail = jinja_letters(HOME).write(letter, TO, "en", None)

    assert "#" not in mail.text


@pytest.mark.parametrize(
    ("locale", "first"),
    [("nb-NO", "Velg"), ("nn-NO", "Velg"), ("no", "Velg"), ("en-US", "Choose"), ("de", "Choose")],
)
def test_the_language_is_the_persons(locale: str, first: str) -> None:
    assert written(Letter.RESET_PASSWORD, locale).subject.startswith(first)


def test_what_is_filled_in_cannot_become_markup() -> None:
    mail = written(Letter.ADDRESS_KNOWN, "en", 'https://x.example/"><script>alert(1)</script>')

    assert "<script" not in mail.html


def test_a_mail_that_is_printed_shows_nothing_of_itself() -> None:
    shown = repr(written(Letter.RESET_PASSWORD, "en"))

    assert TOKEN not in shown
    assert "anna" not in shown
