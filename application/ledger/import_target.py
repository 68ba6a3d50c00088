"""Which accounts statement files may be imported into."""

from collections.abc import Sequence

from application.ledger.ports import LedgerTx
from domain.ledger.account import Account, AccountOrigin, AccountSource
from domain.ledger.errors import BankAccountImportError
from domain.ledger.one_account.told import TellerKind
from domain.shared.ids import FeedId


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


async def of_name(tx: LedgerTx, name: str, currency: str) -> Account | None:
    """The account that files of this name go to; None: none is there yet."""
    joined = await of_joined(tx, name, currency)
    if joined is not None:
        return await tx.accounts.get(joined.account_id)
    return await called_so(tx, name, currency)


async def called_so(tx: LedgerTx, name: str, currency: str) -> Account | None:
    """One that takes statements before one of the same name that a bank feeds."""
    found = await tx.accounts.named(name, currency)
    return min(found, key=lambda one: one.origin is AccountOrigin.CONNECTION, default=None)


async def of_joined(tx: LedgerTx, name: str, currency: str) -> AccountSource | None:
    """The feed of files that went by this name before their account was joined with another.

    The account has one name since, and files go on coming under theirs.
    """
    for account_id, tellers in (await tx.joined.joined()).items():
        for feed_id, teller in tellers.items():
            if teller.kind is not TellerKind.STATEMENT or teller.name != name:
                continue
            if (await tx.accounts.get(account_id)).currency == currency:
                names = await tx.accounts.of_feed(feed_id)
                return next(AccountSource(feed_id, one, account_id) for one in sorted(names))
    return None


async def called(tx: LedgerTx, account: Account, feed_id: FeedId) -> str:
    """What the account is called by one feed of files: not what a joined account is called."""
    tellers = (await tx.joined.joined()).get(account.id, {})
    return tellers[feed_id].name if feed_id in tellers else account.name
