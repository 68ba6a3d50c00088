"""Finding an account again that a feed speaks of under a name nobody knows.

A link that moved to a new login, or a bank that was let go and linked anew, brings the accounts
that were there before under new names. Opening them a second time would double the person's money;
taking two different accounts for one would be worse. So an account is found again only when

- it came from a connection and has the same currency,
- nothing speaks of it any more: every other feed that named it has ended, and of its names in
  this feed the update has none,
- and it has the same number; or, where neither side gives a number, it is of the same
  institution, has the same name and kind, and there is exactly one such account and one such
  stranger.

Of several such accounts (two logins had shown the same one, say) it is the one that had this very
name before, where there is one: providers do not give an account's name to another.

An institution is the same by its provider's own name for it, where both sides have one; what
people call it may change, or be unknown for a while.

Two connections to one bank that are both alive are two on purpose, as far as we can know.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from domain.ledger.account import Account, AccountOrigin
from domain.shared.ids import ExternalId, FeedId
from domain.shared.observations import AccountSeen, Observations


@dataclass(frozen=True, slots=True)
class Naming:
    feed_id: FeedId
    external_id: ExternalId
    feed_ended: bool


@dataclass(frozen=True, slots=True)
class NamedAccount:
    account: Account
    names: tuple[Naming, ...]
    joined: bool = False
    """Several feeds tell of it: that one of them does is no reason for another one not to."""

    def had(self, name: ExternalId) -> bool:
        return any(one.external_id == name for one in self.names)

    def free_for(self, feed_id: FeedId, spoken_of: Collection[ExternalId]) -> bool:
        """Whether nothing but the past speaks of it (of one of its feeds, where it has several)."""
        if self.joined:
            mine = [one for one in self.names if one.feed_id == feed_id]
            if mine:
                return all(one.external_id not in spoken_of for one in mine)
            return any(one.feed_ended for one in self.names)
        return bool(self.names) and all(
            one.external_id not in spoken_of if one.feed_id == feed_id else one.feed_ended
            for one in self.names
        )


@dataclass(frozen=True, slots=True)
class Announced:
    """What a whole update says of accounts."""

    accounts: Mapping[ExternalId, AccountSeen]
    spoken_of: frozenset[ExternalId]

    @classmethod
    def nothing(cls) -> Self:
        return cls({}, frozenset())

    def and_on(self, page: Observations) -> Self:
        accounts = {seen.id: seen for seen in page.accounts}
        # Taking something back is no sign of life: a provider that gives an account another id
        # may take back all that it had under the old one.
        also = {seen.account for seen in page.transactions}
        return replace(
            self,
            accounts={**self.accounts, **accounts},
            spoken_of=self.spoken_of | accounts.keys() | also,
        )


def found_again(
    feed_id: FeedId,
    announced: Announced,
    known: Collection[ExternalId],
    accounts: Iterable[NamedAccount],
) -> dict[ExternalId, Account]:
    """Which of the announced accounts that are not `known` the person had before."""
    free = [
        one
        for one in accounts
        if one.account.origin is AccountOrigin.CONNECTION
        and one.free_for(feed_id, announced.spoken_of)
    ]
    strangers = [seen for name, seen in announced.accounts.items() if name not in known]
    again: dict[ExternalId, Account] = {}
    # Whoever was called so goes first: nobody else takes its account.
    for seen in sorted(strangers, key=lambda seen: not any(one.had(seen.id) for one in free)):
        found = _by_number(seen, free) if seen.number else _by_words(seen, free, strangers)
        if found is not None:
            free.remove(found)
            again[seen.id] = found.account
    return again


def _by_number(seen: AccountSeen, free: Sequence[NamedAccount]) -> NamedAccount | None:
    """The oldest, should there be several: the others were opened when we knew less."""
    same = [
        one
        for one in free
        if (one.account.number, one.account.currency) == (seen.number, seen.currency)
    ]
    return min(
        same,
        key=lambda one: (not one.had(seen.id), one.account.created_at, one.account.id),
        default=None,
    )


def _by_words(
    seen: AccountSeen, free: Sequence[NamedAccount], strangers: Sequence[AccountSeen]
) -> NamedAccount | None:
    same = [one for one in free if _is_alike(one.account, seen)]
    named = [one for one in same if one.had(seen.id)]
    if len(named) == 1:
        return named[0]
    alike = [one for one in strangers if _is_alike(one, seen)]
    return same[0] if len(same) == 1 and len(alike) == 1 else None


def _is_alike(one: Account | AccountSeen, seen: AccountSeen) -> bool:
    return one.number is None and _words(one) == _words(seen) and _of_same_bank(one, seen)


def _words(one: Account | AccountSeen) -> tuple[str, str, str]:
    return one.name, one.kind, one.currency


def _of_same_bank(one: Account | AccountSeen, seen: AccountSeen) -> bool:
    """Without any name it may be "Savings" of any bank in the world."""
    if one.institution_id and seen.institution_id:
        return one.institution_id == seen.institution_id
    # One of them is from before, when the provider's own name was all there was; or from a
    # provider that has no other.
    names = {seen.institution_id, seen.institution} - {None}
    return one.institution_id in names or one.institution in names
