from domain.shared.errors import ConflictError, NotFoundError, RuleError
from domain.shared.ids import EntryId, TransferId


class TransferNotFoundError(NotFoundError):
    code = "transfer_not_found"

    def __init__(self, transfer_id: TransferId) -> None:
        super().__init__(f"there is no transfer {transfer_id}")
        self.transfer_id = transfer_id


class NoSuggestionError(ConflictError):
    """It was confirmed, dismissed, or overtaken by what the bank said since."""

    code = "transfer_not_suggested"

    def __init__(self, transfer_id: TransferId) -> None:
        super().__init__(f"transfer {transfer_id} is no open suggestion any more; read the list")
        self.transfer_id = transfer_id


class AlreadyInTransferError(ConflictError):
    code = "already_in_transfer"

    def __init__(self, entry_id: EntryId, transfer_id: TransferId) -> None:
        super().__init__(
            f"transaction {entry_id} is one side of transfer {transfer_id} already;"
            " take that one apart first"
        )
        self.entry_id, self.transfer_id = entry_id, transfer_id


class SameAccountError(RuleError):
    code = "transfer_within_account"

    def __init__(self, one: EntryId, other: EntryId) -> None:
        super().__init__(
            f"transactions {one} and {other} are on the same account; a transfer goes from one"
            " account to another"
        )


class NotOppositeError(RuleError):
    code = "transfer_not_opposite"

    def __init__(self, one: EntryId, other: EntryId) -> None:
        super().__init__(
            f"of transactions {one} and {other} one must leave an account and the other arrive"
        )


class TransferSideError(RuleError):
    """Money that left on one side cannot arrive there."""

    code = "transfer_side"

    def __init__(self, entry_id: EntryId, transfer_id: TransferId) -> None:
        super().__init__(
            f"transaction {entry_id} is one side of transfer {transfer_id}: its money goes the way"
            " that it goes; take the transfer apart first (DELETE /transfers/{id})"
        )
