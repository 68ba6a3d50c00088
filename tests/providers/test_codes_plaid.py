"""Every error of Plaid's documentation, over the wire: what the adapter makes of it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Final

import pytest

from adapters.outbound.remedy import Remedy
from adapters.plaid.gateway import PlaidGateway
from adapters.plaid.problems import CODES, TYPES
from adapters.plaid.webhook_events import told_by
from application.connections.gateway import (
    AccessGoneError,
    LinkAgainError,
    LinkBrokenError,
    LinkCancelledError,
    LinkRefusedError,
    LinkRequest,
    LinkReturn,
    ProviderMisconfiguredError,
    ProviderUnavailableError,
    RenewalRequiredError,
    UpdateChangedError,
)
from domain.connections.webhook import Happening
from domain.shared.errors import DalerError
from domain.shared.secret import Secret
from tests.providers import codes_plaid as documented
from tests.providers.codes_plaid import Case
from tests.providers.server import Answer, Respond, Server, a_server, by_path, in_turn, told
from tests.providers.support import ANNA, STATE, a_plaid, plaid_settings

ACCESS: Final = Secret('{"token":"access-1","institution":"Fjord"}')
ITEM: Final = {"item_id": "item-1", "institution_name": "Fjord", "error": None}
PUBLIC: Final = LinkReturn(ANNA, {"public_token": "public-1"})

READING: Final[Mapping[Remedy, type[DalerError]]] = {
    Remedy.RETRY: ProviderUnavailableError,
    Remedy.SLOW_DOWN: ProviderUnavailableError,
    Remedy.BEGIN_AFRESH: UpdateChangedError,
    Remedy.SIGN_IN: RenewalRequiredError,
    Remedy.TELL: LinkBrokenError,
    Remedy.LINK_ANEW: AccessGoneError,
    Remedy.ALARM: ProviderMisconfiguredError,
    # Nobody links while somebody reads: an accident like any other.
    Remedy.LINK_AGAIN: ProviderUnavailableError,
}


@asynccontextmanager
async def a_stand(respond: Respond) -> AsyncIterator[tuple[PlaidGateway, Server]]:
    async with a_server(respond) as server, a_plaid(plaid_settings(server.url)) as plaid:
        yield plaid, server


def test_the_adapter_knows_every_code_and_type_that_is_documented_and_no_other() -> None:
    listed = {one.code for one in [*documented.CONDITIONS, *documented.LIMITS]}

    assert set(CODES) == listed - {"A_LIMIT_OF_TOMORROW", "SOMETHING_NEW"}
    assert dict(TYPES) == documented.TYPES
    assert len(TYPES) == 24


@pytest.mark.parametrize("case", documented.ALL, ids=str)
async def test_every_error_says_what_to_do_while_reading(case: Case) -> None:
    async with a_stand(in_turn(case.answer)) as (plaid, _):
        with pytest.raises(READING[case.remedy]) as raised:
            await plaid.fetch(ACCESS, None, None)

    assert type(raised.value) is READING[case.remedy]
    assert "for developers" not in str(raised.value)
    if isinstance(raised.value, ProviderUnavailableError):
        assert raised.value.retry_after_s == case.wait_s
        assert raised.value.reason.endswith(case.code)


@pytest.mark.parametrize("name", documented.BODIES)
async def test_an_answer_without_a_code_is_an_accident(name: str) -> None:
    async with a_stand(in_turn(documented.BODIES[name])) as (plaid, _):
        with pytest.raises(ProviderUnavailableError) as raised:
            await plaid.fetch(ACCESS, None, None)

    assert type(raised.value) is ProviderUnavailableError


async def test_the_code_decides_against_the_type_and_the_message_never() -> None:
    misleading = {
        "error_type": "RATE_LIMIT_EXCEEDED",
        "error_code": "ITEM_LOGIN_REQUIRED",
        "error_message": "ITEM_NOT_FOUND INVALID_API_KEYS",
        "display_message": "RATE_LIMIT",
    }
    async with a_stand(in_turn(told(misleading, 400))) as (plaid, _):
        with pytest.raises(RenewalRequiredError):
            await plaid.fetch(ACCESS, None, None)


async def test_the_limits_type_is_no_code() -> None:
    """`RATE_LIMIT_EXCEEDED` is never an error_code; should it be one, its type still decides."""
    case = Case("RATE_LIMIT_EXCEEDED", documented.LIMIT, Remedy.SLOW_DOWN, 400, 60)
    async with a_stand(in_turn(case.answer)) as (plaid, _):
        with pytest.raises(ProviderUnavailableError) as raised:
            await plaid.fetch(ACCESS, None, None)

    assert raised.value.retry_after_s == 60


LINKING: Final = {
    Remedy.RETRY: ProviderUnavailableError,
    Remedy.SLOW_DOWN: ProviderUnavailableError,
    Remedy.BEGIN_AFRESH: ProviderUnavailableError,
    Remedy.SIGN_IN: LinkRefusedError,
    Remedy.TELL: LinkRefusedError,
    Remedy.LINK_ANEW: LinkRefusedError,
    Remedy.ALARM: ProviderMisconfiguredError,
    Remedy.LINK_AGAIN: LinkAgainError,
}


@pytest.mark.parametrize("case", documented.ALL, ids=str)
async def test_every_error_says_what_to_do_while_linking(case: Case) -> None:
    async with a_stand(in_turn(case.answer)) as (plaid, server):
        with pytest.raises(LINKING[case.remedy]) as raised:
            await plaid.complete_link(PUBLIC)

    assert type(raised.value) is LINKING[case.remedy]
    assert "for developers" not in str(raised.value)
    assert server.paths() == ["/item/public_token/exchange"], "a public token works once"


@pytest.mark.parametrize("case", documented.ALL, ids=str)
async def test_a_link_that_is_made_is_kept_whatever_its_details_say(case: Case) -> None:
    """The public token is spent: without this link there would be none, and one at Plaid's."""
    exchanged = told({"access_token": "access-1", "item_id": "item-1"})
    async with a_stand(by_path(exchange=exchanged, get=case.answer)) as (plaid, _):
        if case.remedy is Remedy.LINK_ANEW:
            with pytest.raises(LinkRefusedError):
                await plaid.complete_link(PUBLIC)
            return
        granted = await plaid.complete_link(PUBLIC)

    assert granted.external_id == "item-1"
    assert "access-1" in granted.access.reveal()


