from dataclasses import dataclass

from sqlalchemy import func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import override

from adapters.postgres.identity.tables import credentials
from adapters.postgres.identity.tables_bankid import bankid_links
from adapters.postgres.identity.tables_factors import totps
from adapters.postgres.identity.tables_passkeys import passkeys
from application.identity.profile.means import Kyc, Means, MeansReader, SignInMeans
from domain.identity.bankid import Assurance
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class PostgresMeans(MeansReader):
    """One statement, and no locks: a profile is looked at often."""

    db: AsyncConnection

    @override
    async def of(self, user_id: UserId) -> Means:
        password = (
            select(credentials.c.id)
            .where(credentials.c.user_id == user_id, credentials.c.kind == "password")
            .exists()
        )
        totp = (
            select(totps.c.id)
            .where(totps.c.user_id == user_id, totps.c.confirmed_at.is_not(None))
            .exists()
        )
        keys = select(func.count()).where(passkeys.c.user_id == user_id).scalar_subquery()
        bankid = (
            select(bankid_links.c.id)
            .where(bankid_links.c.user_id == user_id, bankid_links.c.unlinked_at.is_(None))
            .exists()
        )
        surest = (
            select(bankid_links.c.assurance, bankid_links.c.verified_at)
            .where(bankid_links.c.user_id == user_id)
            .order_by(
                (bankid_links.c.assurance == Assurance.HIGH).desc(),
                bankid_links.c.verified_at.desc(),
            )
            .limit(1)
            .subquery()
        )
        one_row = select(literal(1)).subquery()
        found = await self.db.execute(
            select(password, totp, keys, bankid, surest).select_from(
                one_row.outerjoin(surest, true())
            )
        )
        has_password, has_totp, count, has_bankid, level, verified_at = found.one()
        return Means(
            SignInMeans(has_password, has_totp or count > 0, count, has_bankid),
            Kyc() if level is None else Kyc.by_bankid(Assurance(level), verified_at),
        )
