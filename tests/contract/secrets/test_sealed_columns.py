"""Whoever adds a column of bytes has to say whether it is sealed, or its key would be lost."""

from sqlalchemy import LargeBinary

from adapters.postgres.schema import metadata
from adapters.postgres.secrets.sealed_columns import NOT_SEALED, SEALED
from tests.architecture.sources import modules


def test_every_column_of_bytes_is_sealed_or_has_its_reason() -> None:
    assert modules()  # every tables.py has added its tables
    there = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.c
        if isinstance(column.type, LargeBinary)
    }
    sealed = {one.name for one in SEALED}

    assert not sealed & set(NOT_SEALED)
    assert there - sealed - set(NOT_SEALED) == set(), "say so in sealed_columns.py"
    assert (sealed | set(NOT_SEALED)) - there == set(), "no longer exist"
    assert all(NOT_SEALED.values())


def test_what_is_said_of_a_sealed_column_is_true_of_its_table() -> None:
    assert modules()
    for one in SEALED:
        table = metadata.tables[one.table]
        assert one.key == tuple(column.name for column in table.primary_key), one.name
        assert {one.owner, one.row} <= {column.name for column in table.c}, one.name
        assert one.walled == ("user_id" in one.key), one.name


def test_every_purpose_is_that_of_one_column() -> None:
    assert len({one.purpose for one in SEALED}) == len(SEALED)
