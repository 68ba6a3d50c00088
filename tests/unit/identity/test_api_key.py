import re
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from domain.identity.api_key import hash_of, is_written_right, written
from domain.shared.secret import Secret

TOKEN = Secret("x" * 43)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"


def test_a_key_can_be_found_by_those_who_scan_for_secrets() -> None:
    assert re.fullmatch(r"dk_[A-Za-z0-9_-]{43}[0-9A-Za-z]{6}", written(TOKEN).reveal())


@given(st.text(ALPHABET, min_size=43, max_size=43))
def test_what_we_write_is_written_right(token: str) -> None:
    assert is_written_right(written(Secret(token)))


@given(st.integers(0, 51), st.sampled_from(ALPHABET))
def test_one_wrong_letter_is_seen(place: int, letter: str) -> None:
    right = written(TOKEN).reveal()
    wrong = right[:place] + letter + right[place + 1 :]
    assert is_written_right(Secret(wrong)) == (wrong == right)


@given(st.text(max_size=80))
def test_anything_else_is_refused_quietly(text: str) -> None:
    assert not is_written_right(Secret(text))
    assert not is_written_right(Secret(f"dk_{text}"))


def test_the_checksum_is_the_one_that_others_can_work_out() -> None:
    """CRC-32 in base 62, digits before capitals before small letters, as GitHub has it."""
    text = written(TOKEN).reveal()
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number = 0
    for digit in text[-6:]:
        number = number * 62 + digits.index(digit)
    assert number == crc32(text[:-6].encode())


def test_the_hash_gives_nothing_away() -> None:
    key = written(TOKEN)
    assert len(hash_of(key)) == 32
    assert hash_of(key) != hash_of(written(Secret("y" * 43)))
