"""What can be wrong with suggestions and links."""

from uuid import UUID

from domain.shared.errors import ConflictError, NotFoundError, RuleError


class SuggestionNotFoundError(NotFoundError):
    code = "suggestion_not_found"

    def __init__(self, suggestion_id: UUID) -> None:
        super().__init__(f"there is no suggestion {suggestion_id}")
        self.suggestion_id = suggestion_id


class SuggestionClosedError(ConflictError):
    """One of the two has become something else meanwhile, or the person said otherwise."""

    code = "suggestion_closed"

    def __init__(self, suggestion_id: UUID) -> None:
        super().__init__(
            f"suggestion {suggestion_id} does not stand any more: list the open ones again; two"
            " that were confirmed as one are taken apart at /transactions/{id}/links"
        )
        self.suggestion_id = suggestion_id


class LinkNotFoundError(NotFoundError):
    code = "link_not_found"

    def __init__(self, link_id: UUID) -> None:
        super().__init__(f"the transaction has no link {link_id}")
        self.link_id = link_id


class FoundingLinkError(RuleError):
    """What an entry was first told under is the entry itself."""

    code = "link_is_the_first"

    def __init__(self, link_id: UUID) -> None:
        super().__init__(
            f"link {link_id} is what the transaction began with, so there is nothing to take"
            " apart: undo one of its later links, or delete the transaction"
        )
        self.link_id = link_id


class LinkForgottenError(ConflictError):
    """Nobody knows any more what the feed said under that name."""

    code = "link_forgotten"

    def __init__(self, link_id: UUID) -> None:
        super().__init__(
            f"link {link_id} cannot be undone: what its bank said was erased with its connection"
        )
        self.link_id = link_id
