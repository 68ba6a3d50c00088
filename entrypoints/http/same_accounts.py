"""Accounts that are one: what is proposed, joining and separating, and where feeds disagree."""

from collections.abc import Sequence
from typing import TypeVar
from uuid import UUID

import msgspec
from dishka import FromDishka
from dishka.integrations.litestar import DishkaRouter
from litestar import Response, Router, get, post
from litestar.params import FromPath, JSONBody

from application.ledger.one_account.join import JoinAccountsCommand, JoinedAccount
from application.ledger.one_account.outcome import Outcome
from application.ledger.one_account.request_join import RequestJoin
from application.ledger.one_account.request_separate import RequestSeparate
from application.ledger.one_account.same_accounts import (
    ConfirmSameAccount,
    DismissSameAccount,
    ListSameAccounts,
    ProposalPlace,
    SameAccountCommand,
    SameAccountProposal,
)
from application.ledger.one_account.separate import SeparatedAccount, SeparateFeedCommand
from application.ledger.one_account.show import (
    AccountQuery,
    DisagreementsQuery,
    DisagreementView,
    FeedOfAccountView,
    ListDisagreements,
    ListFeedsOfAccount,
)
from application.shared.caller import Caller
from application.shared.idempotency import IdempotencyKey
from domain.ledger.one_account.disagreements import Place
from domain.ledger.one_account.same import SameAccountId
from domain.shared.ids import AccountId, FeedId
from domain.shared.scopes import Scope
from entrypoints.http.envelope import Data, Listing, Replay
from entrypoints.http.pages import LIMIT_DEFAULT, Cursor, Cursors, Limit
from entrypoints.http.replies import Reply

T = TypeVar("T")


class OtherAccount(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An account that is the same as this one."""

    other_account_id: UUID


class FeedToSeparate(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One of the account's feeds, as `GET /accounts/{id}/feeds` names it."""

    feed_id: UUID


class JobAccepted(msgspec.Struct, frozen=True):
    """Too much to be done while you wait: `GET /jobs/{job_id}` says how far it is."""

    job_id: UUID


@get("/accounts/same", name="accounts.same", scope=Scope.LEDGER_READ)
async def list_same_accounts(
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    same: FromDishka[ListSameAccounts],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[SameAccountProposal]:
    """Accounts of yours that may be one, seen twice; the surest first.

    Until you say, they are two, and net worth and sums count both.
    """
    filters = ("accounts.same", caller.user_id)
    after = cursors.read(cursor, filters, ProposalPlace)
    found = await same(caller.user_id, after, limit + 1)
    return cursors.page(found, limit, lambda one: one.place, filters)


@post(
    "/accounts/same/{same_account_id:uuid}/confirm",
    status_code=200,
    name="accounts.same.confirm",
    scope=Scope.LEDGER_WRITE,
    later=Data[JobAccepted],
)
async def confirm_same_account(
    same_account_id: FromPath[UUID],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    confirm: FromDishka[ConfirmSameAccount],
) -> Response[Data[JoinedAccount]]:
    """They are one: the older account goes on, with one set of transactions.

    Said again, the answer is the same, with figures as they are by then. Accounts of more than
    2,000 transactions together are made one by a job (202).
    """
    command = SameAccountCommand(caller.user_id, SameAccountId(same_account_id))
    return _answer(await confirm(command, key))


@post(
    "/accounts/same/{same_account_id:uuid}/dismiss",
    status_code=204,
    name="accounts.same.dismiss",
    scope=Scope.LEDGER_WRITE,
)
async def dismiss_same_account(
    same_account_id: FromPath[UUID],
    caller: FromDishka[Caller],
    dismiss: FromDishka[DismissSameAccount],
) -> None:
    """They are two. Nobody proposes it again. Said again, nothing happens."""
    await dismiss(SameAccountCommand(caller.user_id, SameAccountId(same_account_id)))


@post(
    "/accounts/{account_id:uuid}/join",
    status_code=200,
    name="accounts.join",
    scope=Scope.LEDGER_WRITE,
    later=Data[JobAccepted],
)
async def join_accounts(
    account_id: FromPath[UUID],
    data: JSONBody[OtherAccount],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    join: FromDishka[RequestJoin],
) -> Response[Data[JoinedAccount]]:
    """Say that two accounts are one, whether anybody proposed it or not.

    What you said of transactions stays. `separate` takes them apart again. Accounts of more than
    2,000 transactions together are made one by a job (202); while it is at it, asking again leads
    to the same job.
    """
    other = AccountId(data.other_account_id)
    command = JoinAccountsCommand(caller.user_id, AccountId(account_id), other)
    return _answer(await join(command, key))


@post(
    "/accounts/{account_id:uuid}/separate",
    status_code=200,
    name="accounts.separate",
    scope=Scope.LEDGER_WRITE,
    later=Data[JobAccepted],
)
async def separate_feed(
    account_id: FromPath[UUID],
    data: JSONBody[FeedToSeparate],
    caller: FromDishka[Caller],
    key: FromDishka[IdempotencyKey | None],
    separate: FromDishka[RequestSeparate],
) -> Response[Data[SeparatedAccount]]:
    """Give one of the account's feeds an account of its own, with what it told of.

    What you said since they were joined stays with this account. Of an account of more than 2,000
    transactions, a job does it (202); while it is at it, asking again leads to the same job.
    """
    feed_id = FeedId(data.feed_id)
    command = SeparateFeedCommand(caller.user_id, AccountId(account_id), feed_id)
    return _answer(await separate(command, key))


@get("/accounts/{account_id:uuid}/feeds", name="accounts.feeds", scope=Scope.LEDGER_READ)
async def list_feeds(
    account_id: FromPath[UUID],
    caller: FromDishka[Caller],
    feeds: FromDishka[ListFeedsOfAccount],
) -> Data[Sequence[FeedOfAccountView]]:
    """Who tells of the account: bank links, and statement files."""
    return Data(await feeds(AccountQuery(caller.user_id, AccountId(account_id))))


@get(
    "/accounts/{account_id:uuid}/disagreements",
    name="accounts.disagreements",
    scope=Scope.LEDGER_READ,
)
async def list_disagreements(
    *,
    account_id: FromPath[UUID],
    caller: FromDishka[Caller],
    cursors: FromDishka[Cursors],
    disagreements: FromDishka[ListDisagreements],
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Listing[DisagreementView]:
    """Where the account's feeds say different things, newest first.

    Amounts, days (by more than three), what one took back, or never told of though it told of
    that day, and balances of one day. They go when the feeds agree.
    """
    filters = ("disagreements", caller.user_id, account_id)
    after = cursors.read(cursor, filters, Place)
    query = DisagreementsQuery(caller.user_id, AccountId(account_id), after, limit + 1)
    return cursors.page(await disagreements(query), limit, lambda one: one.place, filters)


def _answer(outcome: Outcome[T]) -> Response[Data[T]]:
    """What was done, or the job that is on it."""
    shape = Replay if outcome.replayed else Data
    if outcome.job_id is not None:
        return Reply(shape(JobAccepted(outcome.job_id)), status_code=202)
    return Reply(shape(outcome.done), status_code=200)


def same_accounts_router() -> Router:
    return DishkaRouter(
        "/api/v1",
        route_handlers=[
            list_same_accounts,
            confirm_same_account,
            dismiss_same_account,
            join_accounts,
            separate_feed,
            list_feeds,
            list_disagreements,
        ],
        tags=["ledger"],
    )
