"""A backup opens with its passphrase, whole and unaltered, or not at all."""

from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.backup.encrypted import CHUNK, MAGIC, TAG, Cost, Writer, opened
from adapters.backup.errors import BackupError
from adapters.backup.parts import PartsReader, PartsWriter
from domain.shared.secret import Secret

PASSPHRASE = Secret("four quiet words here")
CHEAP = Cost(log_n=10)
HEAD = len(MAGIC) + 4 + 16 + 32


def sealed(*pieces: bytes) -> bytes:
    file = BytesIO()
    writer = Writer.begin(file, PASSPHRASE, CHEAP)
    for piece in pieces:
        writer.write(piece)
    writer.close()
    return file.getvalue()


def read(file: bytes, passphrase: Secret = PASSPHRASE) -> bytes:
    return b"".join(opened(BytesIO(file), passphrase))


LONG = bytes(range(256)) * (3 * CHUNK // 256)
FILE = sealed(LONG)


@settings(max_examples=25)
@given(st.lists(st.integers(0, 2 * CHUNK + 1), max_size=4))
def test_what_was_written_comes_out_whole_however_it_was_cut(sizes: list[int]) -> None:
    pieces = [bytes((number % 251,)) * size for number, size in enumerate(sizes, 1)]

    assert read(sealed(*pieces)) == b"".join(pieces)


def test_it_shows_nothing_of_what_is_in_it_and_never_looks_the_same() -> None:
    text = b"DALER_LOOKUP_KEY=" * 100

    assert text[:17] not in sealed(text)
    assert sealed(text) != sealed(text)


def test_another_passphrase_is_refused_in_words() -> None:
    with pytest.raises(BackupError, match="the passphrase is not the one"):
        read(FILE, Secret("four quiet words herE"))


def test_the_same_letters_may_be_put_together_differently() -> None:
    file = BytesIO()
    writer = Writer.begin(file, Secret("bl\N{LATIN SMALL LETTER A WITH RING ABOVE}"), CHEAP)
    writer.write(b"text")
    writer.close()

    assert read(file.getvalue(), Secret("bla\N{COMBINING RING ABOVE}")) == b"text"


def test_whatever_is_cut_off_is_missed() -> None:
    ends = [0, 5, len(MAGIC), HEAD - 40, HEAD - 1, HEAD, HEAD + 1]
    for chunk in range(3):
        at = HEAD + chunk * (CHUNK + TAG)
        ends += [at, at + 1, at + CHUNK, at + CHUNK + TAG - 1]
    for end in ends:
        with pytest.raises(BackupError):
            read(FILE[:end])


def test_a_file_that_ends_between_two_chunks_is_said_to_be_cut_off() -> None:
    with pytest.raises(BackupError, match=r"cut off: fetch the whole file again$"):
        read(FILE[: HEAD + 2 * (CHUNK + TAG)])


@pytest.mark.parametrize("at", [*range(len(MAGIC) + 4, HEAD), HEAD + 7, HEAD + CHUNK, -1, -TAG - 9])
def test_no_byte_of_it_can_be_altered(at: int) -> None:
    altered = bytearray(FILE)
    altered[at] ^= 0x10
    with pytest.raises(BackupError):
        read(bytes(altered))


def test_chunks_cannot_be_exchanged_doubled_left_out_or_added() -> None:
    first, second, third = (
        FILE[at : at + CHUNK + TAG] for at in range(HEAD, len(FILE), CHUNK + TAG)
    )
    head = FILE[:HEAD]
    for order in (
        (second, first, third),
        (first, first, second, third),
        (first, third),
        (first, second, third, third),
        (first, second, third, b"more"),
        (third,),
        (),
    ):
        with pytest.raises(BackupError):
            read(head + b"".join(order))


def test_a_chunk_of_another_file_does_not_fit() -> None:
    other = sealed(LONG)

    with pytest.raises(BackupError):
        read(FILE[: HEAD + CHUNK + TAG] + other[HEAD + CHUNK + TAG :])


def test_a_newer_format_is_refused_before_the_passphrase_is_asked() -> None:
    newer = bytearray(FILE)
    newer[len(MAGIC)] = 2

    with pytest.raises(BackupError, match="is of format 2 and this Daler knows 1"):
        read(bytes(newer), Secret("wrong"))


def test_something_else_is_no_backup() -> None:
    with pytest.raises(BackupError, match="is not a backup of Daler"):
        read(b"PGDMP" + bytes(1000))


@pytest.mark.parametrize("asked", [(31, 8, 1), (17, 255, 1), (17, 8, 200), (0, 8, 1)])
def test_a_file_cannot_ask_for_all_the_memory_there_is(asked: tuple[int, int, int]) -> None:
    greedy = bytearray(FILE)
    greedy[len(MAGIC) + 1 : len(MAGIC) + 4] = bytes(asked)

    with pytest.raises(BackupError, match="altered"):
        read(bytes(greedy))


def test_a_chunk_is_given_out_before_the_next_but_one_is_read() -> None:
    """Memory stays flat: what is read ahead is one chunk."""
    file = BytesIO(FILE)
    chunks = opened(file, PASSPHRASE)

    assert next(chunks) == LONG[:CHUNK]
    assert file.tell() == HEAD + 2 * (CHUNK + TAG)


def in_pieces(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_parts_come_out_by_name_and_one_may_be_passed_over(size: int) -> None:
    file = BytesIO()
    writer = PartsWriter(file)
    writer.whole("first", b"a" * 3000)
    writer.name("second")
    writer.block(b"b" * 10)
    writer.block(b"")
    writer.block(b"c" * 10)
    writer.end_part()
    writer.whole("empty", b"")
    writer.end()

    reader = PartsReader(in_pieces(file.getvalue(), size))

    assert reader.next_name() == "first"
    assert reader.next_name() == "second"
    assert b"".join(reader.blocks()) == b"b" * 10 + b"c" * 10
    assert reader.next_name() == "empty"
    assert list(reader.blocks()) == []
    assert reader.next_name() is None


def test_parts_that_end_too_early_are_refused() -> None:
    file = BytesIO()
    PartsWriter(file).whole("first", b"a" * 3000)

    with pytest.raises(BackupError):
        PartsReader(in_pieces(file.getvalue(), 100)).to_the_end()
