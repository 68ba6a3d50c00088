import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, select, text, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.database import Database
from adapters.postgres.errors import database_errors
from adapters.postgres.identity.tables_factors import sign_in_challenges
from application.identity.second_factor.ports import ChallengeOwners, Challenges
from application.shared.cipher import Cipher, SealContext
from domain.identity.challenge import ChallengeHash, ChallengeId, SignInChallenge, Waiting
from domain.identity.device import DeviceId
from domain.identity.session import Method, Origin
from domain.shared.ids import UserId
from domain.shared.secret import Secret

ORIGIN: Final = "identity.challenge_origin"
_KEPT: Final = timedelta(days=1)
_TIDY: Final = text("""
    delete from sign_in_challenges where hash in (
        select hash from sign_in_challenges where expires_at < :before
         order by expires_at limit 10 for update skip locked)
""")
"""Each one that begins takes a few along that ran out long ago, so that they never pile up."""
_WAITING: Final = "select user_id, device_id from sign_in_challenges where hash = $1"


@dataclass(frozen=True, slots=True)
class PostgresChallenges(Challenges):
    """No policy guards these rows, so where a sign-in came from is sealed."""

    db: AsyncConnection
    cipher: Cipher
    acting_for: UserId

    @override
    async def add(self, challenge: SignInChallenge) -> None:
        came = challenge.origin
        token = came.device_token.reveal() if came.device_token else None
        origin = json.dumps([came.device, came.address, token]).encode()
        context = SealContext(ORIGIN, challenge.user_id, challenge.id)
        await self.db.execute(_TIDY, {"before": challenge.begun_at - _KEPT})
        await self.db.execute(
            insert(sign_in_challenges).values(
                hash=challenge.hash,
                id=challenge.id,
                user_id=challenge.user_id,
                proved=challenge.proved,
                password_of=challenge.password_of,
                origin=self.cipher.seal(origin, context),
                device_id=challenge.device,
                begun_at=challenge.begun_at,
                expires_at=challenge.expires_at,
                misses=challenge.misses,
                finished_at=challenge.finished_at,
            )
        )

    @override
    async def get(self, challenge: ChallengeHash) -> SignInChallenge | None:
        found = await self.db.execute(
            select(sign_in_challenges)
            .where(
                sign_in_challenges.c.hash == challenge,
                sign_in_challenges.c.user_id == self.acting_for,
            )
            .with_for_update()
        )
        row = found.one_or_none()
        return None if row is None else self._from_row(row)

    @override
    async def save(self, challenge: SignInChallenge) -> None:
        await self.db.execute(
            update(sign_in_challenges)
            .where(sign_in_challenges.c.hash == challenge.hash)
            .values(misses=challenge.misses, finished_at=challenge.finished_at)
        )

    def _from_row(self, row: Row[Any]) -> SignInChallenge:
        sealed_in = SealContext(ORIGIN, UserId(row.user_id), row.id)
        device, address, token = json.loads(self.cipher.open(row.origin, sealed_in))
        return SignInChallenge(
            hash=ChallengeHash(row.hash),
            id=ChallengeId(row.id),
            user_id=UserId(row.user_id),
            proved=Method(row.proved),
            password_of=row.password_of,
            origin=Origin(device, address, Secret(token) if token else None),
            device=_device(row.device_id),
            begun_at=row.begun_at,
            expires_at=row.expires_at,
            misses=row.misses,
            finished_at=row.finished_at,
        )


@dataclass(frozen=True, slots=True)
class PostgresChallengeOwners(ChallengeOwners):
    database: Database

    @override
    async def waiting(self, challenge: ChallengeHash) -> Waiting | None:
        with database_errors():
            found = await self.database.reads.fetchrow(_WAITING, challenge)
        return None if found is None else Waiting(UserId(found[0]), _device(found[1]))


def _device(found: UUID | None) -> DeviceId | None:
    return None if found is None else DeviceId(found)
