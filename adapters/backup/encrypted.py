"""A stream under a passphrase: scrypt makes the key, AES-256-GCM seals chunk after chunk.

    magic, version, scrypt's N as a power of two, r, p, salt, check | chunk | chunk | ... | last

Chunks hold 64 KiB and are sealed under their number and whether they are the last (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015), together with everything in front of
them: none can be altered, moved, left out or added, and an end that is cut off is missed. The key
is used for one file only, for its salt is. Memory stays flat whatever the length.
"""

import hmac
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from adapters.backup.errors import BackupError
from domain.shared.secret import Secret

MAGIC: Final = b"daler backup\n"
VERSION: Final = 1
CHUNK: Final = 64 * 1024
TAG: Final = 16
_SALT: Final = 16
_CHECK: Final = 32
_HEAD: Final = len(MAGIC) + 4 + _SALT
_ALTERED: Final = "the backup was altered or damaged: nothing in it can be trusted"


@dataclass(frozen=True, slots=True)
class Cost:
    """What trying one passphrase costs (OWASP: N = 2^17, r = 8, p = 1; 128 MiB)."""

    log_n: int = 17
    r: int = 8
    p: int = 1

    def sane(self) -> bool:
        """Whether a file may ask this of us: it must not take the machine's memory."""
        return 10 <= self.log_n <= 20 and self.r == 8 and 1 <= self.p <= 4  # noqa: PLR2004


USUAL_COST: Final = Cost()


@dataclass(frozen=True, slots=True)
class _Keys:
    check: bytes = field(repr=False)
    data: AESGCM = field(repr=False)

    @classmethod
    def of(cls, passphrase: Secret, salt: bytes, cost: Cost) -> Self:
        # The same letters, however a keyboard has put them together.
        text = unicodedata.normalize("NFKC", passphrase.reveal()).encode()
        root = Scrypt(salt=salt, length=32, n=2**cost.log_n, r=cost.r, p=cost.p).derive(text)
        check = HKDFExpand(SHA256(), 32, b"daler backup check").derive(root)
        data = HKDFExpand(SHA256(), 32, b"daler backup data").derive(root)
        return cls(check, AESGCM(data))


@dataclass(slots=True)
class Writer:
    """Close it, or what was written does not open."""

    file: IO[bytes]
    keys: _Keys
    head: bytes
    waiting: bytearray = field(default_factory=bytearray)
    number: int = 0

    @classmethod
    def begin(cls, file: IO[bytes], passphrase: Secret, cost: Cost) -> Self:
        salt = os.urandom(_SALT)
        keys = _Keys.of(passphrase, salt, cost)
        head = MAGIC + bytes((VERSION, cost.log_n, cost.r, cost.p)) + salt
        head += hmac.digest(keys.check, head, "sha256")
        file.write(head)
        return cls(file, keys, head)

    def write(self, text: bytes) -> None:
        self.waiting += text
        # A full chunk waits, too: only when more comes it is known not to be the last.
        while len(self.waiting) > CHUNK:
            self._seal(bytes(self.waiting[:CHUNK]), last=False)
            del self.waiting[:CHUNK]

    def close(self) -> None:
        self._seal(bytes(self.waiting), last=True)

    def _seal(self, text: bytes, *, last: bool) -> None:
        self.file.write(self.keys.data.encrypt(_nonce(self.number, last=last), text, self.head))
        self.number += 1


def opened(file: IO[bytes], passphrase: Secret) -> Iterator[bytes]:
    """What was written, chunk by chunk; each is authentic, and the last one shows the end.

    Raises:
        BackupError: it is no backup, of a newer Daler, altered or cut off, or the passphrase is
            not the one it was made with.
    """
    head = file.read(_HEAD)
    cost = _cost(head)
    keys = _Keys.of(passphrase, head[-_SALT:], cost)
    check = file.read(_CHECK)
    if not hmac.compare_digest(check, hmac.digest(keys.check, head, "sha256")):
        raise BackupError(
            "the passphrase is not the one that this backup was made with (or the beginning of"
            " the file was altered)"
        )
    return _chunks(file, keys, head + check)


def _cost(head: bytes) -> Cost:
    if not head.startswith(MAGIC):
        raise BackupError("this file is not a backup of Daler")
    if len(head) < _HEAD:
        raise BackupError("the backup is cut off after its beginning: fetch the whole file again")
    version, log_n, r, p = head[len(MAGIC) : len(MAGIC) + 4]
    if version > VERSION:
        raise BackupError(
            f"the backup is of format {version} and this Daler knows {VERSION}: use the version"
            " that made it, or a newer one"
        )
    cost = Cost(log_n, r, p)
    if version != VERSION or not cost.sane():
        raise BackupError(_ALTERED)
    return cost


def _chunks(file: IO[bytes], keys: _Keys, head: bytes) -> Iterator[bytes]:
    number, chunk = 0, file.read(CHUNK + TAG)
    while True:
        following = file.read(CHUNK + TAG)
        last = not following
        try:
            yield keys.data.decrypt(_nonce(number, last=last), chunk, head)
        except (InvalidTag, ValueError):
            raise BackupError(_cut_off(keys, number, chunk, head) if last else _ALTERED) from None
        if last:
            return
        number, chunk = number + 1, following


def _cut_off(keys: _Keys, number: int, chunk: bytes, head: bytes) -> str:
    """Why the end is not one: a chunk that says that more follows, or half a chunk."""
    told = "the backup is cut off: fetch the whole file again"
    if len(chunk) < CHUNK + TAG:
        return f"{told} (or its end was altered)"
    try:
        keys.data.decrypt(_nonce(number, last=False), chunk, head)
    except InvalidTag:
        return _ALTERED
    return told


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))
