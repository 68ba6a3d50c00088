"""How much of the ledger is proved by statements, and months that are closed."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Router, delete, get, post
from litestar.params import FromPath, FromQuery, QueryParameter

from application.ledger.proofs.close_month import CloseMonth, CloseMonthCommand
from application.ledger.proofs.coverage import AccountCoverageView, ClosedView, CoverageView
from application.ledger.proofs.reopen_month import ReopenMonth, ReopenMonthCommand
from application.ledger.proofs.report import closed_view
from application.ledger.proofs.show_coverage import (
    CoverageQuery,
    ShowCoverage,
    SummariseCoverage,
)
from application.shared.caller import Caller
from domain.ledger.proofs.closing import ReopenedFor
from domain.ledger.proofs.month_names import month_named
from domain.ledger.proofs.months import AccountMonth
from domain.shared.ids import AccountId, UserId
from domain.shared.scopes import Scope
from entrypoints.http.checks import ensure_order
from entrypoints.http.envelope import Data

First = Annotated[
    date | None,
    QueryParameter(
        name="from",
        description="Default: the first day of the month a year ago. At most ten years before.",
    ),
]
Last = Annotated[date | None, QueryParameter(name="to", description="Default: today.")]


class Reason(StrEnum):
    """Why a person opens a month again."""

    CORRECTION = ReopenedFor.CORRECTION
    LATE_CHANGE = ReopenedFor.LATE_CHANGE
    MISTAKE = ReopenedFor.MISTAKE
    OTHER = ReopenedFor.OTHER


class ReopenedOut(msgspec.Struct, frozen=True):
    late_changes: int
    """What banks and statements said of the month meanwhile; it is followed within moments."""


@get("/coverage", name="coverage.summary", scope=Scope.LEDGER_READ, refuses=(422,))
async def summarise_coverage(
    caller: FromDishka[Caller],
    summarise: FromDishka[SummariseCoverage],
    first: First = None,
    last: Last = None,
) -> Data[Sequence[AccountCoverageView]]:
    """How many days and months of every account are proved, mismatched, or missing a statement."""
    return Data(await summarise(_query(caller.user_id, first, last)))


@get(
    "/accounts/{account_id:uuid}/coverage",
    name="coverage.account",
    scope=Scope.LEDGER_READ,
    refuses=(410, 422),
)
async def show_coverage(
    account_id: FromPath[UUID],
    caller: FromDishka[Caller],
    show: FromDishka[ShowCoverage],
    first: First = None,
    last: Last = None,
) -> Data[CoverageView]:
    """Where opening balance + booked transactions = closing balance, and where not, or unknown.

    By month and by period, with what waits for closed months. Pending transactions never count.
    """
    query = _query(caller.user_id, first, last)
    return Data(await show(query, AccountId(account_id)))


@post(
    "/accounts/{account_id:uuid}/months/{month:str}/close",
    status_code=200,
    name="months.close",
    scope=Scope.LEDGER_WRITE,
)
async def close_month(
    account_id: FromPath[UUID],
    month: FromPath[str],
    caller: FromDishka[Caller],
    close: FromDishka[CloseMonth],
) -> Data[ClosedView]:
    """Close a month that statements prove: what it comes to is final until you open it again.

    A month is written `2026-03`. On an account that you keep by hand, your word is enough.
    """
    which = AccountMonth(AccountId(account_id), month_named(month))
    return Data(closed_view(await close(CloseMonthCommand(caller.user_id, which))))


@delete(
    "/accounts/{account_id:uuid}/months/{month:str}/close",
    status_code=200,
    name="months.reopen",
    scope=Scope.LEDGER_WRITE,
)
async def reopen_month(
    account_id: FromPath[UUID],
    month: FromPath[str],
    caller: FromDishka[Caller],
    reopen: FromDishka[ReopenMonth],
    reason: FromQuery[Reason],
) -> Data[ReopenedOut]:
    """Open a closed month again. The reason is kept in your audit trail."""
    which = AccountMonth(AccountId(account_id), month_named(month))
    command = ReopenMonthCommand(caller.user_id, which, ReopenedFor(reason.value))
    done = await reopen(command)
    return Data(ReopenedOut(done.late_changes))


def coverage_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[summarise_coverage, show_coverage, close_month, reopen_month],
        tags=["ledger"],
    )


def _query(owner: UserId, first: date | None, last: date | None) -> CoverageQuery:
    ensure_order(first, last)
    return CoverageQuery(owner, first, last)
