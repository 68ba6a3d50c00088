from dataclasses import dataclass
from datetime import datetime

from application.identity.ports import IdentityTx
from application.shared.chance import Chance, NewIds
from domain.identity.device import (
    DeviceId,
    KnownDevice,
    could_be_one,
    hash_of,
    to_forget,
)
from domain.shared.ids import UserId
from domain.shared.secret import Secret


async def known_device(tx: IdentityTx, token: Secret | None, now: datetime) -> DeviceId | None:
    """The device of this person whose token it is; None: they never signed in from it."""
    # Asked for in any case, so that a sign-in without a token runs the same statements.
    device = await tx.devices.get(hash_of(token or Secret("")))
    return device.id if device is not None and device.alive(now) else None


@dataclass(frozen=True, slots=True)
class RememberDevice:
    """Know a device again that has just signed in. Inside the transaction that does it."""

    ids: NewIds
    chance: Chance

    async def __call__(
        self, tx: IdentityTx, user_id: UserId, token: Secret | None, now: datetime
    ) -> Secret:
        """The token it should bring the next time: the one it brought, or a new one."""
        if token is not None and could_be_one(token):
            known = await tx.devices.get(hash_of(token))
            if known is not None and known.alive(now):
                await tx.devices.put(known.used(now))
                return token
        old = to_forget(await tx.devices.all(), now)
        if old:
            await tx.devices.forget([device.id for device in old])
        fresh = self.chance.token()
        await tx.devices.put(
            KnownDevice(
                user_id=user_id,
                id=DeviceId(self.ids.one()),
                hash=hash_of(fresh),
                created_at=now,
                last_used_at=now,
            )
        )
        return fresh
