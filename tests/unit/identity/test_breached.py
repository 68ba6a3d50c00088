"""A file of stolen passwords, as Have I Been Pwned gives it out; any size, and no network."""

from collections.abc import Sequence
from hashlib import sha1
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.passwords.breached import (
    BadBreachedFileError,
    BreachedPasswords,
    PasswordListUnavailableError,
    breached_file,
)
from application.identity.passwords.choosing import Weakness
from domain.shared.secret import Secret

STOLEN = [f"stolen {number}" for number in range(1000)]


def digest(password: str) -> str:
    return sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def lines(passwords: Sequence[str]) -> list[str]:
    return [f"{one}:{3 ** (at % 30)}" for at, one in enumerate(sorted(map(digest, passwords)))]


def a_file(folder: Path, text: str) -> Path:
    path = folder / "stolen.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 1000])
async def test_every_password_in_it_is_found_and_no_other(
    tmp_path: Path, end: str, count: int, *, last: bool
) -> None:
    path = a_file(tmp_path, end.join(lines(STOLEN[:count])) + (end if last else ""))

    with breached_file(path) as file:
        stolen = BreachedPasswords(file)
        for password in STOLEN[:count]:
            assert await stolen.weakness(Secret(password)) is Weakness.BREACHED
        for number in range(200):
            assert await stolen.weakness(Secret(f"mine {number}")) is None


@given(st.sets(st.text(alphabet="0123456789ABCDEF", min_size=40, max_size=40), min_size=1))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_the_first_the_last_and_the_missing(tmp_path: Path, hashes: set[str]) -> None:
    ordered = sorted(hashes)
    path = a_file(tmp_path, "\n".join(f"{one}:{len(one)}" for one in ordered) + "\n")

    with breached_file(path) as file:
        assert all(file.has(one.encode()) for one in ordered)
        for near in ordered:
            other = near[:-1] + ("0" if near[-1] != "0" else "1")
            assert file.has(other.encode()) == (other in hashes)


def test_small_letters_are_the_same_hash(tmp_path: Path) -> None:
    with breached_file(a_file(tmp_path, "\n".join(lines(STOLEN)).lower())) as file:
        assert file.has(digest(STOLEN[0]).encode())


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "anything in it"),
        ("hunter2\n", "no SHA-1"),
        (f"{'A' * 39}:1\n", "no SHA-1"),
        (f"{'A' * 40}\n", "no SHA-1"),
        (f"{'A' * 40}:1\n\n", "no SHA-1"),
        (f"{'A' * 32}:1\n{'B' * 32}:1\n", "no SHA-1"),
        ("\0" * 500, "no SHA-1"),
        (f"{'B' * 40}:1\n{'A' * 40}:1\n", "not ordered"),
        ("\n".join(reversed(lines(STOLEN))), "not ordered"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with (
        pytest.raises(BadBreachedFileError, match=complaint),
        breached_file(a_file(tmp_path, text)),
    ):
        pass


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(BadBreachedFileError), breached_file(path):
            pass


async def test_a_file_that_is_cut_short_while_it_is_read_lets_nobody_choose(
    tmp_path: Path,
) -> None:
    path = a_file(tmp_path, "\n".join(lines(STOLEN)))
    with breached_file(path) as file:
        path.write_bytes(b"")

        with pytest.raises(PasswordListUnavailableError):
            await BreachedPasswords(file).weakness(Secret("mine"))
