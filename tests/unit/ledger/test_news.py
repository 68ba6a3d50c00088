"""What a feed says again in the same words is left out before planning, and nothing else is."""

from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger.entry import Entry
from domain.ledger.matching.facts import Known, KnownSource
from domain.ledger.matching.names import digest_of, entries_needed, news_on
from domain.ledger.matching.plan import Plan
from domain.ledger.matching.planner import NewEntryId, plan_page
from domain.shared.ids import AccountId, EntryId
from domain.shared.observations import Observations, TransactionSeen
from tests.support.ledger import FEED
from tests.support.observations import CURRENT, a_transaction

ACCOUNTS = {CURRENT: AccountId(UUID(int=1))}
SAYINGS = st.lists(
    st.builds(a_transaction, st.sampled_from("abcdef"), st.sampled_from([-100, -200, -300])),
    max_size=8,
)


def fresh() -> NewEntryId:
    ids = count(1_000)
    return lambda _: EntryId(UUID(int=next(ids)))


def known_of(said: list[TransactionSeen]) -> Known:
    plan = plan_page(
        FEED, Observations(transactions=tuple(said)), ACCOUNTS, Known({}, {}), {}, fresh()
    )
    sources = {one.external_id: KnownSource(one.entry_id, one.digest) for one in plan.new_sources}
    return Known(sources, dict(plan.added))


def writes(plan: Plan) -> tuple[dict[EntryId, Entry], dict[EntryId, Entry], object, object]:
    return plan.added, plan.changed, plan.new_sources, plan.heard_again


@given(SAYINGS, SAYINGS)
def test_leaving_it_out_plans_the_same(
    before: list[TransactionSeen], now: list[TransactionSeen]
) -> None:
    known = known_of(before)
    page = Observations(transactions=tuple(now))

    news = news_on(page, known.sources)

    assert entries_needed(news, known.sources) <= set(known.entries)
    whole = plan_page(FEED, page, ACCOUNTS, known, {}, fresh())
    part = plan_page(FEED, news, ACCOUNTS, known, {}, fresh())
    assert writes(whole) == writes(part)
    assert whole.sums == part.sums


def test_a_page_of_nothing_new_is_empty() -> None:
    said = [a_transaction("a"), a_transaction("b")]

    news = news_on(Observations(transactions=tuple(said)), known_of(said).sources)

    assert news.transactions == ()
    assert digest_of(said[0]) != digest_of(said[1])
