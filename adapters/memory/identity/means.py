from dataclasses import dataclass

from typing_extensions import override

from adapters.memory.identity.bankid import BANKID_LINKS
from adapters.memory.identity.factors import TOTPS
from adapters.memory.identity.passkeys import PASSKEYS
from adapters.memory.identity.tables import PASSWORDS
from adapters.memory.tables import MemoryTables
from application.identity.profile.means import Kyc, Means, MeansReader, SignInMeans
from domain.identity.bankid import Assurance
from domain.shared.ids import UserId


@dataclass(frozen=True, slots=True)
class MemoryMeans(MeansReader):
    tables: MemoryTables

    @override
    async def of(self, user_id: UserId) -> Means:
        totp = self.tables.of(TOTPS).get(user_id)
        passkeys = sum(owner == user_id for owner, _ in self.tables.of(PASSKEYS))
        links = [one for one in self.tables.of(BANKID_LINKS).values() if one.user_id == user_id]
        surest = max(
            links, key=lambda one: (one.assurance is Assurance.HIGH, one.verified_at), default=None
        )
        sign_in = SignInMeans(
            password=user_id in self.tables.of(PASSWORDS),
            second_factor=passkeys > 0 or (totp is not None and totp.on),
            passkeys=passkeys,
            bankid=any(one.unlinked_at is None for one in links),
        )
        if surest is None:
            return Means(sign_in)
        return Means(sign_in, Kyc.by_bankid(surest.assurance, surest.verified_at))
