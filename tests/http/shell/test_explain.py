from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
import pytest

from entrypoints.http.problem import InvalidRequestError
from entrypoints.http.shell.json_body import read_json


class Kind(StrEnum):
    CASH = "cash"
    LOAN = "loan"


class Part(msgspec.Struct, rename={"kind": "what"}):
    kind: Kind | None = None


class Whole(msgspec.Struct, forbid_unknown_fields=True):
    kind: Kind = Kind.CASH
    parts: Annotated[tuple[Part, ...], msgspec.Meta(max_length=3)] = ()
    named: dict[str, Part] = {}
    short: dict[Annotated[str, msgspec.Meta(max_length=3)], str] = {}
    id: UUID | None = None
    on: date | None = None
    at: datetime | None = None
    count: int = 0
    name: Annotated[str, msgspec.Meta(min_length=2)] = "me"
    yes: bool = False


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"kind": "gold"}', "kind: write one of cash, loan"),
        ('{"parts": [{}, {"what": "gold"}]}', "parts[1].what: write one of cash, loan"),
        ('{"named": {"a": {"what": "gold"}}}', "named.a.what: write one of cash, loan"),
        ('{"named": {"b": {}, "a": 1}}', "named.a: expected object, got integer"),
        ('{"short": {"toolong": "x"}}', "short.toolong: expected string of length <= 3"),
        ('{"short": {"a": "x", "b": 7}}', "short.b: expected string, got integer"),
        ('{"short": {"a": 1e999}}', "short[...]: number out of range"),
        ('{"id": "7"}', "id: this is not an id such as 01990000-0000-7000-8000-00000000000a"),
        ('{"on": "30.03.2026"}', "on: write a day like 2026-03-01"),
        ('{"at": "2026-03-01"}', "at: write an instant like 2026-03-01T12:00:00Z"),
        ('{"count": "1"}', "count: expected integer, got string"),
        ('{"name": 1}', "name: expected string, got integer"),
        ('{"name": "x"}', "name: expected string of length >= 2"),
        ('{"yes": "true"}', "yes: expected true or false, got string"),
        ("[]", "expected object, got array"),
    ],
)
def test_a_wrong_value_is_told_what_belongs_there(body: str, said: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_json(body.encode(), msgspec.json.Decoder(Whole).decode)
    assert str(refused.value) == said


def test_a_decoder_that_hides_its_type_still_gives_a_sentence() -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_json(b'"gold"', lambda body: msgspec.json.decode(body, type=Kind))
    assert str(refused.value) == "it is none of the choices"
