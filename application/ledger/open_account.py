from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from application.ledger.ports import BeginLedgerTx, LedgerChange, LedgerTx
from application.shared.chance import NewIds
from application.shared.clock import Clock
from application.shared.idempotency import IdempotencyKey
from domain.ledger.account import Account, AccountOrigin, Anchor
from domain.shared.events import LedgerChanged
from domain.shared.ids import AccountId, UserId
from domain.shared.money import Money
from domain.shared.observations import AccountKind

_LONG_AGO: Final = date(1900, 1, 1)
"""Before anything a person would write down."""


@dataclass(frozen=True, slots=True)
class OpenAccountCommand:
    owner: UserId
    name: str
    kind: AccountKind
    opening_balance: Money
    """What was there before the first transaction; also sets the account's currency."""
    opened_on: date | None = None
    """Transactions before this day are in the opening balance already; None: none are."""
    key: IdempotencyKey | None = None


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    id: AccountId
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Open a manual account: a wallet of cash, or whatever no bank reports."""

    begin: BeginLedgerTx
    clock: Clock
    ids: NewIds

    async def __call__(self, command: OpenAccountCommand) -> OpenedAccount:
        async with self.begin(command.owner) as tx:
            if command.key is not None:
                earlier = await tx.idempotency.earlier_result(command.key)
                if earlier is not None:
                    return OpenedAccount(AccountId(UUID(bytes=earlier)), replayed=True)
            account = await self._open(tx, command)
            if command.key is not None:
                await tx.idempotency.keep(command.key, account.id.bytes)
            await tx.commit()
        return OpenedAccount(account.id)

    async def _open(self, tx: LedgerTx, command: OpenAccountCommand) -> Account:
        account = Account(
            id=AccountId(self.ids.one()),
            owner=command.owner,
            name=command.name,
            kind=command.kind,
            currency=command.opening_balance.currency,
            origin=AccountOrigin.MANUAL,
            created_at=self.clock.now(),
        )
        first_day = command.opened_on or _LONG_AGO
        before = datetime.combine(first_day - timedelta(days=1), time.max, UTC)
        account = replace(account, anchor=Anchor(command.opening_balance, before))
        await tx.accounts.add(account)
        revision = await tx.revisions.next()
        await tx.revisions.record(
            LedgerChange(revision, "edit", None, None, (account.id,), 0, 0, 0)
        )
        await tx.outbox.append(LedgerChanged(account.owner, revision - 1, revision, (account.id,)))
        await tx.audit.record(
            command.owner, "ledger.account_opened", {"account_id": str(account.id)}
        )
        return account
