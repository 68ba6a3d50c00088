"""The life of a consent as pure functions: no clock, nothing kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.connections.connection import Connection, ConnectionStatus
from domain.connections.consent import (
    NO_RENEWAL,
    Renewal,
    RenewalState,
    look_at,
    renewal_of,
    told_of_lapse,
    watched_from,
)
from domain.connections.webhook import Happening, Told
from domain.shared.ids import ExternalId
from domain.shared.notices import NoticeKind
from tests.contract.connections.test_repositories import a_connection
from tests.support.clock import NOON

UNTIL = NOON + timedelta(days=90)
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
LINK = ExternalId("login-1")


def living(**facts: object) -> Connection:
    return a_connection(**({"consent_expires_at": UNTIL} | facts))


def test_nothing_is_offered_before_the_last_week() -> None:
    assert renewal_of(living(), UNTIL - WEEK - SECOND) == NO_RENEWAL


@pytest.mark.parametrize("status", [ConnectionStatus.ACTIVE, ConnectionStatus.DEGRADED])
def test_in_the_last_week_renewing_is_offered_until_the_providers_own_date(
    status: ConnectionStatus,
) -> None:
    offered = Renewal(RenewalState.OFFERED, by=UNTIL)

    assert renewal_of(living(status=status), UNTIL - WEEK) == offered
    assert renewal_of(living(status=status), UNTIL - SECOND) == offered


def test_a_provider_without_a_date_has_us_offer_nothing() -> None:
    assert renewal_of(living(consent_expires_at=None), NOON + timedelta(days=4_000)) == NO_RENEWAL
    assert watched_from(living(consent_expires_at=None)) is None


def test_a_date_that_has_passed_ends_the_consent() -> None:
    expired = Renewal(RenewalState.REQUIRED, reason="consent_expired")

    assert renewal_of(living(synced_at=UNTIL - WEEK), UNTIL) == expired
    assert renewal_of(living(synced_at=None), UNTIL) == expired


def test_a_bank_that_was_read_after_its_own_date_has_not_ended_it() -> None:
    read = living(synced_at=UNTIL + SECOND)

    assert renewal_of(read, UNTIL + WEEK).state is RenewalState.OFFERED


@pytest.mark.parametrize("error", ["bank_wants_sign_in", "access_gone", "link_broken"])
def test_a_login_error_requires_it_and_says_why(error: str) -> None:
    lapsed = living().consent_lapsed(error, NOON)

    assert renewal_of(lapsed, NOON) == Renewal(RenewalState.REQUIRED, reason=error)
    assert renewal_of(lapsed, UNTIL).reason == "consent_expired"


@pytest.mark.parametrize("erase", [True, False])
def test_what_was_withdrawn_needs_no_renewal(*, erase: bool) -> None:
    gone = living().withdrawn(erase=erase)

    assert renewal_of(gone, UNTIL) == NO_RENEWAL
    assert renewal_of(gone.disconnected(), UNTIL) == NO_RENEWAL
    assert look_at(gone, NOON) is None


def test_a_consent_is_looked_at_a_week_before_its_end_and_at_its_end() -> None:
    assert look_at(living(), NOON) == UNTIL - WEEK
    assert look_at(living(), UNTIL - WEEK) == UNTIL
    assert look_at(living(), UNTIL) is None
    assert look_at(living().consent_lapsed("bank_wants_sign_in", NOON), NOON) is None


def test_the_news_of_a_lapse_say_which_one_it_is() -> None:
    connection = living()

    assert told_of_lapse(connection, NOON, withdrawn=False) is NoticeKind.RENEWAL_REQUIRED
    assert told_of_lapse(connection, UNTIL, withdrawn=False) is NoticeKind.CONSENT_EXPIRED
    assert told_of_lapse(connection, UNTIL, withdrawn=True) is NoticeKind.ACCESS_WITHDRAWN_AT_BANK


def test_a_date_that_moves_out_of_the_last_week_begins_a_new_consent() -> None:
    late = UNTIL - timedelta(days=2)
    prolonged = living().consent_until(UNTIL + timedelta(days=90), late)

    assert prolonged.granted_at == late
    assert prolonged.consent_expires_at == UNTIL + timedelta(days=90)


@pytest.mark.parametrize(
    ("until", "at"),
    [
        (UNTIL + timedelta(days=90), NOON),  # far from its end, as sliding dates do at each sync
        (UNTIL + timedelta(days=1), UNTIL - timedelta(days=2)),  # still in the last week
        (UNTIL - timedelta(days=30), NOON),  # shortened
        (None, UNTIL - timedelta(days=2)),  # the provider says nothing: its last word stands
    ],
)
def test_any_other_date_goes_on_with_the_same_consent(until: object, at: object) -> None:
    moved = living().consent_until(until, at)  # type: ignore[arg-type] # dates from the list above

    assert moved.granted_at == NOON
    assert moved.consent_expires_at == (until or UNTIL)


def test_a_lapse_lasts_from_the_first_refusal_until_the_bank_was_read_again() -> None:
    lapsed = living().consent_lapsed("bank_wants_sign_in", NOON + WEEK)
    again = lapsed.sign_in_repaired().consent_lapsed("bank_wants_sign_in", NOON + 2 * WEEK)
    assert again.lapsed_at == NOON + WEEK
    assert again.granted_at == NOON, "a repair that nobody confirmed begins nothing"

    read = again.sign_in_repaired().synced("c", again.wanted + 1, NOON + 3 * WEEK)
    assert (read.lapsed_at, read.granted_at) == (None, NOON + 3 * WEEK)


def test_reading_on_keeps_the_consent_that_is_there() -> None:
    assert living().synced("c", 1, NOON + WEEK).granted_at == NOON


def test_a_refresh_of_the_link_shows_that_it_works_only_if_it_is_newer_than_the_lapse() -> None:
    refreshed = Told(happening=Happening.TRANSACTIONS_CHANGED, link=LINK, at=NOON)

    assert refreshed.shows_it_works_since(NOON - SECOND)
    assert not refreshed.shows_it_works_since(NOON)
    assert not refreshed.shows_it_works_since(None)
    assert not replace(refreshed, at=None).shows_it_works_since(NOON - SECOND)
    assert not replace(refreshed, link=None).shows_it_works_since(NOON - SECOND)
    failed = replace(refreshed, happening=Happening.SIGN_IN_REQUIRED)
    assert not failed.shows_it_works_since(NOON - SECOND)
