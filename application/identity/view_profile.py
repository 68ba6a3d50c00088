from dataclasses import dataclass

from application.identity.ports import BeginIdentityTx
from application.identity.profile import Profile
from application.shared.caller import Caller


@dataclass(frozen=True, slots=True)
class ViewProfileQuery:
    caller: Caller


@dataclass(frozen=True, slots=True)
class ViewProfile:
    begin: BeginIdentityTx

    async def __call__(self, query: ViewProfileQuery) -> Profile:
        async with self.begin(query.caller.user_id) as tx:
            return Profile.of(await tx.people.get(query.caller.user_id))
