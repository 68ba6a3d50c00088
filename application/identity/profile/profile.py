from dataclasses import dataclass
from datetime import datetime
from typing import Self

from application.identity.profile.means import Kyc, Means, SignInMeans
from domain.identity.person import Person
from domain.identity.roles import Role
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as they see themselves."""

    id: UserId
    name: str
    email: str | None
    locale: str
    time_zone: str
    currency: str
    role: Role
    sign_in: SignInMeans
    kyc: Kyc
    created_at: datetime

    @classmethod
    def of(cls, person: Person, means: Means) -> Self:
        return cls(
            id=person.id,
            name=person.name.text,
            email=None if person.email is None else person.email.text,
            locale=person.locality.locale,
            time_zone=person.locality.time_zone,
            currency=person.locality.currency,
            role=person.role,
            sign_in=means.sign_in,
            kyc=means.kyc,
            created_at=person.created_at,
        )
