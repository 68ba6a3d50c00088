"""`daler mail`: what was written to people, where no mail server delivers it."""

import asyncio
from collections.abc import Sequence

from application.identity.mail.mails import KeptMail, KeptMails
from entrypoints.cli.say import complain, say
from entrypoints.composition.house import House

TOKENS_LOOKED_FOR = 1_000
"""In so many of the newest mails."""


async def show_mail(house: House, stop: asyncio.Event, *, last: int, token: bool) -> int:
    """The newest mails, newest last; or the newest token alone, to be put into a variable."""
    del stop
    if house.settings.mail.server is not None:
        complain("mails are delivered by the server of DALER_SMTP_URL; none are kept here")
        return 1
    kept = await house.container.get(KeptMails)
    if token:
        return _token(await kept.newest(TOKENS_LOOKED_FOR))
    mails = await kept.newest(last)
    if not mails:
        complain(f"no mails in {house.settings.mail.folder} yet")
    for mail in mails:
        say(f"To: {mail.to}")
        say(f"Date: {mail.at}")
        say(f"Subject: {mail.subject}")
        say("")
        say(mail.text)
    return 0


def _token(mails: Sequence[KeptMail]) -> int:
    found = next((mail.token for mail in reversed(mails) if mail.token), None)
    if found is None:
        complain("no mail with a token was written yet")
        return 1
    say(found)
    return 0
