"""Every event of both providers that the documents list, in our own words."""

import json
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest

from adapters.plaid.webhook_events import told_by as plaid_told
from adapters.tink.webhook_events import told_by as tink_told
from application.connections.webhook_ports import WebhookUnreadableError
from domain.connections.webhook import Happening, Told
from domain.shared.ids import ExternalId

C1: Final = ExternalId("c1")
EXT: Final = ExternalId("ext-1")
A1: Final = ExternalId("a1")
I1: Final = ExternalId("item-1")
FINISHED: Final = datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)


def tink(event: str, **content: Any) -> bytes:  # noqa: ANN401 - JSON
    context = {"userId": "u1", "externalUserId": "ext-1"}
    return json.dumps({"context": context, "content": content, "event": event}).encode()


def refreshed(status: str, **more: Any) -> bytes:  # noqa: ANN401 - JSON
    return tink("refresh:finished", credentialsId="c1", credentialsStatus=status, **more)


def plaid(kind: str, code: str, **more: Any) -> bytes:  # noqa: ANN401 - JSON
    return json.dumps(
        {"webhook_type": kind, "webhook_code": code, "item_id": "item-1", **more}
    ).encode()


def item_error(code: str, kind: str = "ITEM_ERROR") -> bytes:
    error = {"error_type": kind, "error_code": code, "error_message": "?", "status": 400}
    return plaid("ITEM", "ERROR", error=error)


def of_link(happening: Happening, **more: Any) -> Told:  # noqa: ANN401 - a field of Told
    return Told(happening=happening, link=C1, **more)


def of_item(happening: Happening, **more: Any) -> Told:  # noqa: ANN401 - a field of Told
    return Told(happening=happening, link=I1, **more)


