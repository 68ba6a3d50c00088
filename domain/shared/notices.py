"""What a person is told of the life of a consent, in one word each."""

from enum import StrEnum
from typing import NewType
from uuid import UUID

NoticeId = NewType("NoticeId", UUID)


class NoticeKind(StrEnum):
    RENEWAL_OFFERED = "renewal_offered"
    """It ends within a week; renewing now keeps everything going."""
    RENEWAL_REQUIRED = "renewal_required"
    """The bank wants the person to sign in before it tells anything more."""
    CONSENT_EXPIRED = "consent_expired"
    """The same, because the day has come that the provider had named."""
    ACCESS_WITHDRAWN_AT_BANK = "access_withdrawn_at_bank"
    """Somebody took the permission back elsewhere: at the bank, or at the provider."""
    DISCONNECTED = "disconnected"
    """The person withdrew here, and it is done."""
