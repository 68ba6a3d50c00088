"""What is asked for by mail: nothing happens until the token that was sent comes back.

Whoever holds the token reads that address's mail. Who the address belongs to is looked up when the
mail is written, never when it is asked for, so that asking tells nothing.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, Self
from uuid import UUID

from domain.identity.email import EmailAddress
from domain.identity.errors_mail import ConfirmationExpiredError, ConfirmationInvalidError
from domain.identity.password import PasswordHash
from domain.identity.person import Person, PersonName, PersonStatus
from domain.identity.refresh import TokenHash, hash_of
from domain.shared.ids import UserId
from domain.shared.secret import Secret

LIFETIME: Final = timedelta(hours=1)
"""How long a token is good for, and how long its mail is tried to be sent."""
MAILS_MAX: Final = 5
"""So many mails of a purpose an address gets in an hour; whoever asks for more gets none."""
MAILS_PER: Final = LIFETIME
"""No longer than a token is good for: who is refused a mail has one whose token still works."""

ConfirmationId = NewType("ConfirmationId", UUID)

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43,64}\Z")


class Purpose(StrEnum):
    REGISTER = "register"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a purpose, not a password
    CHANGE_EMAIL = "change_email"


class Letter(StrEnum):
    """What a mail is about; its words are the templates' business."""

    CONFIRM_ADDRESS = "confirm_address"
    ADDRESS_KNOWN = "address_known"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - a letter, not a password
    CONFIRM_NEW_ADDRESS = "confirm_new_address"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a letter, not a password
    PASSWORD_SET = "password_set"  # noqa: S105 - a letter, not a password
    ADDRESS_CHANGING = "address_changing"
    ADDRESS_CHANGED = "address_changed"
    TOTP_ENABLED = "totp_enabled"
    TOTP_DISABLED = "totp_disabled"
    RECOVERY_CODE_USED = "recovery_code_used"
    RECOVERY_CODES_MADE = "recovery_codes_made"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    PASSKEY_CLONED = "passkey_cloned"
    API_KEY_CREATED = "api_key_created"
    BANKID_LINKED = "bankid_linked"
    BANKID_UNLINKED = "bankid_unlinked"
    RENEWAL_OFFERED = "renewal_offered"
    RENEWAL_REQUIRED = "renewal_required"
    CONSENT_EXPIRED = "consent_expired"
    ACCESS_WITHDRAWN_AT_BANK = "access_withdrawn_at_bank"
    DISCONNECTED = "disconnected"

    @property
    def carries_a_token(self) -> bool:
        return self in _WITH_TOKEN


_WITH_TOKEN: Final = frozenset(
    {Letter.CONFIRM_ADDRESS, Letter.RESET_PASSWORD, Letter.CONFIRM_NEW_ADDRESS}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    id: ConfirmationId
    purpose: Purpose
    email: EmailAddress
    """Where the token goes."""
    asked_at: datetime
    expires_at: datetime
    user_id: UserId | None = None
    """Whose it is, as soon as that is known; nobody's while they register."""
    name: PersonName | None = None
    password: PasswordHash | None = field(default=None, repr=False)
    former: EmailAddress | None = None
    """The address that a new one takes the place of."""
    token: TokenHash | None = field(default=None, repr=False)
    written_at: datetime | None = None
    """When its mail was first written; a mail that is tried again is no second one."""
    used_at: datetime | None = None

    @classmethod
    def registration(
        cls,
        at: ConfirmationId,
        name: PersonName,
        email: EmailAddress,
        password: PasswordHash,
        now: datetime,
    ) -> Self:
        return cls(
            id=at,
            purpose=Purpose.REGISTER,
            email=email,
            asked_at=now,
            expires_at=now + LIFETIME,
            name=name,
            password=password,
        )

    @classmethod
    def password_reset(cls, at: ConfirmationId, email: EmailAddress, now: datetime) -> Self:
        return cls(
            id=at,
            purpose=Purpose.RESET_PASSWORD,
            email=email,
            asked_at=now,
            expires_at=now + LIFETIME,
        )

    @classmethod
    def change_of_email(
        cls,
        at: ConfirmationId,
        user_id: UserId,
        former: EmailAddress | None,
        to: EmailAddress,
        now: datetime,
    ) -> Self:
        return cls(
            id=at,
            purpose=Purpose.CHANGE_EMAIL,
            email=to,
            asked_at=now,
            expires_at=now + LIFETIME,
            user_id=user_id,
            former=former,
        )

    def open(self, now: datetime) -> bool:
        return self.used_at is None and now < self.expires_at

    def letter_to(self, owner: Person | None) -> Letter | None:
        """What to write to the address, given who has it; None: better nothing."""
        match self.purpose:
            case Purpose.REGISTER:
                return Letter.CONFIRM_ADDRESS if owner is None else Letter.ADDRESS_KNOWN
            case Purpose.RESET_PASSWORD:
                # Nobody else could use the token.
                active = owner is not None and owner.status is PersonStatus.ACTIVE
                return Letter.RESET_PASSWORD if active else None
            case Purpose.CHANGE_EMAIL if owner is None:
                return Letter.CONFIRM_NEW_ADDRESS
            case Purpose.CHANGE_EMAIL:
                return None if owner.id == self.user_id else Letter.ADDRESS_KNOWN

    def written(self, token: Secret | None, owner: UserId | None, now: datetime) -> Self:
        """Its mail goes out. A token is good for an hour from now; one of an earlier try is not."""
        written = replace(self, written_at=self.written_at or now)
        if token is None:
            return written
        return replace(
            written,
            token=hash_of(token),
            user_id=owner if self.user_id is None else self.user_id,
            expires_at=now + LIFETIME,
        )

    def used(self, purpose: Purpose, now: datetime) -> Self:
        """Its token has come back. Good once.

        Raises:
            ConfirmationInvalidError: used, or meant for something else.
            ConfirmationExpiredError
        """
        if self.purpose is not purpose or self.used_at is not None:
            raise ConfirmationInvalidError
        if now >= self.expires_at:
            raise ConfirmationExpiredError(self.expires_at)
        return replace(self, used_at=now)


def token_hash(token: Secret) -> TokenHash:
    """What a token is found by. Costs no look at the database.

    Raises:
        ConfirmationInvalidError: it has not the form of one of ours.
    """
    if not _TOKEN.match(token.reveal()):
        raise ConfirmationInvalidError
    return hash_of(token)
