"""A part of a transaction that can be undone while the rest goes on."""

from abc import abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Protocol


class TxPart(Protocol):
    """A part of a transaction that may leave no trace, and costs the same if it does."""

    @abstractmethod
    def __call__(self, *, keep: bool) -> AbstractAsyncContextManager[None]:
        """What is written inside is undone at the end, unless it is to be kept.

        It is undone, too, when an error leaves it. The transaction around it goes on, and its
        commit waits for the disk either way.
        """
