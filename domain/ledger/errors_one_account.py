"""What can be wrong with accounts that are one, or are said to be."""

from uuid import UUID

from domain.shared.errors import ConflictError, GoneError, NotFoundError, RuleError
from domain.shared.ids import AccountId, FeedId


class AccountJoinedError(GoneError):
    """It goes on as another account."""

    code = "account_joined"

    def __init__(self, account_id: AccountId, into: AccountId) -> None:
        super().__init__(
            f"account {account_id} was joined into account {into}, which has all its transactions"
        )
        self.account_id, self.into = account_id, into


class SameAccountProposalNotFoundError(NotFoundError):
    code = "same_account_not_found"

    def __init__(self, proposal_id: UUID) -> None:
        super().__init__(
            f"nothing suggests any more that two accounts are one ({proposal_id}); list them again"
        )
        self.proposal_id = proposal_id


class SameAccountAnsweredError(ConflictError):
    """The person said the opposite before."""

    code = "same_account_answered"

    def __init__(self, proposal_id: UUID, *, one: bool) -> None:
        said = (
            "these accounts are one by your word, or will be in a moment; give a feed an account"
            " of its own again with"
            " POST /api/v1/accounts/{id}/separate"
            if one
            else "these accounts are two by your word; POST /api/v1/accounts/{id}/join makes them"
            " one all the same"
        )
        super().__init__(f"proposal {proposal_id} is answered: {said}")
        self.proposal_id = proposal_id


class NotAFeedOfAccountError(RuleError):
    code = "not_a_feed_of_account"

    def __init__(self, account_id: AccountId, feed_id: FeedId) -> None:
        super().__init__(
            f"{feed_id} is none of several feeds of account {account_id}, so nothing can be"
            f" separated; GET /api/v1/accounts/{account_id}/feeds lists them"
        )
        self.account_id, self.feed_id = account_id, feed_id


class AccountsChangedError(ConflictError):
    """Somebody else joined, separated or fed them in that moment."""

    code = "accounts_changed"

    def __init__(self, account_id: AccountId) -> None:
        super().__init__(f"account {account_id} was changed meanwhile; try again")
        self.account_id = account_id


class AccountsAreTwoError(RuleError):
    """What one of them is, the other cannot be."""

    code = "accounts_are_two"

    def __init__(self, one: AccountId, other: AccountId, why: str) -> None:
        super().__init__(f"accounts {one} and {other} cannot be one: {why}")
        self.one, self.other = one, other
