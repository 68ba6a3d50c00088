"""From lines to MT940 fields: every line belongs to a field or to the envelope, or is refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, TextIO

from adapters.statements.mt940_lines import (
    TAG,
    announces,
    bare,
    closes_block,
    opens_block,
    trailer,
    wraps_time,
)
from domain.ledger.statement import refused

END: Final = "end"
"""The tag of the field that stands for the end of a message."""

_HEAD: Final = frozenset(("21", "25", "25P", "28", "28C", "NS", "60F", "60M"))
_BODY: Final = frozenset(("61", "86", "NS", "62F", "62M"))
_TAIL: Final = frozenset(("64", "65", "86", "NS"))
_MANY: Final = frozenset(("61", "65", "86", "NS"))
_SAME: Final = {"25": "25P", "25P": "25", "28": "28C", "28C": "28"}
_LONG: Final = frozenset(("25P", "61", "86", "NS"))
_INTERIM: Final = frozenset(("13", "13D", "34F", "90C", "90D"))


@dataclass(frozen=True, slots=True)
class Field:
    tag: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def fields_of(stream: TextIO) -> Iterator[Field]:
    """All fields in order, with one of tag `END` behind each message.

    Raises:
        StatementRefusedError: with the line.
    """
    machine = _Fields()
    number = 1
    for number, line in enumerate(stream, start=1):
        yield from machine.take(bare(line), number)
    yield from machine.finish(number)


@dataclass(slots=True)
class _Fields:
    current: Field | None = None
    """The field that still may grow; None between messages."""
    legal: frozenset[str] = frozenset()
    closed: bool = True
    """Whether the closing balance has been seen."""
    block: int | None = None
    """The line that opened a SWIFT block which must be closed."""
    header: int | None = None
    """A line that announced a message which has not begun yet."""

    def take(self, text: str, line: int) -> Iterator[Field]:
        found = TAG.match(text)
        if found and self._begins(found[1], text, line):
            yield from self._complete(new_message=found[1] == "20")
            self.current = Field(found[1], line, [text[found.end() :]])
            self._allow(found[1])
        elif self.current is None:
            self._between(text, line)
        elif self._ends_message(text):
            yield from self._complete(new_message=True)
            self._between(text, line)
        elif self.current.tag in _LONG:
            self.current.lines.append(text)
        elif text.strip():
            raise refused(f"{text[:40]!r} does not belong to :{self.current.tag}:", line=line)

    def finish(self, line: int) -> Iterator[Field]:
        yield from self._complete(new_message=True)
        begun = self.block or self.header
        if begun is not None:
            raise refused(
                f"the file ends within the message that begins in line {begun}; it was cut",
                line=line,
            )

    def _complete(self, *, new_message: bool) -> Iterator[Field]:
        if self.current is None:
            return
        yield self.current
        if new_message:
            yield Field(END, self.current.line + len(self.current.lines) - 1, [""])
            self.current = None

    def _begins(self, tag: str, text: str, line: int) -> bool:
        """Whether a field begins here; a time that a bank has broken only looks like one."""
        if self.current is None:
            if tag == "20":
                return True
            raise refused(f":{tag}: stands before any statement (:20:)", line=line)
        if tag in self.legal or (tag == "20" and self.closed):
            return True
        if self.current.tag in ("61", "86") and wraps_time(self.current.lines[-1], text):
            return False
        if tag in _INTERIM:
            raise refused("this is an interim report (MT942 or MT941), not MT940", line=line)
        if tag == "20":
            said = "a statement begins before the last one's closing balance (:62F:)"
            raise refused(said, line=line)
        raise refused(
            f":{tag}: is not expected behind :{self.current.tag}:; a field is doubled, missing, "
            "in the wrong order or unknown",
            line=line,
        )

    def _allow(self, tag: str) -> None:
        if tag == "20":
            self.legal, self.closed, self.header = _HEAD, False, None
        elif tag in ("60F", "60M"):
            self.legal = _BODY
        elif tag in ("62F", "62M"):
            self.legal, self.closed = _TAIL, True
        elif tag not in _MANY:
            self.legal -= {tag, _SAME.get(tag, tag)}

    def _ends_message(self, text: str) -> bool:
        if trailer(text) is not None:
            # Before the closing balance a lone hyphen is only text.
            return self.closed or text.strip() != "-"
        if not self.closed or not text.strip():
            return False
        return text.startswith("{") or (self.current is not None and self.current.tag not in _LONG)

    def _between(self, text: str, line: int) -> None:
        """A line of the envelope, or nothing; anything else is garbage."""
        behind = trailer(text)
        if behind is not None and closes_block(text):
            self.block = None
        rest = text if behind is None else behind
        try:
            opened = opens_block(rest)
        except ValueError as error:
            raise refused(str(error), line=line) from None
        if opened is None:
            raise refused(f"{text[:40]!r} belongs to no statement", line=line)
        if opened and self.block is not None:
            raise refused(f"the block of line {self.block} has no end", line=line)
        if opened:
            self.block, self.header = line, None
        elif announces(rest):
            self.header = line
