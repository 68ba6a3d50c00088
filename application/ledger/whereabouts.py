"""Where an account is: here, part of another one by now, or nowhere."""

from application.ledger.ports import LedgerTx
from domain.ledger.account import Account
from domain.ledger.errors import AccountNotFoundError
from domain.ledger.errors_one_account import AccountJoinedError
from domain.shared.ids import AccountId


async def account_of(tx: LedgerTx, account_id: AccountId) -> Account:
    """Locked. Raises AccountNotFoundError, AccountJoinedError."""
    try:
        return await tx.accounts.get(account_id)
    except AccountNotFoundError:
        await ensure_there(tx, account_id)
        raise


async def ensure_there(tx: LedgerTx, account_id: AccountId) -> None:
    """Nothing is locked. Raises AccountNotFoundError, AccountJoinedError."""
    if not await tx.accounts.is_there(account_id):
        into = await tx.joined.moved_to(account_id)
        raise (
            AccountNotFoundError(account_id)
            if into is None
            else AccountJoinedError(account_id, into)
        )
