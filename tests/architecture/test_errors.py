"""Clients branch on `error`: a code means one thing, has one status, and is written down."""

import re
from collections import defaultdict
from typing import Final

from domain.shared.errors import DalerError
from entrypoints.http.problem import STATUS, status_of
from tests.architecture.sources import ROOT, below

PAGE: Final = ROOT / "docs" / "errors.md"
OURS: Final = {"internal": 500}
"""Not an error class: what is told of anything unforeseen."""
ERRORS = below(DalerError)


def test_a_code_belongs_to_one_error() -> None:
    """A family's own code may also be said by an error of that family, with more to say."""
    owners = defaultdict(list)
    for error in ERRORS:
        inherited = {base.code for base in error.__mro__[1:] if issubclass(base, DalerError)}
        if "code" in vars(error) and error.code not in inherited:
            owners[error.code].append(error.__qualname__)
    assert {code: names for code, names in owners.items() if len(names) > 1} == {}


def test_every_error_belongs_to_a_family_and_has_a_code() -> None:
    for error in ERRORS:
        assert status_of(error) < 600
        assert any(family in STATUS for family in error.__mro__), error
        assert error.code != DalerError.code, error
        assert re.fullmatch(r"[a-z]+(?:_[a-z]+)*", error.code), error
        assert error.__name__.endswith("Error"), error


def test_every_code_is_on_the_page_with_its_status() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d{3}) \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    written = {code: int(status) for code, status, _ in rows}
    real = {error.code: status_of(error) for error in ERRORS} | OURS

    assert {code: real[code] for code in real.keys() - written.keys()} == {}, "add these"
    assert {code: written[code] for code in written.keys() - real.keys()} == {}, "no longer exist"
    assert written == real
    assert len(rows) == len(written), "listed twice"


def test_the_page_is_sorted() -> None:
    for table in PAGE.read_text("utf-8").split("\n## ")[1:]:
        rows = re.findall(r"^\| `(\w+)` \| (\d{3}) ", table, re.MULTILINE)
        found = [(status, code) for code, status in rows if code not in OURS]
        assert found == sorted(found)
