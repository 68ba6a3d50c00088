"""Noticing that a provider's pages go round in circles."""

import hashlib

import msgspec

from adapters.outbound.call import GarbledAnswerError

PAGES_MAX = 20_000
"""Two million transactions in pages of a hundred: more than any bank login holds."""


class Walk(msgspec.Struct, frozen=True, array_like=True):
    """How far a walk along page tokens has come; small enough to travel inside a position.

    Brent's way of finding a cycle: one remembered token, moved on at every power of two.
    """

    pages: int = 0
    mark: str = ""
    moves_at: int = 1

    def step(self, token: str) -> "Walk":
        """The walk after a page that pointed on to `token`.

        Raises:
            GarbledAnswerError: it has been here before, or there is no end to it.
        """
        seen, pages = hashlib.sha256(token.encode()).hexdigest()[:16], self.pages + 1
        if seen == self.mark:
            raise GarbledAnswerError("its pages go round in circles")
        if pages >= PAGES_MAX:
            raise GarbledAnswerError("its pages do not end")
        if pages == self.moves_at:
            return Walk(pages, seen, self.moves_at * 2)
        return Walk(pages, self.mark, self.moves_at)
