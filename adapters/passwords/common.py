"""The passwords that are tried first: zxcvbn's lists, with or without the usual trimmings."""

import asyncio
from functools import cache

from typing_extensions import override

from application.identity.passwords.choosing import Weakness, WeakPasswords
from domain.identity.patterns import cores, lookalike
from domain.shared.secret import Secret


class CommonPasswords(WeakPasswords):
    """Only zxcvbn's lists are used, not its scoring, which refuses more than 72 characters."""

    @override
    async def weakness(self, password: Secret) -> Weakness | None:
        common = await asyncio.to_thread(_is_common, password)
        return Weakness.COMMON if common else None


def _is_common(password: Secret) -> bool:
    return not _words().isdisjoint(cores(password.reveal()))


@cache
def _words() -> frozenset[str]:
    """Passwords, names and words of films and of an encyclopedia, as lookalikes."""
    # When the first password is chosen, not before: most processes never need them.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415

    return frozenset(lookalike(word) for words in FREQUENCY_LISTS.values() for word in words)
