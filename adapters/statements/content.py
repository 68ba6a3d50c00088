"""Bytes become text: which encoding a file is in, and a stream of it from the beginning."""

import codecs
import io
from typing import BinaryIO, Final

from application.ledger.statements import Content
from domain.ledger.statement import refused

_CHUNK: Final = 1 << 18
_LINE_MAX: Final = 1 << 20
"""A line must fit into memory, whatever the file."""
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def rewound(content: Content) -> BinaryIO:
    """The file from its first byte."""
    if isinstance(content, bytes):
        return io.BytesIO(content)
    content.seek(0)
    return content


def opening_of(content: Content, size: int = 1 << 16) -> bytes:
    return rewound(content).read(size)


def text_of(content: Content, encoding: str) -> io.TextIOWrapper:
    """A stream of text in which line ends are kept as they are; detach it after use."""
    return io.TextIOWrapper(rewound(content), encoding=encoding, errors="strict", newline="")


def encoding_of(content: Content, wanted: str | None = None) -> str:
    """The encoding of the whole file, which is checked to its end for NULs and endless lines.

    A byte order mark decides; then UTF-8 when all of it is; else the Windows code page of
    western Europe. A file that is UTF-8 in one place and not in another is damaged.

    Raises:
        StatementRefusedError: with the line.
    """
    if wanted is not None:
        try:
            encoding = codecs.lookup(wanted).name
            "".encode(encoding)
        except (LookupError, ValueError):
            raise refused(
                f"there is no encoding {wanted[:40]!r}; try utf-8 or windows-1252"
            ) from None
    else:
        start = opening_of(content, 4)
        encoding = next((name for mark, name in _BOMS if start.startswith(mark)), "utf-8")
    problem = _first_undecodable(content, encoding)
    if problem is None:
        return encoding
    line, plain_before = problem
    if wanted is None and encoding == "utf-8" and plain_before:
        return next(e for e in ("cp1252", "latin-1") if _first_undecodable(content, e) is None)
    raise refused(f"the file is not {encoding} all through; it is damaged", line=line)


def _first_undecodable(content: Content, encoding: str) -> tuple[int, bool] | None:
    """The line that cannot be decoded, and whether everything before it was plain ASCII."""
    raw, decoder = rewound(content), codecs.getincrementaldecoder(encoding)()
    line, plain, unbroken = 1, True, 0
    while True:
        chunk = raw.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            good = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
            return line + good.count(b"\n"), plain and good.isascii()
        if "\0" in text:
            nul = line + text[: text.index("\0")].count("\n")
            raise refused(
                "there is a NUL byte; this is not a text file, or a damaged one", line=nul
            )
        unbroken = 0 if "\n" in text or "\r" in text else unbroken + len(text)
        if unbroken > _LINE_MAX:
            raise refused("this line is longer than a statement's lines are", line=line)
        plain = plain and text.isascii()
        line += text.count("\n")
        if not chunk:
            return None