SESSION: Final = {"type": "AUTHORIZATION_ERROR", "details": {"reason": "SESSION_EXPIRED"}}
TINK: Final = {
    "refreshed": (
        refreshed("UPDATED", finished=1760000000000, source="OPERATION_SOURCE_BACKGROUND"),
        of_link(Happening.TRANSACTIONS_CHANGED, at=FINISHED),
    ),
    "refreshed, as the page about payments writes it": (
        refreshed("STATUS_UPDATED", sessionExpiryDate="1760000000000"),
        of_link(Happening.TRANSACTIONS_CHANGED, expires_at=FINISHED),
    ),
    "temporary error": (
        refreshed("TEMPORARY_ERROR"),
        of_link(Happening.BANK_TROUBLE, reason="TEMPORARY_ERROR"),
    ),
    "authentication error": (
        refreshed("AUTHENTICATION_ERROR", detailedError={"type": "USER_LOGIN_ERROR"}),
        of_link(Happening.SIGN_IN_REQUIRED, reason="USER_LOGIN_ERROR"),
    ),
    "session expired": (
        refreshed("SESSION_EXPIRED", detailedError=SESSION),
        of_link(Happening.SIGN_IN_REQUIRED, reason="SESSION_EXPIRED"),
    ),
    "permanent error": (
        refreshed("PERMANENT_ERROR"),
        of_link(Happening.LINK_BROKEN, reason="PERMANENT_ERROR"),
    ),
    "deleted": (
        refreshed("DELETED"),
        of_link(Happening.CONSENT_REVOKED, reason="DELETED"),
    ),
    "account created": (
        tink("account:created", id="a1"),
        Told(happening=Happening.ACCOUNTS_CHANGED, person=EXT, account=A1),
    ),
    "account updated": (
        tink("account:updated", id="a1"),
        Told(happening=Happening.ACCOUNTS_CHANGED, person=EXT, account=A1),
    ),
    "transactions modified": (
        tink(
            "account-transactions:modified",
            userId="u1",
            account={"id": "a1"},
            transactions={
                "earliestModifiedBookedDate": "2025-12-01",
                "latestModifiedBookedDate": "2025-12-24",
                "inserted": "3",
                "updated": 1,
            },
        ),
        Told(
            happening=Happening.TRANSACTIONS_CHANGED,
            person=EXT,
            account=A1,
            changed_since=date(2025, 12, 1),
        ),
    ),
    "booked transactions modified, without a date": (
        tink("account-booked-transactions:modified", account={"id": "a1"}, transactions={}),
        Told(happening=Happening.TRANSACTIONS_CHANGED, person=EXT, account=A1),
    ),
    "transactions deleted": (
        tink(
            "account-transactions:deleted",
            account={"id": "a1"},
            transactions={"ids": ["t1", "", "t2", "x" * 500]},
        ),
        Told(
            happening=Happening.TRANSACTIONS_CHANGED,
            person=EXT,
            account=A1,
            gone=(ExternalId("t1"), ExternalId("t2")),
        ),
    ),
    "a payment's": (tink("payment:updated"), Told(happening=Happening.NOTHING)),
    "one that is new": (tink("moon:full"), Told(happening=Happening.NOTHING)),
    "a status that is new": (refreshed("DREAMING"), of_link(Happening.NOTHING, reason="DREAMING")),
}
PLAID: Final = {
    "updates": (
        plaid("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", historical_update_complete=False),
        of_item(Happening.TRANSACTIONS_CHANGED),
    ),
    "the history is there": (
        plaid("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE", historical_update_complete=True),
        of_item(Happening.HISTORY_COMPLETE),
    ),
    **{
        f"legacy {code}": (plaid("TRANSACTIONS", code), Told(happening=Happening.NOTHING))
        for code in (
            "INITIAL_UPDATE",
            "HISTORICAL_UPDATE",
            "DEFAULT_UPDATE",
            "TRANSACTIONS_REMOVED",
            "RECURRING_TRANSACTIONS_UPDATE",
        )
    },
    "login required": (
        item_error("ITEM_LOGIN_REQUIRED"),
        of_item(Happening.SIGN_IN_REQUIRED, reason="ITEM_LOGIN_REQUIRED"),
    ),
    "item gone": (
        item_error("ITEM_NOT_FOUND"),
        of_item(Happening.LINK_BROKEN, reason="ITEM_NOT_FOUND"),
    ),
    "bank down": (
        item_error("INSTITUTION_DOWN", "INSTITUTION_ERROR"),
        of_item(Happening.BANK_TROUBLE, reason="INSTITUTION_DOWN"),
    ),
    "an error without one": (plaid("ITEM", "ERROR"), of_item(Happening.BANK_TROUBLE)),
    "pending expiration": (
        plaid("ITEM", "PENDING_EXPIRATION", consent_expiration_time="2025-10-09T08:53:20Z"),
        of_item(Happening.CONSENT_ENDS_SOON, expires_at=FINISHED),
    ),
    "pending expiration on a day that is none": (
        plaid("ITEM", "PENDING_EXPIRATION", consent_expiration_time="soon"),
        of_item(Happening.CONSENT_ENDS_SOON),
    ),
    "pending disconnect": (
        plaid("ITEM", "PENDING_DISCONNECT", reason="INSTITUTION_MIGRATION"),
        of_item(Happening.CONSENT_ENDS_SOON),
    ),
    "login repaired": (plaid("ITEM", "LOGIN_REPAIRED"), of_item(Happening.SIGN_IN_REPAIRED)),
    "permission revoked": (
        plaid("ITEM", "USER_PERMISSION_REVOKED"),
        of_item(Happening.CONSENT_REVOKED),
    ),
    "account revoked": (
        plaid("ITEM", "USER_ACCOUNT_REVOKED", account_id="a"),
        of_item(Happening.ACCOUNTS_CHANGED),
    ),
    "new accounts": (
        plaid("ITEM", "NEW_ACCOUNTS_AVAILABLE", error=None),
        of_item(Happening.NEW_ACCOUNTS),
    ),
    "acknowledged": (
        plaid("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED"),
        Told(happening=Happening.NOTHING),
    ),
    **{
        f"of {kind}": (plaid(kind, "DEFAULT_UPDATE"), Told(happening=Happening.NOTHING))
        for kind in ("LIABILITIES", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "LINK", "DREAMS")
    },
}


@pytest.mark.parametrize(("body", "told"), TINK.values(), ids=TINK.keys())
def test_what_tink_tells(body: bytes, told: Told) -> None:
    assert tink_told(body) == told


@pytest.mark.parametrize(("body", "told"), PLAID.values(), ids=PLAID.keys())
def test_what_plaid_tells(body: bytes, told: Told) -> None:
    assert plaid_told(body) == told


def test_every_happening_is_told_by_somebody() -> None:
    told = {one.happening for _, one in (*TINK.values(), *PLAID.values())}
    assert told == set(Happening)


@pytest.mark.parametrize("name", ["", "x" * 257])
def test_a_link_without_a_sensible_name_is_unreadable(name: str) -> None:
    with pytest.raises(WebhookUnreadableError):
        plaid_told(plaid("ITEM", "LOGIN_REPAIRED", item_id=name))
    with pytest.raises(WebhookUnreadableError):
        tink_told(tink("refresh:finished", credentialsId=name, credentialsStatus="UPDATED"))
