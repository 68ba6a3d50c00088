"""What msgspec says of a wrong value, in words for callers. Values sent are never repeated."""

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any, Final

import msgspec

from domain.shared.errors import FieldProblem
from entrypoints.http.inputs import PATTERN_WORDS

FIELD_NAME_MAX: Final = 100

WHERE: Final = re.compile(r" - at `(?P<key>key` in `)?\$(?P<path>.*)`\Z", re.DOTALL)
_NAMED: Final = re.compile(r"(missing required|contains unknown) field `(.*)`\Z", re.DOTALL)
_PATTERN: Final = re.compile(r"Expected `str` matching regex '(.*)'\Z", re.DOTALL)
STEP: Final = re.compile(r"\.([^.\[\]]+)|\[[^\]]*\]")
_NO_CHOICE: Final = "Invalid enum value"
_WORDS: Final = {
    "Invalid RFC3339 encoded date": "write a day like 2026-03-01",
    "Invalid RFC3339 encoded datetime": "write an instant like 2026-03-01T12:00:00Z",
    "Invalid UUID": "this is not an id such as 01990000-0000-7000-8000-00000000000a",
}
_JSON_NAMES: Final = {
    "str": "string",
    "int": "integer",
    "float": "number",
    "bool": "true or false",
    "date": "string like 2026-03-01",
    "datetime": "string like 2026-03-01T12:00:00Z",
    "uuid": "id in a string",
}


def explain(
    message: str, at: str = "", declared: object = None, keys: Sequence[str] = ()
) -> FieldProblem:
    """What msgspec said, as a field and a sentence.

    `at` is where the value stands that was decoded, and `declared` its type; `keys` are what the
    message calls `[...]`.
    """
    where = WHERE.search(message)
    inside = where["path"] if where else ""
    if where and where["key"]:
        inside += "[...]"
    path = f"{at}{_named(inside, keys)}".lstrip(".")
    what = message[: where.start()] if where else message
    if named := _NAMED.search(what):
        kind, name = named.groups()
        field = f"{path}.{name}".lstrip(".")[:FIELD_NAME_MAX]
        if kind == "missing required":
            return FieldProblem(field, "missing", "this field is required")
        return FieldProblem(field, "unknown", "there is no such field here")
    if pattern := _PATTERN.search(what):
        # The message holds the pattern's repr, whose backslashes are doubled.
        words = PATTERN_WORDS.get(pattern[1].replace("\\\\", "\\"))
        return FieldProblem(path, "pattern", words or f"it must match {pattern[1]}")
    if what.startswith(_NO_CHOICE):
        choices = sorted(_choices(declared, inside))
        offer = f"write one of {', '.join(choices)}" if choices else "it is none of the choices"
        return FieldProblem(path, "choice", offer)
    return FieldProblem(path, _kind(what), _words(what))


def _named(path: str, keys: Sequence[str]) -> str:
    for key in keys:
        path = path.replace("[...]", f".{key[:FIELD_NAME_MAX]}", 1)
    return path


def _kind(what: str) -> str:
    if "of length" in what:
        return "length"
    if re.search(r"`(?:int|float|decimal)` [<>]", what):
        return "range"
    return "type" if what.startswith("Expected") else "invalid"


def _words(what: str) -> str:
    if what in _WORDS:
        return _WORDS[what]
    plain = re.sub(r"\b\w+\b", lambda word: _JSON_NAMES.get(word[0], word[0]), what)
    return plain[:1].lower() + plain[1:].replace("`", "")


def _choices(declared: object, inside: str) -> set[str]:
    """What may stand at `inside` of a value of the declared type."""
    if declared is None:
        return set()
    kinds = [msgspec.inspect.type_info(declared)]
    for step in STEP.finditer(inside):
        kinds = [under for kind in kinds for under in _under(kind, step[1])]
    return {
        str(one.value)
        for kind in kinds
        for flat in _flat(kind)
        if isinstance(flat, msgspec.inspect.EnumType)
        for one in _members(flat.cls)
    }


def _members(cls: type[Enum]) -> Iterator[Enum]:
    yield from cls


def _under(kind: msgspec.inspect.Type, name: str | None) -> Iterator[msgspec.inspect.Type]:
    for flat in _flat(kind):
        if name is not None:
            yield from (
                field.type for field in getattr(flat, "fields", ()) if field.encode_name == name
            )
        inner: Any = getattr(flat, "item_type", None) or getattr(flat, "value_type", None)
        if inner is not None:
            yield inner


def _flat(kind: msgspec.inspect.Type) -> Iterator[msgspec.inspect.Type]:
    """Without `| None` and notes around it."""
    if isinstance(kind, msgspec.inspect.UnionType):
        for one in kind.types:
            yield from _flat(one)
    elif isinstance(kind, msgspec.inspect.Metadata):
        yield from _flat(kind.type)
    else:
        yield kind
