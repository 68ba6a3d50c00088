"""Reading mails as people do."""

import re

from application.identity.mails import Mail


def token_in(mail: Mail) -> str:
    """The token that a program would send on: on a line of its own."""
    (token,) = re.findall(r"^([A-Za-z0-9_-]{43,64})$", mail.text, re.MULTILINE)
    return str(token)
