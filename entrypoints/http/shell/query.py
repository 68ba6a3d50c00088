"""Query strings: every parameter declared, each at most once, in real UTF-8."""

from collections.abc import Collection
from functools import lru_cache
from typing import Final
from urllib.parse import unquote_to_bytes

from domain.shared.errors import FieldProblem
from entrypoints.http.problem import InvalidRequestError, QueryTooLongError

QUERY_BYTES_MAX: Final = 8 * 1024

Pairs = tuple[tuple[str, str], ...]


@lru_cache(1024)
def read_query(raw: bytes, known: frozenset[str], repeatable: frozenset[str]) -> Pairs:
    """The parameters, decoded.

    Raises:
        QueryTooLongError, InvalidRequestError: naming every parameter that is wrong.
    """
    if len(raw) > QUERY_BYTES_MAX:
        raise QueryTooLongError(QUERY_BYTES_MAX)
    pairs: list[tuple[str, str]] = []
    wrong: list[FieldProblem] = []
    seen: set[str] = set()
    for part in filter(None, raw.split(b"&")):
        before, _, after = part.partition(b"=")
        name, value = _text(before), _text(after)
        if name is None or name not in known:
            wrong.append(_unknown(name or part[:40].decode("ascii", "replace"), known))
        elif value is None:
            wrong.append(
                FieldProblem(name, "characters", "send UTF-8, percent-encoded, without NUL")
            )
        elif name in seen and name not in repeatable:
            wrong.append(FieldProblem(name, "duplicate", "send this parameter only once"))
        else:
            pairs.append((name, value))
            seen.add(name)
    if wrong:
        raise InvalidRequestError(*wrong[:20])
    return tuple(pairs)


def _unknown(name: str, known: Collection[str]) -> FieldProblem:
    offer = f"; it takes {', '.join(sorted(known))}" if known else " here"
    return FieldProblem(name[:100], "unknown", f"there is no such parameter{offer}")


def _text(piece: bytes) -> str | None:
    try:
        text = unquote_to_bytes(piece.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text
