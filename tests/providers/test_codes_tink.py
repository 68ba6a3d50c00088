"""Every error of Tink's documentation, over the wire: what the adapter makes of it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import msgspec
import pytest

from adapters.outbound.remedy import Remedy
from adapters.tink import shapes
from adapters.tink.consent import STATUSES, remedy_for
from adapters.tink.gateway import TinkGateway
from application.connections.gateway import (
    AccessGoneError,
    FeedNotReadyError,
    LinkBrokenError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from domain.shared.errors import DalerError
from tests.providers import codes_tink as documented
from tests.providers.codes_tink import Reason
from tests.providers.server import Answer, Asked, told
from tests.providers.support import ANNA, STATE, ends_in
from tests.providers.test_tink import ACCESS, Stand, Tink, a_consent, a_stand, failing, shape

READING: Final[Mapping[Remedy, type[DalerError] | None]] = {
    Remedy.READ: None,
    Remedy.LOOK_AGAIN: FeedNotReadyError,
    Remedy.RETRY: ProviderUnavailableError,
    Remedy.SLOW_DOWN: ProviderUnavailableError,
    Remedy.BEGIN_AFRESH: UpdateChangedError,
    Remedy.SIGN_IN: RenewalRequiredError,
    Remedy.TELL: LinkBrokenError,
    Remedy.LINK_ANEW: AccessGoneError,
    Remedy.ALARM: ProviderMisconfiguredError,
}


# Consents


def test_the_adapter_knows_the_twelve_states_of_a_consent() -> None:
    assert dict(STATUSES) == documented.STATUSES
    assert len(STATUSES) == 12


@pytest.mark.parametrize("status", [*documented.STATUSES, "REIMAGINED", ""])
async def test_every_state_of_a_consent_says_what_to_do(status: str) -> None:
    expected = READING[documented.STATUSES.get(status, Remedy.READ)]
    async with a_stand(Tink(consents=[a_consent(status=status)])) as stand:
        await ends_in(expected, stand.tink.fetch(ACCESS, None, None))
        after = None if expected is FeedNotReadyError else expected
        await ends_in(after, stand.tink.consent_expires_at(ACCESS))


@pytest.mark.parametrize("retryable", [False, True])
@pytest.mark.parametrize("reason", documented.ALL_REASONS, ids=str)
@pytest.mark.parametrize("status", documented.STATUSES)
def test_every_reason_is_weighed_with_its_state(
    status: str, reason: Reason, *, retryable: bool
) -> None:
    raw = a_consent(status=status, detailedError=reason.error(retryable=retryable))
    consent = msgspec.convert(raw, shapes.Consent, strict=False)

    assert remedy_for(consent) is documented.remedy_of(status, reason, retryable=retryable)


@pytest.mark.parametrize("reason", documented.ALL_REASONS, ids=str)
@pytest.mark.parametrize("status", ["AUTHENTICATION_ERROR", "TEMPORARY_ERROR", "PERMANENT_ERROR"])
async def test_every_reason_is_shown_as_its_code(status: str, reason: Reason) -> None:
    error = reason.error(retryable=False)
    bank = Tink(consents=[a_consent(status=status, detailedError=error)])
    expected = READING[documented.remedy_of(status, reason, retryable=False)]
    async with a_stand(bank) as stand:
        raised = await ends_in(expected, stand.tink.fetch(ACCESS, None, None))

    assert reason.shown in str(raised)
    assert "for people" not in str(raised)


@pytest.mark.parametrize(
    "error",
    [
        {},
        {"type": None},
        {"type": "SOMETHING_NEW", "details": {}},
        {"type": "SOMETHING_NEW", "details": {"reason": "<b>", "retryable": "true"}},
        {"type": "PROVIDER_ERROR", "details": None},
    ],
)
async def test_reasons_that_are_new_or_missing_leave_it_to_the_state(error: object) -> None:
    for status in ("AUTHENTICATION_ERROR", "TEMPORARY_ERROR", "PERMANENT_ERROR"):
        bank = Tink(consents=[a_consent(status=status, detailedError=error)])
        async with a_stand(bank) as stand:
            raised = await ends_in(
                READING[documented.STATUSES[status]], stand.tink.fetch(ACCESS, None, None)
            )
            assert "<" not in str(raised)


@pytest.mark.parametrize("status", documented.STATUSES)
async def test_every_state_says_what_to_do_on_the_way_back_from_linking(status: str) -> None:
    expected = {
        Remedy.READ: None,
        Remedy.LOOK_AGAIN: None,
        Remedy.RETRY: ProviderUnavailableError,
    }.get(documented.STATUSES[status], LinkRefusedError)
    async with a_stand(Tink(consents=[a_consent(status=status)])) as stand:
        back = LinkReturn(ANNA, {"credentials_id": "c1"})
        raised = await ends_in(expected, stand.tink.complete_link(back))

    if isinstance(raised, LinkRefusedError):
        assert raised.reason == status


@pytest.mark.parametrize("status", documented.STATUSES)
async def test_a_consent_that_gives_nothing_is_linked_anew_instead_of_renewed(status: str) -> None:
    remedy = documented.STATUSES[status]
    expected = READING[remedy] if remedy in {Remedy.TELL, Remedy.LINK_ANEW} else None
    async with a_stand(Tink(consents=[a_consent(status=status)])) as stand:
        await ends_in(expected, stand.tink.begin_link(LinkRequest(ANNA, STATE, ACCESS)))


# Calls


@dataclass(frozen=True, slots=True)
class Refused:
    call: str
    status: int
    remedy: Remedy

    @property
    def method(self) -> str:
        return self.call.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.call.partition(" ")[2].partition("?")[0].replace("{id}", "c1")

    def meets(self, asked: Asked) -> bool:
        paged = "?" not in self.call or dict(asked.query).get("pageToken") == "p2"
        return (asked.method, asked.path) == (self.method, self.path) and paged

    @property
    def step(self) -> Callable[[TinkGateway], Awaitable[object]]:
        if self.method == "DELETE":
            return lambda one: one.revoke(ACCESS)
        if self.path.endswith(("create", "delegate")):
            return lambda one: one.begin_link(LinkRequest(ANNA, STATE))
        return _an_update


async def _an_update(gateway: TinkGateway) -> None:
    position = None
    for _ in range(4):
        page = await gateway.fetch(ACCESS, None, position)
        position = page.next_position


REFUSALS: Final = [
    Refused(call, status, remedy)
    for call, meanings in documented.CALLS.items()
    for status, remedy in meanings.items()
]


def paged(asked: Asked) -> Answer | None:
    if asked.path != "/data/v2/accounts" or "pageToken" in dict(asked.query):
        return None
    return told(shape("accounts") | {"nextPageToken": "p2"})


@asynccontextmanager
async def refusing(refused: Refused, body: object) -> AsyncIterator[Stand]:
    def instead(asked: Asked) -> Answer | None:
        return told(body, refused.status) if refused.meets(asked) else paged(asked)

    async with a_stand(Tink(instead=instead)) as stand:
        yield stand


@pytest.mark.parametrize("refused", REFUSALS, ids=[f"{one.call} {one.status}" for one in REFUSALS])
@pytest.mark.parametrize(
    "body", [{"errorMessage": "for developers", "errorCode": "a.code"}, {}, None, "<html>"]
)
async def test_every_refusal_of_every_call_says_what_to_do(refused: Refused, body: object) -> None:
    async with refusing(refused, body) as stand:
        raised = await ends_in(READING[refused.remedy], refused.step(stand.tink))

        assert any(refused.meets(asked) for asked in stand.server.asked)
        if refused.status == 401 and refused.path != "/api/v1/oauth/token":
            times = sum(refused.meets(asked) for asked in stand.server.asked)
            assert times == 2, "once more with a fresh token, and no more"
    if refused.remedy is Remedy.SLOW_DOWN:
        assert "too many calls" in str(raised)


@pytest.mark.parametrize(
    ("code", "remedy"), documented.TOKEN_ERRORS.items(), ids=documented.TOKEN_ERRORS
)
@pytest.mark.parametrize("form", ["OAuth", "Tink", "both"])
async def test_errors_of_the_token_endpoint_are_read_in_either_shape(
    code: str, remedy: Remedy, form: str
) -> None:
    answer = told(documented.token_shapes(code)[form], 401 if code == "invalid_client" else 400)
    async with a_stand(Tink(instead=failing("/api/v1/oauth/token", answer))) as stand:
        raised = await ends_in(READING[remedy], stand.tink.fetch(ACCESS, None, None))
        assert code in str(raised)
        calls = len(stand.server.asked)
        if remedy is Remedy.ALARM:
            await ends_in(ProviderUnavailableError, stand.tink.fetch(ACCESS, None, None))
            assert len(stand.server.asked) == calls, "wrong keys are not tried on and on"
