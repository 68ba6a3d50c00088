from uuid import UUID

from domain.shared.errors import ConflictError, NotFoundError, RuleError
from domain.shared.ids import AccountId, EntryId


class AccountNotFoundError(NotFoundError):
    code = "account_not_found"

    def __init__(self, account_id: AccountId) -> None:
        super().__init__(f"there is no account {account_id}")
        self.account_id = account_id


class EntryNotFoundError(NotFoundError):
    code = "transaction_not_found"

    def __init__(self, entry_id: EntryId) -> None:
        super().__init__(f"there is no transaction {entry_id}")
        self.entry_id = entry_id


class ImportNotFoundError(NotFoundError):
    code = "import_not_found"

    def __init__(self, import_id: UUID) -> None:
        super().__init__(f"there is no import {import_id}")
        self.import_id = import_id


class StaleEntryError(ConflictError):
    code = "transaction_changed"

    def __init__(self, entry_id: EntryId) -> None:
        super().__init__(f"transaction {entry_id} was changed meanwhile; read it again")
        self.entry_id = entry_id


class AccountFedByBankError(RuleError):
    """What a bank or a statement says is theirs to say."""

    code = "account_fed_by_bank"

    def __init__(self, account_id: AccountId) -> None:
        super().__init__(
            f"account {account_id} is kept by its bank or statements: amounts and dates come from"
            " there, and a bank's account goes with its connection; your own transactions belong"
            " in a manual account"
        )
        self.account_id = account_id


class UnknownCategoryError(RuleError):
    code = "unknown_category"

    def __init__(self, category: str) -> None:
        super().__init__(f"{category[:40]!r} is not a category; GET /api/v1/categories lists them")
        self.category = category


class SplitDoesNotAddUpError(RuleError):
    code = "split_does_not_add_up"

    def __init__(self, total: str, parts: str) -> None:
        super().__init__(f"the parts add up to {parts}, the transaction is {total}")
        self.total, self.parts = total, parts


class SinglePartError(SplitDoesNotAddUpError):
    """Something is split into one part, which says no more than a category does."""

    def __init__(self, total: str) -> None:
        RuleError.__init__(
            self, "a split has at least two parts; for one category set `category` instead"
        )
        self.total, self.parts = total, total


class BankAccountImportError(AccountFedByBankError):
    """A file of an account that its bank tells us about anyway."""

    def __init__(self, account_id: AccountId, name: str) -> None:
        RuleError.__init__(
            self,
            f"account {name!r} is linked to its bank, which sends its transactions itself; a file"
            " of it would count them twice. Leave the file out, or give another account_name to"
            " keep it apart; once you have said that the two are one"
            " (POST /api/v1/accounts/{id}/join), its files may come here",
        )
        self.account_id = account_id


class OtherAccountsStatementError(RuleError):
    """The file is not of the account that it was to be imported into."""

    code = "statement_of_another_account"

    def __init__(self, account: str, file: str) -> None:
        super().__init__(
            f"the file is of {file}, not of {account}; import it into the account it is of,"
            " or leave account_id out and the file finds its account"
        )


class ImportFileGoneError(RuleError):
    code = "import_file_gone"

    def __init__(self, import_id: UUID) -> None:
        super().__init__(f"the file of import {import_id} is not kept any more; send it again")
        self.import_id = import_id
