"""Which accounts statement files may be imported into."""

from collections.abc import Sequence

from application.ledger.ports import LedgerTx
from domain.ledger.account import Account, AccountOrigin
from domain.ledger.errors import BankAccountImportError


async def ensure_takes_statements(tx: LedgerTx, account: Account) -> None:
    """A bank's account takes files only if the person said that it is the one they are of.

    Raises BankAccountImportError.
    """
    if await tx.accounts.statements_of(account.id) is None:
        account.ensure_takes_statements()


async def of_number(
    tx: LedgerTx, number: str, currency: str, other_name: str | None
) -> Account | None:
    """The account of that number that takes files; None: none is there, or it shall be another.

    `other_name` is what the person wants the file's account to be called: if no account of that
    number is called so, it is a new one, and whether the two are one is asked.

    Raises BankAccountImportError.
    """
    found: Sequence[Account] = await tx.accounts.with_number(number, currency)
    for one in found:
        try:
            await ensure_takes_statements(tx, one)
        except BankAccountImportError:
            continue
        return one
    if found and (other_name is None or other_name in {one.name for one in found}):
        found[0].ensure_takes_statements()
    return None


def ours_first(found: Sequence[Account]) -> Sequence[Account]:
    """Accounts that take statements before those of the same name that a bank feeds."""
    return sorted(found, key=lambda one: one.origin is AccountOrigin.CONNECTION)
