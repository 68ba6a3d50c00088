"""Accounts that may be one: what is proposed, and what the person says of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from application.ledger.one_account.join import JoinAccountsCommand, JoinedAccount
from application.ledger.one_account.outcome import Outcome, earlier
from application.ledger.one_account.request_join import (
    RequestJoin,
    being_joined,
    joined_from,
    kept_of,
)
from application.ledger.ports import BeginLedgerTx, LedgerTx
from application.shared.idempotency import IdempotencyKey
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.errors_one_account import (
    AccountJoinedError,
    SameAccountAnsweredError,
    SameAccountProposalNotFoundError,
)
from domain.ledger.one_account.same import SameAccount, SameAccountId, SameBy, pair_of, proposals
from domain.shared.ids import AccountId, UserId
from domain.shared.money import Money


@dataclass(frozen=True, slots=True)
class AccountInBrief:
    id: UUID
    name: str
    origin: AccountOrigin
    number: str | None
    institution: str | None
    balance: Money | None
    """As a bank or a statement last said."""


@dataclass(frozen=True, slots=True)
class SameAccountProposal:
    """Two accounts that may be one. Until you say, both count: in net worth, it is there twice."""

    id: UUID
    account: AccountInBrief
    """The older one, which would go on."""
    other: AccountInBrief
    confidence: int
    """Per cent."""
    evidence: Sequence[SameBy]

    @property
    def place(self) -> "ProposalPlace":
        return ProposalPlace(-self.confidence, self.account.id, self.other.id)


class ProposalPlace(NamedTuple):
    """Where a proposal stands in the list, the lowest first."""

    unsureness: int
    account: UUID
    other: UUID


@dataclass(frozen=True, slots=True)
class ListSameAccounts:
    """What may be one account, the surest first; it follows from the accounts as they are."""

    begin: BeginLedgerTx

    async def __call__(
        self, owner: UserId, after: ProposalPlace | None = None, limit: int | None = None
    ) -> Sequence[SameAccountProposal]:
        """Those after that place, `limit` at most; all of them when neither is said."""
        found = await self._all(owner)
        return [one for one in found if after is None or one.place > after][:limit]

    async def _all(self, owner: UserId) -> Sequence[SameAccountProposal]:
        async with self.begin(owner) as tx:
            accounts = {one.account.id: one.account for one in await tx.joined.fed()}
            return [
                SameAccountProposal(
                    id=one.id,
                    account=_brief(accounts[one.pair[0]]),
                    other=_brief(accounts[one.pair[1]]),
                    confidence=one.confidence,
                    evidence=one.evidence,
                )
                for one in await _all_open(tx)
            ]


@dataclass(frozen=True, slots=True)
class SameAccountCommand:
    owner: UserId
    proposal_id: SameAccountId


@dataclass(frozen=True, slots=True)
class ConfirmSameAccount:
    """They are one. Said again, the answer is the same, with the figures that hold by now.

    Raises SameAccountProposalNotFoundError, SameAccountAnsweredError, and what JoinAccounts raises.
    """

    begin: BeginLedgerTx
    join: RequestJoin

    async def __call__(
        self, command: SameAccountCommand, key: IdempotencyKey | None = None
    ) -> Outcome[JoinedAccount]:
        async with self.begin(command.owner) as tx:
            before = await earlier(tx, key, joined_from)
            if before is not None:
                return before
            found = await _open(tx, command.proposal_id)
            if found is None:
                return await _answered(tx, command.proposal_id, key)
        try:
            return await self.join(JoinAccountsCommand(command.owner, *found.pair), key)
        except AccountJoinedError:
            # Somebody else said so in that moment.
            async with self.begin(command.owner) as tx:
                return await _answered(tx, command.proposal_id, key)


@dataclass(frozen=True, slots=True)
class DismissSameAccount:
    """They are two, and nobody proposes it again. Said again, nothing happens.

    Raises SameAccountProposalNotFoundError, SameAccountAnsweredError.
    """

    begin: BeginLedgerTx

    async def __call__(self, command: SameAccountCommand) -> None:
        async with self.begin(command.owner) as tx:
            # Not to wait for a job that makes them one just now.
            await _ensure_not_one(tx, command.proposal_id)
            await tx.accounts.lock_all()
            await _ensure_not_one(tx, command.proposal_id)
            if command.proposal_id in await tx.joined.dismissed():
                return
            found = await _open(tx, command.proposal_id)
            if found is None:
                raise SameAccountProposalNotFoundError(command.proposal_id)
            await tx.joined.dismiss(found.id)
            facts: dict[str, str | int | bool | None] = {
                "account_id": str(found.pair[0]),
                "other_account_id": str(found.pair[1]),
            }
            await tx.audit.record(command.owner, "ledger.same_account_dismissed", facts)
            await tx.commit()


async def _ensure_not_one(tx: LedgerTx, proposal_id: SameAccountId) -> None:
    """Raises SameAccountAnsweredError: by the person's word they are one, or will be."""
    proposed = (one.pair for one in proposals(await tx.joined.fed()) if one.id == proposal_id)
    pair = next(proposed, None)
    under_way = pair is not None and await being_joined(tx, *pair) is not None
    if under_way or await _one_by_now(tx, proposal_id) is not None:
        raise SameAccountAnsweredError(proposal_id, one=True)


async def _all_open(tx: LedgerTx) -> Sequence[SameAccount]:
    return proposals(await tx.joined.fed(), await tx.joined.dismissed())


async def _open(tx: LedgerTx, proposal_id: SameAccountId) -> SameAccount | None:
    return next((one for one in await _all_open(tx) if one.id == proposal_id), None)


async def _answered(
    tx: LedgerTx, proposal_id: SameAccountId, key: IdempotencyKey | None
) -> Outcome[JoinedAccount]:
    outcome = Outcome(await _as_it_is(tx, proposal_id))
    if key is not None:
        await tx.idempotency.keep(key, kept_of(outcome))
        await tx.commit()
    return outcome


async def _as_it_is(tx: LedgerTx, proposal_id: SameAccountId) -> JoinedAccount:
    """What became of two accounts that the person said are one."""
    now = await _one_by_now(tx, proposal_id)
    if now is None:
        if proposal_id in await tx.joined.dismissed():
            raise SameAccountAnsweredError(proposal_id, one=False)
        raise SameAccountProposalNotFoundError(proposal_id)
    account_id, former = now
    joined = await tx.tellings.told_by_several(account_id)
    asked = await tx.suggestions.standing([account_id])
    return JoinedAccount(account_id, former, joined, len(asked))


async def _one_by_now(
    tx: LedgerTx, proposal_id: SameAccountId
) -> tuple[AccountId, AccountId] | None:
    """The one account that the two are now, and the one of them that became part of it."""
    parts: defaultdict[AccountId, set[AccountId]] = defaultdict(set)
    for former, account_id in (await tx.joined.former()).items():
        parts[account_id] |= {former, account_id}
    pair = pair_of(proposal_id, parts.values())
    if pair is None:
        return None
    (account_id,) = (one for one, those in parts.items() if those.issuperset(pair))
    if not await tx.accounts.is_there(account_id):
        return None
    return account_id, max(each for each in pair if each != account_id)


def _brief(account: Account) -> AccountInBrief:
    return AccountInBrief(
        id=account.id,
        name=account.name,
        origin=account.origin,
        number=account.number,
        institution=account.institution,
        balance=None if account.anchor is None else account.anchor.booked,
    )
