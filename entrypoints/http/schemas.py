"""The JSON schemas of every type that goes in or out, described once and together.

msgspec makes them. Three things that it leaves open are settled here: that instants are instants
(it says so only of types that refuse a datetime without a zone; all of ours have one), which texts
are one of a few, and what two classes of one name are called.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import inspect

from application.connections.health.history import RUNNING
from application.connections.health.show_providers import WORST_FIRST
from application.ledger.statements import StatementFormat
from domain.connections.provider import Provider
from domain.connections.runs import RunOutcome
from domain.shared.money import MINOR_DIGITS
from entrypoints.http.inputs import AMOUNT_PATTERN

Json = dict[str, Any]

REFERENCE: Final = "#/components/schemas/{name}"
PLAIN_NAMES: Final[Mapping[str, str]] = {
    "application.shared.receipts.Why": "WhyKept",
    "domain.identity.reason.Reason": "KeptOutReason",
    "domain.identity.session.Method": "SignInMethod",
    "domain.ledger.matching.evidence.Method": "MatchMethod",
    "domain.ledger.proofs.verdicts.Why": "WhyCovered",
    "domain.ledger.transfers.Method": "TransferMethod",
    "entrypoints.http.coverage.Reason": "ReopeningReason",
}
"""Classes that share their name with another one; msgspec tells them apart by their modules."""
ONE_OF: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    ("CircuitHealth", "state"): WORST_FIRST,
    ("LinkView", "provider"): tuple(Provider),
    # Empty when a file was refused before anybody could tell.
    ("ReportOut", "format"): (*StatementFormat, ""),
    ("SourceView", "provider"): tuple(Provider),
    ("SyncRunView", "outcome"): (RUNNING, *RunOutcome),
}
"""Texts that are one of a few, where the class that shows them has no enumeration to say so."""

_PATTERNS: Final[Mapping[str, str]] = {
    "currency": "^[A-Z]{3}$",
    "month": "^(?:19|20|21)[0-9]{2}-(?:0[1-9]|1[0-2])$",
}
"""How answers write what is called this wherever it stands."""

_MODULES: Final = re.compile(r"(?<=[_\[, ])(?:[a-z][a-z0-9_]*\.)+(?=[A-Z])")
_MONEY: Final[Json] = {
    "title": "Money",
    "type": "object",
    "description": "An exact amount in major units; what leaves an account is negative.",
    "properties": {
        "amount": {"type": "string", "pattern": AMOUNT_PATTERN, "examples": ["-129.90"]},
        "currency": {"type": "string", "enum": sorted(MINOR_DIGITS), "examples": ["NOK"]},
    },
    "required": ["amount", "currency"],
}


class SecretInAnswerError(Exception):
    """A route's result holds a Secret, which JSON would spell out: reveal it on purpose or not."""


@dataclass(frozen=True, slots=True)
class Types:
    """What every type is described by, and the components that descriptions refer to."""

    described: Mapping[int, Json]
    components: Json

    @classmethod
    def of(cls, wanted: Sequence[Any]) -> "Types":
        kinds = tuple(_objects(inspect.multi_type_info(wanted)))
        schemas, components = msgspec.json.schema_components(
            # Asked for by themselves, too: so their names are told.
            [*wanted, *(kind.cls for kind in kinds)],
            ref_template=REFERENCE,
        )
        if "Secret" in components:
            raise SecretInAnswerError
        for kind, schema in zip(kinds, schemas[len(wanted) :], strict=True):
            _complete(components[schema["$ref"].rpartition("/")[2]], kind)
        if "Money" in components:
            components["Money"] = _MONEY
        described = {id(annotation): schemas[at] for at, annotation in enumerate(wanted)}
        return cls(described, {_plain(name): portable(it) for name, it in components.items()})

    def schema(self, annotation: object) -> Json:
        schema: Json = portable(dict(self.described[id(annotation)]))
        return schema


def portable(schema: Any) -> Any:  # noqa: ANN401 - any part of a JSON schema
    """The same for readers that are not Python: see `_respelled`."""
    if isinstance(schema, dict):
        return {
            name: _respelled(name, value) if isinstance(value, str) else portable(value)
            for name, value in schema.items()
        }
    if isinstance(schema, list):
        return [portable(value) for value in schema]
    return schema


def _objects(kinds: Iterable[inspect.Type]) -> Iterator[Any]:
    """Every class with fields among them and below, once."""
    waiting, seen = list(kinds), set()
    while waiting:
        kind: Any = waiting.pop()
        if getattr(kind, "fields", ()) and kind.cls not in seen:
            seen.add(kind.cls)
            yield kind
            waiting += [field.type for field in kind.fields]
        waiting += getattr(kind, "types", getattr(kind, "item_types", ()))
        waiting += [
            getattr(kind, inner)
            for inner in ("type", "item_type", "value_type")
            if isinstance(getattr(kind, inner, None), inspect.Type)
        ]


def _complete(component: Json, kind: Any) -> None:  # noqa: ANN401 - a class of any sort
    component["additionalProperties"] = False
    for field in kind.fields:
        schema = component["properties"][field.encode_name]
        for text in _texts(schema):
            if _holds_instants(field.type):
                text["format"] = "date-time"
            if few := ONE_OF.get((kind.cls.__name__, field.encode_name)):
                text["enum"] = [str(one) for one in few]
            if text.keys() == {"type"} and field.encode_name in _PATTERNS:
                text["pattern"] = _PATTERNS[field.encode_name]


def _texts(schema: Json) -> Iterator[Json]:
    """The texts in it of which nothing is said but that they are text."""
    for one in (schema, *schema.get("anyOf", ()), *_items(schema)):
        if one.get("type") == "string" and not one.keys() & {"format", "enum", "const"}:
            yield one


def _items(schema: Json) -> Iterator[Json]:
    if isinstance(schema.get("items"), dict):
        yield schema["items"]


def _holds_instants(kind: Any) -> bool:  # noqa: ANN401 - a type of any sort
    """An instant, a list of them, or nothing."""
    if isinstance(kind, inspect.UnionType):
        return any(_holds_instants(one) for one in kind.types)
    inner = getattr(kind, "type", None) or getattr(kind, "item_type", None)
    if isinstance(inner, inspect.Type):
        return _holds_instants(inner)
    return isinstance(kind, inspect.DateTimeType)


def _respelled(name: str, value: str) -> str:
    r"""ECMA 262's `$` is what Python calls `\Z`; references follow the components' plain names."""
    if name == "pattern":
        return value.replace("\\Z", "$")
    if name in ("$ref", "title"):
        before, slash, last = value.rpartition("/")
        return before + slash + _plain(last)
    return value


def _plain(name: str) -> str:
    """`Data_collections.abc.Sequence_a.b.View__` is `Data_Sequence_View__`."""
    return PLAIN_NAMES.get(name) or _MODULES.sub("", name)
