"""A person's audit trail: every entry carries the hash of the one before.

What an entry says is bound by its payload's hash, so that a payload can be judged by itself;
the order is bound by the link hash. Whoever edits, removes or moves an entry has to rewrite
everything after it and the head, and `verify` names where that began.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from domain.shared.ids import UserId

Facts = Mapping[str, str | int | bool | None]

GENESIS: Final = bytes(32)
"""What the first entry names as its predecessor."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Head:
    """How long a chain is and what it ends in, kept apart from it: a cut tail shows."""

    seq: int = 0
    hash: bytes = GENESIS


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    user_id: UserId
    seq: int
    at: datetime
    action: str
    actor_id: UserId
    payload: bytes
    payload_hash: bytes
    previous: bytes
    hash: bytes

    @property
    def head(self) -> Head:
        """The chain's head while this is its last entry."""
        return Head(self.seq, self.hash)


class Damage(StrEnum):
    EDITED = "edited"
    """A column no longer gives the hash that was written with it."""
    REWRITTEN = "rewritten"
    """The entry agrees with itself and not with what was written after it."""
    MISSING = "missing"
    OUT_OF_ORDER = "out_of_order"
    BEYOND_HEAD = "beyond_head"
    """The entry is newer than the head knows."""


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry of a chain that cannot be trusted."""

    seq: int
    what: Damage


def canonical(facts: Facts) -> bytes:
    """The one spelling of these facts: the same facts always give the same bytes."""
    return json.dumps(
        dict(facts), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def append(
    head: Head, *, user_id: UserId, at: datetime, action: str, actor_id: UserId, facts: Facts
) -> AuditEntry:
    """The entry that follows `head`."""
    payload = canonical(facts)
    payload_hash = sha256(payload).digest()
    seq = head.seq + 1
    return AuditEntry(
        user_id=user_id,
        seq=seq,
        at=at,
        action=action,
        actor_id=actor_id,
        payload=payload,
        payload_hash=payload_hash,
        previous=head.hash,
        hash=_link(
            head.hash,
            seq,
            at=at,
            user_id=user_id,
            actor_id=actor_id,
            action=action,
            payload_hash=payload_hash,
        ),
    )


def _link(
    previous: bytes,
    seq: int,
    *,
    at: datetime,
    user_id: UserId,
    actor_id: UserId,
    action: str,
    payload_hash: bytes,
) -> bytes:
    # Everything but the action has a fixed width, so no two entries share one spelling.
    micros = (at - _EPOCH) // _MICROSECOND
    return sha256(
        previous
        + seq.to_bytes(8)
        + micros.to_bytes(8, signed=True)
        + user_id.bytes
        + actor_id.bytes
        + action.encode()
        + payload_hash
    ).digest()


def _agrees_with_itself(entry: AuditEntry) -> bool:
    return entry.payload_hash == sha256(entry.payload).digest() and entry.hash == _link(
        entry.previous,
        entry.seq,
        at=entry.at,
        user_id=entry.user_id,
        actor_id=entry.actor_id,
        action=entry.action,
        payload_hash=entry.payload_hash,
    )


@dataclass(slots=True)
class Verifier:
    """Walks one chain, oldest entry first, without keeping it in memory."""

    user_id: UserId
    head: Head
    rows: int = 0
    _last: Head = field(default_factory=Head)

    def next(self, entry: AuditEntry) -> Break | None:
        """What is wrong with the chain up to this entry; stop at the first break."""
        expected = self._last.seq + 1
        if entry.seq > expected:
            # A hole, unless the head says that nothing was to come.
            past = expected > self.head.seq
            return Break(*((entry.seq, Damage.BEYOND_HEAD) if past else (expected, Damage.MISSING)))
        if entry.seq < expected:
            return Break(entry.seq, Damage.OUT_OF_ORDER)
        if entry.user_id != self.user_id or not _agrees_with_itself(entry):
            return Break(entry.seq, Damage.EDITED)
        if entry.previous != self._last.hash:
            # The first entry has no predecessor that could have been rewritten.
            return Break(max(self._last.seq, 1), Damage.REWRITTEN)
        if entry.seq > self.head.seq:
            return Break(entry.seq, Damage.BEYOND_HEAD)
        self._last = entry.head
        self.rows += 1
        return None

    def end(self) -> Break | None:
        """What is wrong with where the chain ends."""
        if self._last.seq < self.head.seq:
            return Break(self._last.seq + 1, Damage.MISSING)
        if self._last.hash != self.head.hash:
            return Break(max(self._last.seq, 1), Damage.REWRITTEN)
        return None


def verify(user_id: UserId, entries: Iterable[AuditEntry], head: Head) -> Break | None:
    """The first entry that was edited, removed or moved; None when the chain is whole."""
    verifier = Verifier(user_id, head)
    for entry in entries:
        if broken := verifier.next(entry):
            return broken
    return verifier.end()
