"""Accounts that may be one: what is proposed, and what the person says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from application.ledger.one_account.join import JoinAccounts, JoinAccountsCommand, JoinedAccount
from application.ledger.ports import BeginLedgerTx, LedgerTx
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.errors_one_account import SameAccountProposalNotFoundError
from domain.ledger.one_account.same import SameAccount, SameAccountId, SameBy, proposals
from domain.shared.ids import UserId
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


@dataclass(frozen=True, slots=True)
class ListSameAccounts:
    """What may be one account, the surest first; it follows from the accounts as they are."""

    begin: BeginLedgerTx

    async def __call__(self, owner: UserId) -> Sequence[SameAccountProposal]:
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
                for one in await _open(tx)
            ]


@dataclass(frozen=True, slots=True)
class SameAccountCommand:
    owner: UserId
    proposal_id: SameAccountId


@dataclass(frozen=True, slots=True)
class ConfirmSameAccount:
    """They are one. Raises SameAccountProposalNotFoundError, and what JoinAccounts raises."""

    begin: BeginLedgerTx
    join: JoinAccounts

    async def __call__(self, command: SameAccountCommand) -> JoinedAccount:
        async with self.begin(command.owner) as tx:
            pair = _wanted(await _open(tx), command.proposal_id).pair
        return await self.join(JoinAccountsCommand(command.owner, *pair))


@dataclass(frozen=True, slots=True)
class DismissSameAccount:
    """They are two, and nobody proposes it again.

    Raises SameAccountProposalNotFoundError.
    """

    begin: BeginLedgerTx

    async def __call__(self, command: SameAccountCommand) -> None:
        async with self.begin(command.owner) as tx:
            if command.proposal_id in await tx.joined.dismissed():
                return
            found = _wanted(await _open(tx), command.proposal_id)
            await tx.joined.dismiss(found.id)
            facts: dict[str, str | int | bool | None] = {
                "account_id": str(found.pair[0]),
                "other_account_id": str(found.pair[1]),
            }
            await tx.audit.record(command.owner, "ledger.same_account_dismissed", facts)
            await tx.commit()


async def _open(tx: LedgerTx) -> Sequence[SameAccount]:
    return proposals(await tx.joined.fed(), await tx.joined.dismissed())


def _wanted(those: Sequence[SameAccount], proposal_id: SameAccountId) -> SameAccount:
    found = next((one for one in those if one.id == proposal_id), None)
    if found is None:
        raise SameAccountProposalNotFoundError(proposal_id)
    return found


def _brief(account: Account) -> AccountInBrief:
    return AccountInBrief(
        id=account.id,
        name=account.name,
        origin=account.origin,
        number=account.number,
        institution=account.institution,
        balance=None if account.anchor is None else account.anchor.booked,
    )