OF_A_LINK: Final = frozenset({Remedy.SIGN_IN, Remedy.TELL, Remedy.LINK_ANEW})


@pytest.mark.parametrize("case", documented.ALL, ids=str)
async def test_what_an_item_says_of_itself_counts_when_it_is_about_the_link(case: Case) -> None:
    """`/item/get` answers 200 and carries the error inside: a bank that is down is no consent."""
    until = "2026-06-01T00:00:00Z"
    item = ITEM | {"error": case.body, "consent_expiration_time": until}
    async with a_stand(in_turn(told({"item": item}))) as (plaid, _):
        if case.remedy in OF_A_LINK:
            with pytest.raises(READING[case.remedy]):
                await plaid.consent_expires_at(ACCESS)
            with pytest.raises(LinkRefusedError) as refused:
                await plaid.complete_link(LinkReturn(ANNA, {}, ACCESS))
            assert refused.value.reason == case.code
            return
        expires = await plaid.consent_expires_at(ACCESS)
        renewed = await plaid.complete_link(LinkReturn(ANNA, {}, ACCESS))

    assert expires is not None
    assert renewed.consent_expires_at == expires


@pytest.mark.parametrize("case", [*documented.ALL], ids=str)
@pytest.mark.parametrize("status", [None, 400])
def test_errors_inside_webhooks_mean_the_same(case: Case, status: int | None) -> None:
    """There they carry a `status` besides, which is not looked at."""
    error = case.body | ({} if status is None else {"status": status})
    webhook = {"webhook_type": "ITEM", "webhook_code": "ERROR", "item_id": "i", "error": error}
    expected = {
        Remedy.SIGN_IN: Happening.SIGN_IN_REQUIRED,
        Remedy.TELL: Happening.LINK_BROKEN,
        Remedy.LINK_ANEW: Happening.LINK_BROKEN,
    }.get(case.remedy, Happening.BANK_TROUBLE)

    told_us = told_by(json.dumps(webhook).encode())

    assert (told_us.happening, told_us.link, told_us.reason) == (expected, "i", case.code)


