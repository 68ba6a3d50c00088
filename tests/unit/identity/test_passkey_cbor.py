"""What CBOR is let through to the decoder, and that looking at it costs no more than its length."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.passkeys.cbor import BadCborError, end_of_item

LEAVES = st.one_of(
    st.integers(-(2**64), 2**64 - 1),
    st.binary(max_size=300),
    st.text(max_size=300),
    st.booleans(),
    st.none(),
)
ITEMS = st.one_of(
    LEAVES,
    st.lists(LEAVES, max_size=30),
    st.dictionaries(st.integers(-9, 9), LEAVES, max_size=9),
    st.lists(st.dictionaries(st.text(max_size=9), st.lists(LEAVES, max_size=3), max_size=3)),
)


@given(ITEMS)
def test_what_authenticators_write_ends_where_it_ends(item: object) -> None:
    written = cbor2.dumps(item)

    assert end_of_item(written) == len(written)
    assert end_of_item(b"\x00" + written + b"after", 1) == 1 + len(written)


@given(ITEMS)
def test_what_is_cut_off_is_noticed(item: object) -> None:
    written = cbor2.dumps(item)
    for at in range(len(written)):
        with pytest.raises(BadCborError):
            end_of_item(written[:at])


@given(st.binary(max_size=64))
def test_bytes_of_any_kind_end_within_themselves_or_are_refused(noise: bytes) -> None:
    try:
        end = end_of_item(noise)
    except BadCborError:
        return
    assert 0 < end <= len(noise)


@pytest.mark.parametrize(
    "bomb",
    [
        b"\x5b" + b"\xff" * 8,
        b"\x7a\xff\xff\xff\xff",
        b"\x9b" + b"\xff" * 8,
        b"\xbb" + b"\xff" * 8,
        b"\x9b" + b"\xff" * 8 + b"\x00" * 60_000,
        b"\x81" * 60_000 + b"\x00",
        b"\xa1\x00" * 30_000 + b"\x00",
        b"\x82\x80" * 30_000,
        b"\x9f\x00\xff",
        b"\x5f\x41\x00\xff",
        b"\xbf\xff",
        b"\xff",
        b"\x1c",
        b"\xc0\x60",
        b"\xc1\x00",
        b"\xc4\x82\x1b" + b"\x7f" * 8 + b"\x01",
        b"\xd8\x1c\x81\xd8\x1d\x00",
        b"\xd8\x23\x63(a+",
        b"\xf9\x00\x00",
        b"\xfb" + b"\x00" * 8,
        b"\xf7",
        b"\xe0",
        b"\xf8\xff",
    ],
)
def test_what_no_authenticator_writes_is_refused(bomb: bytes) -> None:
    with pytest.raises(BadCborError):
        end_of_item(bomb)


def test_four_levels_are_enough() -> None:
    assert end_of_item(b"\x81" * 4 + b"\x00") == 5
    with pytest.raises(BadCborError):
        end_of_item(b"\x81" * 5 + b"\x00")
