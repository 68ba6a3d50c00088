"""multipart/form-data bodies (RFC 7578): every part declared, each at most once.

Parsed in memory, within the route's limit: what people upload never lies about in a temporary file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Final

import multipart  # type: ignore[import-untyped] # it has annotations, and does not say so

from application.shared.idempotency import IdempotencyKey
from domain.shared.errors import FieldProblem
from entrypoints.http.problem import InvalidRequestError

MULTIPART: Final = "multipart/form-data"
_NAME_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Form:
    parts: Mapping[str, bytes]

    def part(self, name: str) -> bytes:
        """Raises InvalidRequestError: it was not sent."""
        found = self.parts.get(name)
        if found is None:
            raise InvalidRequestError(FieldProblem(name, "missing", "this part is required"))
        return found

    def key(self, key: IdempotencyKey | None) -> IdempotencyKey | None:
        """The caller's key over what the form says; its boundary differs with every try."""
        if key is None:
            return None
        digest = sha256()
        for name, value in sorted(self.parts.items()):
            digest.update(f"{name}:{len(value)}:".encode())
            digest.update(value)
        return replace(key, request_hash=digest.digest())


def read_form(content_type: bytes, body: bytes, parts: Collection[str]) -> Form:
    """The form's parts, of which `parts` are those that may be there.

    Raises:
        InvalidRequestError: naming the part.
    """
    _, options = multipart.parse_options_header(content_type.decode("latin-1"))
    boundary = options.get("boundary", "")
    found: dict[str, bytes] = {}
    pieces: list[bytes] = []
    name = ""
    try:
        with multipart.PushMultipartParser(
            boundary, max_segment_count=len(parts) + 1, strict=True
        ) as parser:
            for event in parser.parse(body):
                if isinstance(event, multipart.MultipartSegment):
                    name, pieces = _ensure_declared(event.name or "", parts, found), []
                elif event is None:
                    found[name] = b"".join(pieces)
                else:
                    pieces.append(bytes(event))
    except multipart.MultipartError as error:
        said = f"the body is not well-formed {MULTIPART} ({error})"
        raise InvalidRequestError(FieldProblem("", "invalid", said)) from error
    return Form(found)


def _ensure_declared(name: str, parts: Collection[str], found: Collection[str]) -> str:
    if name not in parts:
        said = f"there is no such part; this form takes {', '.join(sorted(parts))}"
        raise InvalidRequestError(FieldProblem(name[:_NAME_MAX], "unknown", said))
    if name in found:
        raise InvalidRequestError(FieldProblem(name, "duplicate", "send this part only once"))
    return name
