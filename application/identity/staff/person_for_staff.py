from dataclasses import dataclass
from datetime import datetime
from typing import Self

from application.identity.staff.staff import Authority, may, note
from application.shared.audit import AuditTrail
from domain.identity.masking import masked_address, masked_email
from domain.identity.person import Person, PersonStatus
from domain.identity.roles import Permission, Role
from domain.identity.session import Method, Session, SessionKind
from domain.shared.ids import SessionId, UserId


@dataclass(frozen=True, slots=True)
class PersonForStaff:
    """Somebody as those see them who look after accounts: nothing of their money."""

    id: UserId
    name: str
    email: str | None
    masked: bool
    """Whether personal data is hidden in part, because the role may not see all of it."""
    status: PersonStatus
    role: Role
    locale: str
    """The language to answer them in."""
    created_at: datetime

    @classmethod
    def of(cls, person: Person, by: Authority) -> Self:
        full = may(by, Permission.SEE_IN_FULL)
        email = person.email
        return cls(
            id=person.id,
            name=person.name.text,
            email=None if email is None else email.text if full else masked_email(email),
            masked=not full,
            status=person.status,
            role=person.role,
            locale=person.locality.locale,
            created_at=person.created_at,
        )


async def note_shown(audit: AuditTrail, shown: PersonForStaff, by: Authority) -> None:
    """Enter in a person's trail who saw them, and how much.

    An act that found nothing to change only showed them: that is noted, too.
    """
    how = "masked" if shown.masked else "whole"
    await note(audit, shown.id, "identity.person_shown", by, how=how)


@dataclass(frozen=True, slots=True)
class SessionForStaff:
    id: SessionId
    kind: SessionKind
    methods: tuple[Method, ...]
    device: str
    address: str | None
    """Where it came from; only the network when personal data is hidden."""
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, session: Session, by: Authority) -> Self:
        full = may(by, Permission.SEE_IN_FULL)
        address = session.address
        return cls(
            id=session.id,
            kind=session.kind,
            methods=tuple(sorted(session.methods)),
            device=session.device,
            address=address if full or address is None else masked_address(address),
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            expires_at=min(session.idle_expires_at, session.expires_at),
        )
