"""Whatever is done to a trail behind the application's back, the verifier names where."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit.chain import (
    AuditEntry,
    Break,
    Damage,
    Facts,
    Head,
    append,
    canonical,
    verify,
)
from domain.shared.ids import UserId

ANNA = UserId(UUID(int=1))
BO = UserId(UUID(int=2))
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)

facts = st.dictionaries(
    st.text(max_size=8), st.one_of(st.text(max_size=8), st.integers(), st.booleans(), st.none())
)
stories = st.lists(st.tuples(st.text(min_size=1, max_size=12), facts), min_size=2, max_size=12)


def chain_of(story: Sequence[tuple[str, Facts]], user_id: UserId = ANNA) -> list[AuditEntry]:
    entries: list[AuditEntry] = []
    head = Head()
    for minutes, (action, said) in enumerate(story):
        entry = append(
            head,
            user_id=user_id,
            at=NOON + timedelta(minutes=minutes),
            action=action,
            actor_id=user_id,
            facts=said,
        )
        entries.append(entry)
        head = entry.head
    return entries


@given(stories)
def test_an_untouched_chain_is_whole(story: list[tuple[str, Facts]]) -> None:
    chain = chain_of(story)

    assert verify(ANNA, chain, chain[-1].head) is None


def test_an_empty_chain_is_whole() -> None:
    assert verify(ANNA, [], Head()) is None


@given(stories, st.data())
def test_an_edited_entry_is_named(story: list[tuple[str, Facts]], data: st.DataObject) -> None:
    chain = chain_of(story)
    at = data.draw(st.integers(0, len(chain) - 1))
    edited = data.draw(
        st.sampled_from(
            [
                replace(chain[at], action=chain[at].action + "!"),
                replace(chain[at], at=chain[at].at + timedelta(microseconds=1)),
                replace(chain[at], actor_id=BO),
                replace(chain[at], user_id=BO),
                replace(chain[at], payload=chain[at].payload + b" "),
                replace(chain[at], payload_hash=bytes(32)),
                replace(chain[at], previous=sha256(b"elsewhere").digest()),
                replace(chain[at], hash=bytes(32)),
            ]
        )
    )
    chain[at] = edited

    assert verify(ANNA, chain, chain_of(story)[-1].head) == Break(at + 1, Damage.EDITED)


@given(stories, st.data())
def test_an_entry_rewritten_with_fitting_hashes_is_named(
    story: list[tuple[str, Facts]], data: st.DataObject
) -> None:
    chain = chain_of(story)
    head = chain[-1].head
    at = data.draw(st.integers(0, len(chain) - 1))
    before = chain[at - 1].head if at else Head()
    chain[at] = append(
        before,
        user_id=ANNA,
        at=chain[at].at,
        action="something.else",
        actor_id=BO,
        facts={},
    )

    assert verify(ANNA, chain, head) == Break(at + 1, Damage.REWRITTEN)


@given(stories, st.data())
def test_a_dropped_entry_is_named(story: list[tuple[str, Facts]], data: st.DataObject) -> None:
    chain = chain_of(story)
    head = chain[-1].head
    at = data.draw(st.integers(0, len(chain) - 1))
    del chain[at]

    assert verify(ANNA, chain, head) == Break(at + 1, Damage.MISSING)


@given(stories, st.data())
def test_two_swapped_entries_are_named(story: list[tuple[str, Facts]], data: st.DataObject) -> None:
    chain = chain_of(story)
    head = chain[-1].head
    one = data.draw(st.integers(0, len(chain) - 2))
    other = data.draw(st.integers(one + 1, len(chain) - 1))
    chain[one], chain[other] = chain[other], chain[one]

    broken = verify(ANNA, chain, head)

    assert broken == Break(one + 1, Damage.MISSING)


@given(stories, st.data())
def test_two_entries_that_traded_their_numbers_are_named(
    story: list[tuple[str, Facts]], data: st.DataObject
) -> None:
    chain = chain_of(story)
    head = chain[-1].head
    one = data.draw(st.integers(0, len(chain) - 2))
    other = data.draw(st.integers(one + 1, len(chain) - 1))
    chain[one], chain[other] = (
        replace(chain[other], seq=one + 1),
        replace(chain[one], seq=other + 1),
    )

    assert verify(ANNA, chain, head) == Break(one + 1, Damage.EDITED)


@given(stories, st.data())
def test_a_cut_tail_is_named(story: list[tuple[str, Facts]], data: st.DataObject) -> None:
    chain = chain_of(story)
    head = chain[-1].head
    kept = data.draw(st.integers(0, len(chain) - 1))

    assert verify(ANNA, chain[:kept], head) == Break(kept + 1, Damage.MISSING)


def test_a_repeated_entry_is_named() -> None:
    chain = chain_of([("a", {}), ("b", {})])

    broken = verify(ANNA, [chain[0], chain[0], chain[1]], chain[-1].head)

    assert broken == Break(1, Damage.OUT_OF_ORDER)


@given(stories)
def test_an_entry_that_the_head_does_not_know_is_named(story: list[tuple[str, Facts]]) -> None:
    chain = chain_of(story)

    assert verify(ANNA, chain, chain[-2].head) == Break(len(chain), Damage.BEYOND_HEAD)


def test_another_persons_chain_is_not_taken_for_this_ones() -> None:
    chain = chain_of([("a", {}), ("b", {})], BO)

    assert verify(ANNA, chain, chain[-1].head) == Break(1, Damage.EDITED)


def test_the_same_facts_have_one_spelling() -> None:
    assert (
        canonical({"b": 1, "a": "ø"}) == canonical({"a": "ø", "b": 1}) == b'{"a":"\xc3\xb8","b":1}'
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_json_cannot_say_is_refused(value: int) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical({"a": value})
