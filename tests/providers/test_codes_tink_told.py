"""What Tink tells on its own account: the way back from Tink Link, and its webhooks."""

import json
from itertools import product
from typing import Any, Final

import pytest

from adapters.outbound.remedy import Remedy
from adapters.tink.redirects import ERRORS, Advice, advice_for
from adapters.tink.webhook_events import told_by
from application.connections.gateway import LinkCancelledError, LinkRefusedError, LinkReturn
from domain.connections.webhook import Happening
from tests.providers import codes_tink as documented
from tests.providers.codes_tink import Reason
from tests.providers.server import Answer, Asked, a_server
from tests.providers.support import ANNA, a_tink, ends_in, tink_settings
from tests.providers.test_tink import ACCESS, Tink, a_stand

# The way back from Tink Link


@pytest.mark.parametrize(
    ("parameters", "advice", "reason"), documented.REDIRECTS, ids=[str(n) for n in range(15)]
)
async def test_every_way_back_without_a_link_says_why_in_harmless_words(
    parameters: dict[str, str], advice: Advice, reason: str
) -> None:
    words = {
        Advice.AGAIN: "start linking again",
        Advice.LATER: "try again in a while",
        Advice.ADMINISTRATOR: "an administrator has to look",
    }
    async with a_stand() as stand:
        back = LinkReturn(ANNA, parameters | {"state": "s", "provider_name": "no-demo"})
        if advice is Advice.NOTHING:
            await ends_in(LinkCancelledError, stand.tink.complete_link(back))
        else:
            raised = await ends_in(LinkRefusedError, stand.tink.complete_link(back))
            assert isinstance(raised, LinkRefusedError)
            assert raised.reason == reason
            assert words[advice] in str(raised)
            assert f"({reason})" in str(raised)
            assert "<" not in str(raised)
        assert stand.server.asked == [], "a browser's words cost Tink nothing"
        # Anybody can write such an address: it opens no breaker.
        await stand.tink.fetch(ACCESS, None, None)


def test_every_error_of_tink_link_is_among_the_cases() -> None:
    assert set(ERRORS) <= {one[0]["error"] for one in documented.REDIRECTS}
    for parameters, advice, _ in documented.REDIRECTS:
        reason = parameters.get("error_reason") or parameters.get("error_type") or ""
        assert advice_for(parameters["error"], reason) is advice


# Webhooks

REFRESHED: Final = {
    Remedy.READ: Happening.TRANSACTIONS_CHANGED,
    Remedy.RETRY: Happening.BANK_TROUBLE,
    Remedy.SIGN_IN: Happening.SIGN_IN_REQUIRED,
    Remedy.TELL: Happening.LINK_BROKEN,
    Remedy.LINK_ANEW: Happening.CONSENT_REVOKED,
    Remedy.LOOK_AGAIN: Happening.NOTHING,
}


def event(name: str, **content: Any) -> bytes:  # noqa: ANN401 - JSON
    context = {"userId": "u1", "externalUserId": "ext-1"}
    return json.dumps({"context": context, "content": content, "event": name}).encode()


@pytest.mark.parametrize("prefix", ["", "STATUS_"])
@pytest.mark.parametrize("status", documented.STATUSES)
def test_every_state_means_the_same_in_a_webhook_with_either_spelling(
    status: str, prefix: str
) -> None:
    body = event("refresh:finished", credentialsId="c1", credentialsStatus=prefix + status)

    assert told_by(body).happening is REFRESHED[documented.STATUSES[status]]


@pytest.mark.parametrize("reason", documented.ALL_REASONS, ids=str)
def test_every_reason_is_passed_on_from_a_webhook(reason: Reason) -> None:
    body = event(
        "refresh:finished",
        credentialsId="c1",
        credentialsStatus="AUTHENTICATION_ERROR",
        detailedError=reason.error(retryable=True),
        status="deprecated",
        source="OPERATION_SOURCE_OF_TOMORROW",
    )

    told_us = told_by(body)

    assert (told_us.happening, told_us.reason) == (Happening.SIGN_IN_REQUIRED, reason.shown)


COUNTS: Final = [0, 3, "0", "3", None, "many", {"new": 1}]


@pytest.mark.parametrize("name", ["account-transactions", "account-booked-transactions"])
@pytest.mark.parametrize(("inserted", "deleted"), list(product(COUNTS, COUNTS)))
def test_counts_may_be_texts_or_numbers_or_missing(
    name: str, inserted: object, deleted: object
) -> None:
    """The table says text, the samples say number; a window of days is what counts."""
    window = {"earliestModifiedBookedDate": "2026-01-02", "latestModifiedBookedDate": "2026-01-09"}
    counts = {"inserted": inserted, "updated": "1", "deleted": deleted}
    body = event(
        f"{name}:modified", userId="u1", account={"id": "a1"}, transactions=window | counts
    )

    told_us = told_by(body)

    assert told_us.happening is Happening.TRANSACTIONS_CHANGED
    assert (told_us.account, str(told_us.changed_since)) == ("a1", "2026-01-02")


@pytest.mark.parametrize("moment", [1760000000000, "1760000000000"])
def test_moments_may_be_texts_or_numbers(moment: object) -> None:
    body = event(
        "refresh:finished",
        credentialsId="c1",
        credentialsStatus="UPDATED",
        finished=moment,
        sessionExpiryDate=moment,
    )

    told_us = told_by(body)

    assert told_us.at == told_us.expires_at
    assert told_us.at is not None
    assert told_us.at.timestamp() == 1760000000


async def test_a_person_whom_tink_does_not_know_has_nothing_to_be_revoked() -> None:
    def instead(asked: Asked) -> Answer | None:
        return Answer(404) if asked.path.endswith("authorization-grant") else None

    async with a_server(Tink(instead=instead)) as server, a_tink(tink_settings(server.url)) as tink:
        await tink.revoke(ACCESS)
        with pytest.raises(LinkRefusedError) as refused:
            await tink.complete_link(LinkReturn(ANNA, {"credentials_id": "c1"}))

    assert refused.value.reason == "UNKNOWN_CREDENTIALS"
