from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from adapters.memory.database import MemoryDatabase
from adapters.memory.tables import MemoryTables, Table
from application.identity.api_keys.ports import ApiKeyDirectory, ApiKeys
from application.shared.caller import Claims
from domain.identity.api_key import ApiKey, KeyHash
from domain.shared.ids import UserId

API_KEYS: Final = Table[KeyHash, ApiKey]("api_keys")


@dataclass(frozen=True, slots=True)
class MemoryApiKeys(ApiKeys):
    tables: MemoryTables
    acting_for: UserId

    @override
    async def add(self, key: ApiKey) -> None:
        self.tables.of(API_KEYS)[key.hash] = key

    @override
    async def all(self) -> Sequence[ApiKey]:
        mine = [k for k in self.tables.of(API_KEYS).values() if k.user_id == self.acting_for]
        return sorted(mine, key=lambda key: key.id, reverse=True)


@dataclass(frozen=True, slots=True)
class MemoryApiKeyDirectory(ApiKeyDirectory):
    database: MemoryDatabase

    @override
    async def claims_of(self, key: KeyHash) -> Claims | None:
        kept = self.database.tables.of(API_KEYS).get(key)
        if kept is None:
            return None
        return Claims(kept.user_id, kept.id, kept.expires_at, kept.scopes)
