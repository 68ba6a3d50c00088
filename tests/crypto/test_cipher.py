"""A ciphertext opens where it belongs, with the key it names, and nowhere else."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.crypto.aes_gcm import aes_gcm_cipher, key_id_of
from adapters.crypto.keys import Key, KeyRing
from application.shared.cipher import SealBrokenError, SealContext
from domain.shared.ids import UserId

ANNA, BJORN = UserId(UUID(int=1)), UserId(UUID(int=2))
HERE = SealContext("connections.access_token", ANNA, UUID(int=10))
OLD, NEW = Key("2025", b"o" * 32), Key("2026", b"n" * 32)
LOOKUP = b"l" * 32

cipher = aes_gcm_cipher(KeyRing((NEW, OLD)), LOOKUP)


@given(st.binary(max_size=200))
def test_what_was_sealed_comes_out_whole(plain: bytes) -> None:
    sealed = cipher.seal(plain, HERE)

    assert cipher.open(sealed, HERE) == plain
    assert len(sealed) == len(plain) + 34


def test_the_same_text_never_looks_the_same() -> None:
    assert cipher.seal(b"token", HERE) != cipher.seal(b"token", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(HERE, row=UUID(int=11)),
        replace(HERE, owner=BJORN),
        replace(HERE, purpose="connections.refresh_token"),
        SealContext(HERE.purpose, UserId(HERE.row), HERE.owner),
    ],
    ids=["row", "owner", "purpose", "owner and row exchanged"],
)
def test_moved_to_another_place_it_does_not_open(elsewhere: SealContext) -> None:
    with pytest.raises(SealBrokenError):
        cipher.open(cipher.seal(b"token", HERE), elsewhere)


def test_no_bit_of_it_can_be_flipped() -> None:
    sealed = cipher.seal(b"token", HERE)
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SealBrokenError):
            cipher.open(bytes(flipped), HERE)


def test_no_byte_of_it_can_be_missing_or_added() -> None:
    sealed = cipher.seal(b"token", HERE)
    for length in range(len(sealed)):
        with pytest.raises(SealBrokenError):
            cipher.open(sealed[:length], HERE)
    with pytest.raises(SealBrokenError):
        cipher.open(sealed + b"\0", HERE)


def test_an_old_key_still_opens_and_the_newest_one_seals() -> None:
    before = aes_gcm_cipher(KeyRing((OLD,)), LOOKUP).seal(b"token", HERE)

    assert cipher.open(before, HERE) == b"token"
    assert key_id_of(before) == "2025"
    assert key_id_of(cipher.seal(b"token", HERE)) == "2026"


def test_a_key_that_left_the_ring_opens_nothing() -> None:
    with pytest.raises(SealBrokenError):
        aes_gcm_cipher(KeyRing((NEW,)), LOOKUP).open(
            aes_gcm_cipher(KeyRing((OLD,)), LOOKUP).seal(b"token", HERE), HERE
        )


def test_a_key_of_the_same_name_is_not_the_same_key() -> None:
    impostor = aes_gcm_cipher(KeyRing((Key(NEW.id, b"x" * 32),)), LOOKUP)

    with pytest.raises(SealBrokenError):
        impostor.open(cipher.seal(b"token", HERE), HERE)


def test_a_lookup_is_the_same_for_ever_and_differs_by_purpose_and_key() -> None:
    found = cipher.lookup("identity.email", "anna@example.org")

    assert found == aes_gcm_cipher(KeyRing((OLD,)), LOOKUP).lookup(
        "identity.email", "anna@example.org"
    )
    assert len(found) == 32
    assert found != cipher.lookup("identity.phone", "anna@example.org")
    assert found != cipher.lookup("identity.emai", "lanna@example.org")
    other_key = aes_gcm_cipher(KeyRing((NEW,)), b"m" * 32)
    assert found != other_key.lookup("identity.email", "anna@example.org")


def test_keys_do_not_show_themselves() -> None:
    assert "nnnn" not in repr(KeyRing((NEW,)))
    assert "nnnn" not in repr(cipher)
    assert "llll" not in repr(cipher)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Key("", b"n" * 32),
        lambda: Key("a:b", b"n" * 32),
        lambda: Key("a", b"n" * 31),
        lambda: KeyRing(()),
        lambda: KeyRing((NEW, NEW)),
        lambda: aes_gcm_cipher(KeyRing((NEW,)), b"short"),
    ],
)
def test_a_ring_that_cannot_be_right_is_refused(make: object) -> None:
    assert callable(make)
    with pytest.raises(ValueError, match="key"):
        make()
