from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.identity.profile.profile import Profile
from application.shared.caller import Caller


@dataclass(frozen=True, slots=True)
class ViewProfileQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class ViewProfile:
    begin: BeginIdentityTx

    async def __call__(self, query: ViewProfileQuery) -> Profile:
        user_id = query.caller.user_id
        async with self.begin(user_id) as tx:
            return Profile.of(await tx.people.get(user_id), await tx.means.of(user_id))
