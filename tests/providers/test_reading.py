"""Whatever bytes come, they are read exactly or refused in one way."""

import json
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.outbound.call import GarbledAnswerError
from adapters.outbound.reading import mended, reading
from adapters.plaid import mapping as plaid
from adapters.plaid import shapes as plaid_shapes
from adapters.tink import shapes as tink_shapes
from adapters.tink.mapping import TransactionReader

NOW = datetime(2026, 1, 13, 9, tzinfo=UTC)
SHAPES = Path(__file__).parents[1] / "shapes"
text_of = reading(msgspec.json.Decoder(str))
tink_page = reading(msgspec.json.Decoder(tink_shapes.TransactionsPage, strict=False))
plaid_page = reading(msgspec.json.Decoder(plaid_shapes.SyncPage))


@given(st.text())
def test_any_text_is_read_as_it_is_but_for_its_nuls(text: str) -> None:
    for wire in (json.dumps(text).encode(), json.dumps(text, ensure_ascii=False).encode()):
        assert text_of(wire) == text.replace("\0", "")


@given(st.lists(st.sampled_from(["\\", "u0000", "ud83d", "\ud83d", "\ude00", "\0", "a", '"'])))
def test_half_letters_are_replaced_and_whole_ones_kept(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    read = text_of(json.dumps(text).encode())

    assert read.replace("\ufffd", "") == expected.replace("\0", "").replace("\ufffd", "")


def test_a_written_backslash_is_not_taken_for_an_escape() -> None:
    wire = rb'"C:\\u0000 \\\u0000 \\ud83d"'

    assert mended(wire) == rb'"C:\\u0000 \\ \\ud83d"'


def read_tink(body: bytes) -> None:
    TransactionReader(frozenset({"a1"}), date(2026, 1, 1)).read(tink_page(body).transactions)


def read_plaid(body: bytes) -> None:
    page = plaid_page(body)
    for account in page.accounts:
        if currency := plaid.currency_of(account):
            plaid.account_seen(account, currency, None, NOW)
    plaid.TransactionReader(frozenset(), date(2026, 1, 1)).read(page.added, page.modified)


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
    st.sampled_from(["NaN", "Infinity", "1e999999", "-0", "2026-02-30", "XXX", "nok", "9" * 40]),
)


def places(found: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:  # noqa: ANN401 - any JSON
    inside: list[tuple[str | int, ...]] = [path] if path else []
    pairs = found.items() if isinstance(found, dict) else enumerate(found)
    for key, value in pairs:
        if isinstance(value, dict | list):
            inside += places(value, (*path, key))
        else:
            inside.append((*path, key))
    return inside


@pytest.mark.parametrize(
    ("name", "read"), [("tink/transactions", read_tink), ("plaid/transactions-sync", read_plaid)]
)
@settings(max_examples=400)
@given(data=st.data())
def test_one_wrong_value_anywhere_is_read_or_refused_but_never_a_crash(
    name: str, read: Callable[[bytes], None], data: st.DataObject
) -> None:
    shape = json.loads((SHAPES / f"{name}.json").read_text())
    changed = deepcopy(shape)
    *way, last = data.draw(st.sampled_from(places(shape)))
    inner = changed
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(ODD)

    with suppress(GarbledAnswerError):
        read(json.dumps(changed).encode())
