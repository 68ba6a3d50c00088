"""Options by which no file could be read are refused before any is taken."""

import msgspec
import pytest

from entrypoints.http.import_forms import read_options
from entrypoints.http.problem import InvalidRequestError


def options(**csv: str) -> bytes:
    return msgspec.json.encode({"csv": csv})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date_format", "DD.MM.YYYY"),
        ("date_format", "%d/%m"),
        ("date_format", "%Y"),
        ("date_format", "%d%d%m%Y"),
        ("date_format", "%d/%m/%Y %"),
        ("date_format", "%Q"),
        ("date_format", "%d/%m/%Y\0"),
        ("date_format", ""),
        ("encoding", "utf-88"),
        ("encoding", "rot13"),
        ("encoding", "a\0b"),
        ("delimiter", '"'),
        ("delimiter", "\n"),
    ],
)
def test_what_no_file_could_be_read_by_is_named(name: str, value: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_options(options(**{name: value}))

    (problem,) = refused.value.details
    assert problem.field == f"options.csv.{name}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date_format", "%d/%m/%Y"),
        ("date_format", "%d.%m.%y"),
        ("date_format", "%d %b %Y"),
        ("date_format", "%Y-%m-%dT%H:%M:%S"),
        ("date_format", "%G-W%V-%u"),
        ("encoding", "Windows-1252"),
        ("encoding", "UTF-16"),
        ("delimiter", "\t"),
    ],
)
def test_what_some_file_is_written_by_is_taken(name: str, value: str) -> None:
    assert getattr(read_options(options(**{name: value})).csv, name) == value
