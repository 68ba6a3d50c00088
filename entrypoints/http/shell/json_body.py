"""JSON bodies: exactly what was declared, once, and nothing that trips a later layer.

Litestar converts leniently and lets the last of two equal keys win, so the shell decodes by
itself and hands the finished value over.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, Final, NoReturn

import msgspec

from domain.shared.errors import FieldProblem, MalformedError
from entrypoints.http.problem import InvalidRequestError
from entrypoints.http.shell.explain import FIELD_NAME_MAX, explain
from entrypoints.http.shell.wrong_key import wrong_keys

DEPTH_MAX: Final = 32

# Possessive, and an unfinished string runs to the end: linear whatever is sent.
_STRINGS: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_REST: Final = bytes(set(range(256)) - set(_STEP))


class BadJsonError(MalformedError):
    code = "bad_json"


class TooDeepError(MalformedError):
    code = "too_deep"

    def __init__(self) -> None:
        super().__init__(f"the body may nest at most {DEPTH_MAX} levels")


def read_json(body: bytes, decode: Callable[[bytes], Any]) -> Any:  # noqa: ANN401 - what was declared
    """Decode a body with `decode`, a strict msgspec decoder.

    Raises:
        BadJsonError, TooDeepError: it is not JSON that anybody should send.
        InvalidRequestError: which field is wrong, and how.
    """
    if (body.count(b"[") + body.count(b"{")) > DEPTH_MAX and _depth(body) > DEPTH_MAX:
        raise TooDeepError
    try:
        text = body.decode()
        loose = _LOOSE.decode(text)
    except UnicodeDecodeError as error:
        raise BadJsonError("the body is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise BadJsonError(f"the body is not JSON: {_json_reason(error)}") from error
    if "\\u" in text:
        _ensure_storable(loose)
    try:
        return decode(body)
    except msgspec.ValidationError as error:
        # A decoder's own method knows what it decodes.
        declared = getattr(getattr(decode, "__self__", None), "type", None)
        keys = wrong_keys(str(error), body, declared)
        raise InvalidRequestError(explain(str(error), declared=declared, keys=keys)) from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadJsonError(f"the body is not JSON: {_json_reason(error)}") from error


def _depth(body: bytes) -> int:
    brackets = _STRINGS.sub(b"", body).translate(None, _REST)
    return max(accumulate(_STEP[bracket] for bracket in brackets), default=0)


def _json_reason(error: BaseException) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno} column {error.colno}"
    if isinstance(error, RecursionError):
        return "it nests too deep"
    return str(error).removeprefix("JSON is malformed: ")


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        left = Counter(name for name, _ in pairs)
        twice = next(name for name, count in left.items() if count > 1)
        raise InvalidRequestError(
            FieldProblem(twice[:FIELD_NAME_MAX], "duplicate", "send this field only once")
        )
    return found


def _not_a_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


_LOOSE: Final = json.JSONDecoder(
    object_pairs_hook=_pairs,
    # Numbers are not read here: thousands of digits are the strict decoder's to refuse.
    parse_int=str,
    parse_float=str,
    parse_constant=_not_a_number,
)


def _ensure_storable(value: object) -> None:
    """No NUL, which PostgreSQL cannot keep, and no lone surrogate, which is not Unicode text."""
    for path, text in _strings(value, ""):
        if "\0" in text or not _is_unicode(text):
            raise InvalidRequestError(
                FieldProblem(path, "characters", "it holds characters that are not text")
            )


def _strings(value: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            shown = name.encode("ascii", "replace").decode().replace("\0", "?")[:FIELD_NAME_MAX]
            here = f"{path}.{shown}".lstrip(".")
            yield here, name
            yield from _strings(inner, here)
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from _strings(inner, f"{path}[{at}]")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
