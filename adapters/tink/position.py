from datetime import date, timedelta
from typing import Final, Literal

import msgspec

from adapters.outbound.paging import Walk
from application.connections.gateway import UpdateChangedError

LOOK_BACK: Final = timedelta(days=30)
"""How far before the last whole update the next one begins. Banks book late, correct quietly,
and hold a hotel's or a rental's card reservation for up to a month before it is booked."""

Stage = Literal["accounts", "pending", "booked"]


class Position(msgspec.Struct, frozen=True):
    """Where an update stands, complete in itself so that any process can go on."""

    began: date
    stage: Stage
    accounts: list[str]
    """While accounts are read: those of the credentials. From then on: those that we keep."""
    kept: list[str] = []
    token: str = ""
    walk: Walk = Walk()

    def written(self) -> str:
        return msgspec.json.encode(self).decode()

    def on_to(self, token: str, kept: list[str] | None = None) -> "Position":
        """The next page of the same stage. Raises GarbledAnswerError: it was there before."""
        kept = self.kept if kept is None else kept
        return msgspec.structs.replace(self, kept=kept, token=token, walk=self.walk.step(token))


_decoder = msgspec.json.Decoder(Position)


def position_in(text: str) -> Position:
    """Raises UpdateChangedError: it was not written by this version; begin again."""
    try:
        return _decoder.decode(text)
    except msgspec.DecodeError as error:
        raise UpdateChangedError("the position of this update cannot be read") from error


def since(cursor: str | None) -> date | None:
    """From which booking date on to ask; None means from the beginning of time."""
    if cursor is None:
        return None
    try:
        return date.fromisoformat(cursor) - LOOK_BACK
    except ValueError:
        # Asking for everything is dear, and right.
        return None
