from dataclasses import dataclass

from typing_extensions import override

from application.identity.api_keys.ports import ApiKeyDirectory, KeyUses
from application.shared.caller import ApiKeyCheck, Claims
from domain.identity.api_key import hash_of, is_written_right
from domain.identity.errors_api_keys import ApiKeyInvalidError
from domain.shared.secret import Secret


@dataclass(frozen=True, slots=True)
class UseApiKey(ApiKeyCheck):
    directory: ApiKeyDirectory
    uses: KeyUses

    @override
    async def claims_of(self, key: Secret) -> Claims:
        if not is_written_right(key):
            raise ApiKeyInvalidError
        claims = await self.directory.claims_of(hash_of(key))
        if claims is None:
            raise ApiKeyInvalidError
        self.uses.note(claims)
        return claims
