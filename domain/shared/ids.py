"""Names for identifiers, so that an account's id cannot travel as a person's."""

from typing import Final, NewType
from uuid import UUID

UserId = NewType("UserId", UUID)
HOUSE: Final = UserId(UUID(int=0))
"""Nobody: whose audit trail holds what was done to the house, such as turning its keys."""
SessionId = NewType("SessionId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
FeedId = NewType("FeedId", UUID)
"""A stream of observations: a bank connection's, or one account's statement files."""
AccountId = NewType("AccountId", UUID)
EntryId = NewType("EntryId", UUID)
TransferId = NewType("TransferId", UUID)
EventId = NewType("EventId", UUID)
JobId = NewType("JobId", UUID)
ExternalId = NewType("ExternalId", str)
"""The other side's own name for a thing. Case matters; it never identifies across feeds."""