def test_an_error_webhook_without_an_error_is_trouble_at_the_bank() -> None:
    webhook = {"webhook_type": "ITEM", "webhook_code": "ERROR", "item_id": "i", "error": None}

    assert told_by(json.dumps(webhook).encode()).happening is Happening.BANK_TROUBLE


UNWELL: Final = (ProviderUnavailableError, ProviderMisconfiguredError)
STOPPED: Final = (RenewalRequiredError, AccessGoneError)
Step = Callable[[PlaidGateway], Awaitable[object]]
STEPS: Final[Mapping[str, tuple[Step, tuple[type[DalerError], ...]]]] = {
    "begin": (lambda one: one.begin_link(LinkRequest(ANNA, STATE)), (*UNWELL, *STOPPED)),
    "renew": (lambda one: one.begin_link(LinkRequest(ANNA, STATE, ACCESS)), (*UNWELL, *STOPPED)),
    "complete": (
        lambda one: one.complete_link(PUBLIC),
        (*UNWELL, LinkCancelledError, LinkRefusedError, LinkAgainError),
    ),
    "fetch": (lambda one: one.fetch(ACCESS, None, None), (*UNWELL, *STOPPED, UpdateChangedError)),
    "expires": (lambda one: one.consent_expires_at(ACCESS), (*UNWELL, *STOPPED)),
    "revoke": (lambda one: one.revoke(ACCESS), (*UNWELL, RenewalRequiredError)),
}


@pytest.mark.parametrize("step", STEPS)
async def test_no_step_ends_in_anything_that_its_port_does_not_promise(step: str) -> None:
    take, promised = STEPS[step]
    for answer in [*(case.answer for case in documented.ALL), *documented.BODIES.values()]:
        async with a_stand(in_turn(answer)) as (plaid, _):
            try:
                await take(plaid)
            except promised:
                pass
            else:
                assert step == "revoke", "only what is gone already counts as done"


@pytest.mark.parametrize("code", ["INVALID_API_KEYS", "UNAUTHORIZED_ENVIRONMENT"])
async def test_a_fault_of_ours_opens_the_breaker_for_everybody(code: str) -> None:
    case = Case(code, documented.INPUT, Remedy.ALARM)
    async with a_stand(in_turn(case.answer)) as (plaid, server):
        with pytest.raises(ProviderMisconfiguredError):
            await plaid.fetch(ACCESS, None, None)
        for _ in range(3):
            with pytest.raises(ProviderUnavailableError, match=code) as spared:
                await plaid.consent_expires_at(ACCESS)
            assert spared.value.retry_after_s

    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "parameters",
    [
        {"error": "USER_CANCELLED"},
        {"error": "USER_EXIT"},
        {"error_code": "USER_EXIT"},
        {"error": "<b>USER"},
    ],
)
async def test_what_link_itself_says_on_the_way_back(parameters: dict[str, str]) -> None:
    async with a_stand(in_turn(Answer(500))) as (plaid, server):
        expected = LinkRefusedError if "<b>USER" in parameters.values() else LinkCancelledError
        with pytest.raises(expected) as raised:
            await plaid.complete_link(LinkReturn(ANNA, parameters))

    assert "<" not in str(raised.value)
    assert server.asked == []
