"""The words of every letter, one text file each in English and in Norwegian.

The first line of a file is the subject. The HTML of a mail is the same text, paragraph by
paragraph, in one layout; so the two never say different things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from typing_extensions import override

from application.identity.mail.mails import Letters, Mail
from domain.identity.confirmation import Letter
from domain.identity.email import EmailAddress
from domain.shared.secret import Secret

TEMPLATES: Final = Path(__file__).parent / "templates"
ENGLISH: Final = "en"
NORWEGIAN: Final = "nb"
_NORWEGIANS: Final = frozenset({"nb", "nn", "no"})
PAGES: Final[Mapping[Letter, str]] = {
    Letter.CONFIRM_ADDRESS: "/account/confirm",
    Letter.RESET_PASSWORD: "/account/password",
    Letter.CONFIRM_NEW_ADDRESS: "/account/email",
}
"""What a link in a mail opens. The token stands behind a `#`, so that no server logs it."""


@dataclass(frozen=True, slots=True)
class JinjaLetters(Letters):
    texts: Environment
    pages: Environment
    public_url: str

    @override
    def write(
        self,
        letter: Letter,
        to: EmailAddress,
        locale: str,
        token: Secret | None,
        until: date | None = None,
    ) -> Mail:
        language = NORWEGIAN if locale.partition("-")[0] in _NORWEGIANS else ENGLISH
        shown = "" if token is None else token.reveal()
        link = f"{self.public_url}{PAGES[letter]}#{shown}" if letter in PAGES else ""
        template = self.texts.get_template(f"{language}/{letter}.txt")
        said = template.render(
            link=link, token=shown, home=self.public_url, until=until and until.isoformat()
        )
        subject, _, text = said.partition("\n")
        html = self.pages.get_template("letter.html").render(
            language=language,
            subject=subject,
            paragraphs=[" ".join(part.split()) for part in text.split("\n\n") if part.strip()],
            link=link,
            token=shown,
        )
        return Mail(to=to, subject=subject, text=text.strip() + "\n", html=html)


def jinja_letters(public_url: str) -> JinjaLetters:
    loader = FileSystemLoader(TEMPLATES)
    return JinjaLetters(
        texts=Environment(loader=loader, undefined=StrictUndefined, autoescape=False),  # noqa: S701 - plain text, in which nothing needs escaping
        pages=Environment(loader=loader, undefined=StrictUndefined, autoescape=True),
        public_url=public_url.rstrip("/"),
    )
