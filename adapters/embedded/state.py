"""What the keeper tells those who wait for it."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Phase(StrEnum):
    STARTING = "starting"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class State:
    phase: Phase
    message: str = ""
    socket_folder: str = ""
    durable: bool = True


def write(path: Path, state: State) -> None:
    """All or nothing: a reader never sees half a state."""
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps(asdict(state)))
    draft.rename(path)


def read(path: Path) -> State | None:
    try:
        fields = json.loads(path.read_text())
    except FileNotFoundError:
        return None
    return State(**{**fields, "phase": Phase(fields["phase"])})


def clear(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
